"""The services that a page may go out through: a closed list of apprise's schemas, and of their settings.

A schema or a setting that does not stand here is refused. That keeps out what runs programs or reads files
(`template`, `attach`, `pgppub`), what would loosen a connection (`verify`, `redirect`), what would wait
(`delay`, `retry`) and what would call a page sent that was not (`optional`, `action=resolve`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from apprise import NotifyBase


class Channel(StrEnum):
    """The ways to reach somebody."""

    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"
    PAGER = "pager"


@dataclass(frozen=True, slots=True)
class Service:
    """One schema: its channel, the settings that its address may have, and how to see where it connects.

    `prefixes` are the marks of free settings: `+` of an HTTP header, `-` of a query parameter. `host` is the
    attribute of apprise's plugin that holds a host of the address's own; None for a service that has one host
    for everybody. `link` is the attribute for the page that opens at a tap.
    """

    channel: Channel
    settings: frozenset[str]
    prefixes: str = ""
    host: str | None = None
    link: str | None = None


_SIGN_IN = frozenset({"user", "pass", "password"})


def _service(
    channel: Channel, settings: str, *, prefixes: str = "", host: str | None = None, link: str | None = None
) -> Service:
    return Service(channel, _SIGN_IN | frozenset(settings.split()), prefixes, host, link)


_MAIL = _service(Channel.EMAIL, "from mode name port reply smtp to", host="smtp_host")
_MATTERMOST = _service(Channel.CHAT, "botname channel channels port to", host="host")
_MATRIX = _service(Channel.CHAT, "port to token version", host="host")
_ROCKET = _service(Channel.CHAT, "mode port to webhook", host="host")
_WORKFLOW = _service(Channel.CHAT, "api-version id pa powerautomate port route routeid sig ver", host="host")
_NTFY = _service(Channel.PAGER, "auth mode port priority to token xtags", host="host", link="click")
_GOTIFY = _service(Channel.PAGER, "port priority", host="host")
_JSON = _service(Channel.PAGER, "port", prefixes="+-", host="host")
_SPLUNK = _service(Channel.PAGER, "apikey entity_id route routing_key")

SERVICES: Final[Mapping[str, Service]] = MappingProxyType({
    "mailto": _MAIL,
    "mailtos": _MAIL,
    "bulksms": _service(Channel.SMS, "from route to unicode"),
    "clickatell": _service(Channel.SMS, "apikey from to"),
    "clicksend": _service(Channel.SMS, "key to"),
    "msgbird": _service(Channel.SMS, "from to"),
    "plivo": _service(Channel.SMS, "from id to token"),
    "sinch": _service(Channel.SMS, "from region spi to token"),
    "sns": _service(Channel.SMS, "access key mode region secret to token"),
    "telnyx": _service(Channel.SMS, "from key profile to"),
    "twilio": _service(Channel.SMS, "apikey from method sid to token"),
    "vonage": _service(Channel.SMS, "from key secret to ttl"),
    "discord": _service(Channel.CHAT, "thread"),
    "gchat": _service(Channel.CHAT, "key thread token workspace"),
    "matrix": _MATRIX,
    "matrixs": _MATRIX,
    "mmost": _MATTERMOST,
    "mmosts": _MATTERMOST,
    "rocket": _ROCKET,
    "rockets": _ROCKET,
    "slack": _service(Channel.CHAT, "mode to token"),
    "tgram": _service(Channel.CHAT, "thread to topic"),
    "workflow": _WORKFLOW,
    "workflows": _WORKFLOW,
    "wxteams": _service(Channel.CHAT, "mode to token"),
    "zulip": _service(Channel.CHAT, "to token", host="host"),
    "gotify": _GOTIFY,
    "gotifys": _GOTIFY,
    "json": _JSON,
    "jsons": _JSON,
    "ntfy": _NTFY,
    "ntfys": _NTFY,
    "opsgenie": _service(Channel.PAGER, "entity priority region tags to"),
    "pagerduty": _service(Channel.PAGER, "class group region severity", link="click"),
    "pover": _service(
        Channel.PAGER, "expire interval key priority sound to", link="supplemental_url"
    ),
    "splunk": _SPLUNK,
    "squadcast": _service(Channel.PAGER, "key priority region"),
})  # fmt: skip

CHANNELS: Final[Mapping[Channel, frozenset[str]]] = MappingProxyType(
    {
        channel: frozenset(schema for schema, service in SERVICES.items() if service.channel is channel)
        for channel in Channel
    }
)
"""The schemas of each channel."""


def channel_of(address: str) -> Channel | None:
    """The channel that an address belongs to; None for a service that no page goes out through."""
    service = SERVICES.get(schema_of(address))
    return service.channel if service else None


def schema_of(address: str) -> str:
    """What stands before `://`, in lower case."""
    return address.partition("://")[0].lower()


def own_host(schema: str, plugin: NotifyBase) -> str | None:
    """The host that this address brings along, in lower case; None when the service's own is connected to."""
    attribute = SERVICES[schema].host
    in_the_cloud = schema.startswith("ntfy") and getattr(plugin, "mode", None) == "cloud"
    if attribute is None or in_the_cloud:
        return None
    if schema == "zulip":  # an organization there is a part of a name, or a whole one
        return f"{getattr(plugin, 'organization', '')}.{getattr(plugin, 'hostname', '')}".lower()
    return str(getattr(plugin, attribute)).strip("[]").lower()


def is_encrypted(schema: str, plugin: NotifyBase) -> bool:
    """Whether this address is spoken to through TLS, which nobody can then switch off."""
    if SERVICES[schema].channel is Channel.EMAIL:
        return getattr(plugin, "secure_mode", "insecure") != "insecure"
    return bool(plugin.secure) or schema in {"workflow", "zulip"} or own_host(schema, plugin) is None
