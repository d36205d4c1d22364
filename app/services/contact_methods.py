"""Say how a staff member is reached, and try it."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, NotFound, TooMany, Unacceptable
from app.models import ContactMethod
from app.post_office import PostOffice, Whereto, bare, contact_place
from app.queries import audit, gateways, pages, sign_in_attempts
from app.queries import contact_methods as stored
from app.queries.sign_in_attempts import Subject
from app.sealing import Unsealable
from app.services import addresses

TESTS = 5
"""So many test pages to one person within 15 minutes; then there are pauses, each longer than the last."""

_THROUGH_A_GATEWAY = ("email", "sms")


@dataclass(frozen=True, slots=True)
class Draft:
    """One way to reach somebody. Without an address the one that is kept stays."""

    channel: str
    severities: Sequence[str]
    address: str | None


async def faults_of_services(office: PostOffice, drafts: Sequence[Draft]) -> Sequence[Fault]:
    """What is wrong with the addresses of chat and pager services. Asks the DNS: hold no transaction."""
    asked = {
        index: addresses.fault_of_service(draft.channel, draft.address, office.private_hosts)
        for index, draft in enumerate(drafts)
        if draft.address is not None and draft.channel not in _THROUGH_A_GATEWAY
    }
    answers = zip(asked, await asyncio.gather(*asked.values()), strict=True)
    return [addresses.fault(_pointer(index), found) for index, found in answers if found]


async def put(
    db: Db, actor: Actor, staff_member_id: UUID, drafts: Sequence[Draft], *, office: PostOffice,
    faults: Sequence[Fault], now: datetime,
) -> Sequence[ContactMethod]:  # fmt: skip
    """Make these, in this order, all the ways to reach somebody.

    `faults` are those that are known already. Raises `NotFound`, and `Unacceptable` with every fault.
    """
    kept = {each.channel: each for each in await stored.to_change(db, actor, staff_member_id)}
    of = _Person(office, actor.organization_id, staff_member_id, kept, await gateways.sealed(db, actor))
    if found := [*faults, *of.faults(drafts)]:
        raise Unacceptable(sorted(found, key=lambda fault: fault.pointer))
    methods = [of.method(draft, position, now) for position, draft in enumerate(drafts)]
    await stored.replace(db, staff_member_id, methods)
    _audit(db, actor, staff_member_id, now)
    return methods


async def begin_test(db: Db, actor: Actor, staff_member_id: UUID, channel: str, now: datetime) -> Whereto:
    """Where a test page is to go; it is counted.

    Raises `NotFound` for somebody who is not reached by this channel, `TooMany` for one test too many.
    """
    await stored.of(db, actor, staff_member_id)
    whereto = await pages.whereto(db, staff_member_id, channel)
    if whereto is None or (whereto.chosen is None and whereto.known is None):
        raise NotFound("no_contact_method", "There is no address for this channel.")
    counted = Subject(sha256(b"test page\0" + staff_member_id.bytes).digest(), TESTS, is_account=False)
    if (seconds := await sign_in_attempts.count(db, [counted], now)) is not None:
        raise TooMany(seconds, "too_many_tests", "There were many tests just now; wait a little.")
    _audit(db, actor, staff_member_id, now)
    return whereto


@dataclass(frozen=True, slots=True)
class _Person:
    """Whose methods they are, which are kept, and what (sealed) their organization sends through."""

    office: PostOffice
    organization_id: UUID
    id: UUID
    kept: Mapping[str, ContactMethod]
    gateways: Mapping[str, bytes]

    def faults(self, drafts: Sequence[Draft]) -> Iterator[Fault]:
        channels = [draft.channel for draft in drafts]
        for index, draft in enumerate(drafts):
            if draft.channel in channels[:index]:
                yield Fault(f"/items/{index}/channel", "repeated", "Each channel stands here once.")
            elif draft.address is None and draft.channel not in self.kept:
                yield Fault(_pointer(index), "missing", "There is none that could be kept.")
            elif draft.address is not None and draft.channel in _THROUGH_A_GATEWAY:
                yield from self._faults_at_gateway(index, draft.channel, draft.address)

    def _faults_at_gateway(self, index: int, channel: str, address: str) -> Iterator[Fault]:
        try:
            gateway = self.office.gateway(self.organization_id, channel, self.gateways.get(channel))
        except Unsealable:
            gateway = None
        if gateway is None:
            why = "Nothing is set up that pages of this channel could go out through."
            yield Fault(f"/items/{index}/channel", "no_gateway", why)
        elif found := addresses.fault_of_recipient(gateway, bare(channel, address)):
            yield addresses.fault(_pointer(index), found)

    def method(self, draft: Draft, position: int, now: datetime) -> ContactMethod:
        sealed, hint = self._sealed(draft.channel, draft.address)
        return ContactMethod(
            organization_id=self.organization_id, staff_member_id=self.id, channel=draft.channel,
            position=position, severities=list(draft.severities), address=sealed, hint=hint, changed_at=now,
        )  # fmt: skip

    def _sealed(self, channel: str, address: str | None) -> tuple[bytes, str]:
        if address is None:
            return self.kept[channel].address, self.kept[channel].hint
        place = contact_place(self.organization_id, self.id, channel)
        if channel in _THROUGH_A_GATEWAY:
            to = bare(channel, address)
            return self.office.sealer.seal(to, place=place), addresses.hint_of_recipient(channel, to)
        hint = addresses.hint_of_service(address, self.office.private_hosts)
        return self.office.sealer.seal(address, place=place), hint


def _pointer(index: int) -> str:
    return f"/items/{index}/address"


def _audit(db: Db, actor: Actor, staff_member_id: UUID, now: datetime) -> None:
    audit.record(db, actor, now, Permission.CONTACT_METHOD_MANAGE, of="contact_method", id=staff_member_id)
