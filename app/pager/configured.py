"""The pager that the environment configures, which needs no database: looked at when a process starts."""

from collections.abc import Iterator

from pydantic import SecretStr

from app.pager.addresses import Fault, fault_in, gateway_fault_in
from app.pager.services import Channel, channel_of
from app.settings import Settings

_EXAMPLES = {
    "HANDRAIL_FALLBACK_PAGER": "apprise addresses separated by spaces, such as "
    "mailtos://user:password@smtp.example?from=handrail@clinic.example&to=engineer@clinic.example",
    "HANDRAIL_EMAIL_GATEWAY": "an apprise address of a mail server without a recipient, such as "
    "mailtos://user:password@smtp.example?from=handrail@clinic.example",
    "HANDRAIL_SMS_GATEWAY": "an apprise address of an SMS service without a recipient, such as "
    "twilio://SID:TOKEN@+15550100000",
}


class Misconfigured(Exception):
    """Settings that no page could go out with. The text names the setting, never its content."""


def check(own: Settings) -> None:
    """Raise Misconfigured for a pager or a gateway that could not be used."""
    for name, fault in _faults(own):
        raise Misconfigured(f"{name} cannot be used ({fault}). Set it to {_EXAMPLES[name]}")


def fallback_addresses(own: Settings) -> tuple[str, ...]:
    """Where the operator is paged when nothing else works; empty when it is not configured."""
    return tuple(_text(own.fallback_pager).split())


def _faults(own: Settings) -> Iterator[tuple[str, Fault]]:
    hosts = own.private_hosts
    for address in fallback_addresses(own):
        if fault := fault_in(address, hosts):
            yield "HANDRAIL_FALLBACK_PAGER", fault
    for name, gateway, channel in (
        ("HANDRAIL_EMAIL_GATEWAY", _text(own.email_gateway), Channel.EMAIL),
        ("HANDRAIL_SMS_GATEWAY", _text(own.sms_gateway), Channel.SMS),
    ):
        if not gateway:
            continue
        if channel_of(gateway) is not channel:
            yield name, Fault.UNKNOWN_SERVICE
        elif fault := gateway_fault_in(gateway, hosts):
            yield name, fault


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value().strip() if secret else ""
