"""What is wrong with an address that somebody wants pages to go to, and what may be shown of one."""

from collections.abc import Collection, Mapping
from typing import Final

from app import pager
from app.errors import Fault
from app.pager import Unfit
from app.pager.addresses import fit
from app.pager.services import own_host, schema_of
from app.post_office import bare

_SOMEBODY: Final[Mapping[str, str]] = {"email": "nobody@example.com", "sms": "+15550100000"}
_SENTENCES: Final[Mapping[pager.Fault, str]] = {
    pager.Fault.MALFORMED: "This is no address of this kind.",
    pager.Fault.UNKNOWN_SERVICE: "Pages of this channel do not go out through this service.",
    pager.Fault.SETTING_REFUSED: "Has a setting that is not allowed here.",
    pager.Fault.NOT_ONE_RECIPIENT: "A gateway names no recipient, any other address exactly one.",
    pager.Fault.NOT_ENCRYPTED: "Would be spoken to without encryption.",
    pager.Fault.HOST_UNKNOWN: "Its host cannot be found.",
    pager.Fault.HOST_FORBIDDEN: "Its host is not on the public internet.",
}


def fault(pointer: str, of: pager.Fault) -> Fault:
    """A fault of an address as a refusal names it: never with the address."""
    return Fault(pointer, of.value, _SENTENCES[of])


async def fault_of_service(channel: str, address: str, hosts: Collection[str]) -> pager.Fault | None:
    """What is wrong with an address of a chat or pager service. Asks the DNS, for a few seconds at most."""
    if pager.channel_of(address) != channel:
        return pager.Fault.UNKNOWN_SERVICE
    return await pager.fault_of(address, private_hosts=hosts)


def fault_of_recipient(gateway: str, to: str) -> pager.Fault | None:
    """What is wrong with an e-mail address or a telephone number, at the gateway that leads there."""
    try:
        pager.join(gateway, to)
    except Unfit as unfit:
        return unfit.fault
    return None


async def fault_of_gateway(channel: str, gateway: str, hosts: Collection[str]) -> pager.Fault | None:
    """What is wrong with a gateway of e-mail or SMS, or the address of a crisis service. Asks the DNS."""
    kind = pager.channel_of(gateway)
    if channel == "crisis_service":
        somebody = _SOMEBODY.get(kind or "")
        if somebody and fault_of_recipient(gateway, somebody) is None:
            return pager.Fault.NOT_ONE_RECIPIENT  # some services then write to the sender
        return await pager.fault_of(gateway, private_hosts=hosts)
    if kind != channel:
        return pager.Fault.UNKNOWN_SERVICE
    if found := fault_of_recipient(gateway, _SOMEBODY[channel]):
        return found
    return await pager.fault_of(pager.join(gateway, _SOMEBODY[channel]), private_hosts=hosts)


def hint_of_recipient(channel: str, to: str) -> str:
    """`c…@clinic.example`, `…0142`."""
    if channel == "sms":
        return f"…{bare(channel, to)[-4:]}"
    return f"{to[0]}…@{to.rpartition('@')[2]}"


def hint_of_service(address: str, hosts: Collection[str]) -> str:
    """`json://pager.example…`; without a host where the service has one for everybody: `slack://…`.

    `address` is one without a fault.
    """
    schema = schema_of(address)
    host = own_host(schema, fit(address, hosts))
    return f"{schema}://{host or ''}…"


def hint_of_gateway(channel: str, gateway: str, hosts: Collection[str]) -> str:
    """As `hint_of_service`, of a gateway without a fault."""
    to = _SOMEBODY.get(channel)
    return hint_of_service(pager.join(gateway, to) if to else gateway, hosts)
