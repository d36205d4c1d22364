"""Addresses that a page can go to: which are acceptable, and how a gateway and a recipient make one.

An address is an apprise URL (`slack://…`, `mailtos://…`) and holds secrets: it is never logged, and no error
here quotes it.
"""

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.plugins import url_to_dict

from app.pager.guard import addresses_of, is_public
from app.pager.services import SERVICES, Channel, channel_of, is_encrypted, own_host, schema_of

_ADDRESS = re.compile(r"[!-~]{1,2048}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", re.ASCII)
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # ITU-T E.164
_RECIPIENTS = {Channel.EMAIL: _EMAIL, Channel.SMS: _PHONE}

_ASSET = AppriseAsset(
    app_id="Handrail", app_desc="Handrail", app_url="", image_url_mask="", image_url_logo="",
    image_path_mask="", storage_mode="memory", http_redirects=False, pgp_autogen=False, pem_autogen=False,
    secure_logging=True, allow_templates=False,
)  # fmt: skip


class Fault(StrEnum):
    """Why an address is not acceptable."""

    MALFORMED = "malformed"
    UNKNOWN_SERVICE = "unknown_service"
    SETTING_REFUSED = "setting_refused"
    NOT_ONE_RECIPIENT = "not_one_recipient"
    NOT_ENCRYPTED = "not_encrypted"
    HOST_UNKNOWN = "host_unknown"
    HOST_FORBIDDEN = "host_forbidden"


class Unfit(Exception):
    """An address that no page may go to. It carries the fault, never the address."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def fit(address: str, private_hosts: Collection[str]) -> NotifyBase:
    """Apprise's plugin for an address, judged as far as can be without asking the network. Raises Unfit."""
    schema = schema_of(address)
    if not _ADDRESS.fullmatch(address) or "://" not in address:
        raise Unfit(Fault.MALFORMED)
    if schema not in SERVICES:
        raise Unfit(Fault.UNKNOWN_SERVICE)
    parsed = _parsed(address)
    if not all(_is_a_setting(schema, name) for name in parsed["qsd"]):
        raise Unfit(Fault.SETTING_REFUSED)
    plugin = _plugin(parsed)
    if len(plugin) != 1:
        raise Unfit(Fault.NOT_ONE_RECIPIENT)
    if not is_encrypted(schema, plugin) and own_host(schema, plugin) not in private_hosts:
        raise Unfit(Fault.NOT_ENCRYPTED)
    return plugin


def look_up(address: str, plugin: NotifyBase, private_hosts: Collection[str]) -> None:
    """See that the address's own host is one of the open internet, or named. Raises Unfit. Asks the DNS."""
    host = own_host(schema_of(address), plugin)
    if host is None or host in private_hosts:
        return
    try:
        found = addresses_of(host)
    except (OSError, UnicodeError):
        raise Unfit(Fault.HOST_UNKNOWN) from None
    if not all(is_public(each) for each in found):
        raise Unfit(Fault.HOST_FORBIDDEN)


def fault_in(address: str, private_hosts: Collection[str] = ()) -> Fault | None:
    """What is wrong with an address, as far as can be told without asking the network."""
    try:
        fit(address, private_hosts)
    except Unfit as unfit:
        return unfit.fault
    return None


def join(gateway: str, to: str) -> str:
    """The address of one recipient (an e-mail address, or a phone number in E.164) at a gateway.

    Raises Unfit: MALFORMED for a recipient that is none, or a gateway that is; UNKNOWN_SERVICE for a gateway
    of another channel; NOT_ONE_RECIPIENT for a gateway that names recipients already.
    """
    channel = channel_of(gateway)
    if channel not in _RECIPIENTS:
        raise Unfit(Fault.UNKNOWN_SERVICE)
    if not _RECIPIENTS[channel].fullmatch(to):
        raise Unfit(Fault.MALFORMED)
    address = f"{gateway}{'&' if '?' in gateway else '?'}to={quote(to, safe='')}"
    if "to" in _parsed(gateway)["qsd"] or _recipients(address) != [_bare(to)]:
        raise Unfit(Fault.NOT_ONE_RECIPIENT)
    return address


def gateway_fault_in(gateway: str, private_hosts: Collection[str] = ()) -> Fault | None:
    """What is wrong with a gateway of e-mail or SMS, without asking the network."""
    example = "nobody@example.com" if channel_of(gateway) is Channel.EMAIL else "+15550100000"
    try:
        return fault_in(join(gateway, example), private_hosts)
    except Unfit as unfit:
        return unfit.fault


def _parsed(address: str) -> dict[str, Any]:
    """An address in apprise's own words, its settings under `qsd`. Raises Unfit(MALFORMED)."""
    parsed = url_to_dict(address)  # type: ignore[no-untyped-call]  # apprise types most of itself
    if not parsed or "qsd" not in parsed:
        raise Unfit(Fault.MALFORMED)
    return dict(parsed)


def _plugin(parsed: dict[str, Any]) -> NotifyBase:
    plugin = Apprise.instantiate(parsed, asset=_ASSET)
    if plugin is None:
        raise Unfit(Fault.MALFORMED)
    return plugin


def _is_a_setting(schema: str, name: str) -> bool:
    service = SERVICES[schema]
    return name in service.settings or (len(name) > 1 and name[0] in service.prefixes)


def _recipients(address: str) -> list[str]:
    """To whom apprise would send, as bare as `_bare` makes them. Raises Unfit(MALFORMED)."""
    plugin = _plugin(_parsed(address))
    targets = getattr(plugin, "targets", None) or getattr(plugin, "phone", [])
    return [_bare(str(target[-1] if isinstance(target, tuple) else target)) for target in targets]


def _bare(recipient: str) -> str:
    return recipient.removeprefix("+").lower()
