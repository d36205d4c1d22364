"""Where a page goes, and the sending of it: what is stored sealed, and what the server is set up with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Self
from uuid import UUID

from pydantic import SecretStr

from app import pager
from app.pager import Kind, Unfit
from app.sealing import Sealer, Unsealable
from app.settings import Settings

SECONDS = 20.0
"""How long one attempt may take."""

_SEPARATORS: Final = str.maketrans("", "", " ().-/")


class Whereto(NamedTuple):
    """How a recipient is reached by a channel; the sealed parts as they are stored.

    `chosen` is their own contact method, `known` the e-mail address or the telephone number in their staff
    record, `gateway` what the organization sends through, or where its outside crisis service is reached.
    """

    locale: str
    chosen: bytes | None
    known: str | None
    gateway: bytes | None


class Delivery(NamedTuple):
    """What became of one attempt: `code` is of a closed set, and never the far side's words.

    Beside those of `pager.Code`: `no_address` (nothing to send to, or to send through) and
    `address_unusable` (sealed with another key, or no address that could be).
    """

    delivered: bool
    code: str


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What a process needs to send pages, and to seal the addresses that they go to."""

    sealer: Sealer
    gateways: Mapping[str, str]
    dashboard: str
    private_hosts: frozenset[str]

    @classmethod
    def of(cls, own: Settings) -> Self:
        """As the environment configures it. Raises `SealingKeyError` without a usable key."""
        named: dict[str, SecretStr | None] = {"email": own.email_gateway, "sms": own.sms_gateway}
        key = own.sealing_key.get_secret_value() if own.sealing_key else None
        return cls(
            sealer=Sealer.load(key, own.signing_keys, generate=own.keys_dir is None),
            gateways={channel: url.get_secret_value() for channel, url in named.items() if url},
            dashboard=own.dashboard,
            private_hosts=own.private_hosts,
        )

    async def send(
        self, organization_id: UUID, recipient_id: UUID, channel: str, whereto: Whereto, kind: Kind, link: str
    ) -> Delivery:
        """Send one notice to somebody. It may take `SECONDS`: hold no transaction meanwhile."""
        try:
            address = self.address(organization_id, recipient_id, channel, whereto)
        except (Unsealable, Unfit):
            return Delivery(False, "address_unusable")
        if address is None:
            return Delivery(False, "no_address")
        notice = pager.notice(kind, whereto.locale, link)
        sent = await pager.notify(address, notice, private_hosts=self.private_hosts, timeout=SECONDS)
        return Delivery(sent.delivered, sent.code)

    def address(
        self, organization_id: UUID, recipient_id: UUID, channel: str, whereto: Whereto
    ) -> str | None:
        """Where a page goes; None when it is not known.

        Raises `Unsealable` for what another key has sealed, `Unfit` for a gateway or recipient that is none.
        """
        if channel == "crisis_service":
            return self.gateway(organization_id, channel, whereto.gateway)
        to = bare(channel, whereto.known) if whereto.known else None
        if whereto.chosen is not None:
            place = contact_place(organization_id, recipient_id, channel)
            to = self.sealer.unseal(whereto.chosen, place=place)
        if channel in {"chat", "pager"}:
            return to
        gateway = self.gateway(organization_id, channel, whereto.gateway)
        return pager.join(gateway, to) if gateway and to else None

    def gateway(self, organization_id: UUID, channel: str, sealed: bytes | None) -> str | None:
        """What pages of a channel go out through: the organization's own, else the server's; None without.

        Raises `Unsealable` for what another key has sealed.
        """
        if sealed is None:
            return self.gateways.get(channel)
        return self.sealer.unseal(sealed, place=gateway_place(organization_id, channel))


def contact_place(organization_id: UUID, staff_member_id: UUID, channel: str) -> str:
    """Where a contact method is kept, as its seal knows it."""
    return f"contact_method:{organization_id}:{staff_member_id}:{channel}"


def gateway_place(organization_id: UUID, channel: str) -> str:
    """Where an organization's gateway is kept, as its seal knows it."""
    return f"gateway:{organization_id}:{channel}"


def bare(channel: str, to: str) -> str:
    """A recipient as gateways know them: a telephone number without what people put between the digits."""
    return to.translate(_SEPARATORS) if channel == "sms" else to
