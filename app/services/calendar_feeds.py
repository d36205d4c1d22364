"""Give out a secret address at which a calendar program reads somebody's sessions; take it back."""

from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, NotFound, TooMany
from app.models import CalendarFeed
from app.queries import audit, sign_in_attempts
from app.queries import calendar_feeds as stored
from app.queries.calendar_feeds import Address, Open
from app.queries.credentials import Origin
from app.queries.sign_in_attempts import Subject

MOST_FEEDS: Final = 10
"""So many open feeds one person has at most."""
READS: Final = 60
"""So many reads of one feed within 15 minutes; then there are pauses, each longer than the last."""


class Made(NamedTuple):
    """A new feed, and its address: nobody can look that up later."""

    feed: CalendarFeed
    address: Address


async def add(db: Db, actor: Actor, now: datetime, *, shows_place: bool) -> Made:
    """Open one more feed of the actor's own sessions. Raises `Conflict` for more than `MOST_FEEDS`."""
    if len(await stored.own(db, actor)) >= MOST_FEEDS:
        raise Conflict("too_many_feeds", "You have many calendar addresses already; revoke one first.")
    feed_id = uuid7()
    address = Address.new(actor.organization_id, feed_id)
    is_patient = actor.role is Role.PATIENT
    feed = CalendarFeed(
        organization_id=actor.organization_id, id=feed_id, patient_id=actor.id if is_patient else None,
        staff_member_id=None if is_patient else actor.id, secret_hash=address.hash(),
        shows_place=shows_place, created_at=now,
    )  # fmt: skip
    await db.add(feed)
    _audit(db, actor, Permission.CALENDAR_FEED_MANAGE, feed, now)
    return Made(feed, address)


async def revoke(db: Db, actor: Actor, feed_id: UUID, now: datetime) -> None:
    """Close one of the actor's own feeds; again is fine. Raises `NotFound` for anybody else's."""
    feed = await stored.to_revoke(db, actor, feed_id)
    feed.revoked_at = feed.revoked_at or now
    _audit(db, actor, Permission.CALENDAR_FEED_MANAGE, feed, now)


async def read(db: Db, address: Address, origin: Origin, now: datetime) -> Open:
    """Let in whoever has the address; it is counted, and kept as a read by the owner.

    Raises `NotFound`, the same for an address that never was, is revoked, or whose owner is gone; `TooMany`.
    """
    found = await stored.opened(db, address.feed_id)
    kept = found.feed.secret_hash if found else b""
    if not compare_digest(kept, address.hash()) or found is None:
        raise NotFound
    reads = Subject(sha256(b"calendar feed\0" + address.feed_id.bytes).digest(), READS, is_account=False)
    if (seconds := await sign_in_attempts.count(db, [reads], now)) is not None:
        raise TooMany(seconds, "too_many_reads", "This calendar was read often just now; wait a little.")
    _audit(db, _owner(found, origin), Permission.SESSION_READ, found.feed, now)
    return found


def _owner(of: Open, origin: Origin) -> Actor:
    feed = of.feed
    kind, owner_id = ("patient", feed.patient_id) if feed.patient_id else ("staff", feed.staff_member_id)
    assert owner_id is not None
    return Actor(
        feed.organization_id, kind, owner_id, of.role, feed.id, address=origin.address,
        request_id=origin.request_id,
    )  # fmt: skip


def _audit(db: Db, actor: Actor, action: str, feed: CalendarFeed, now: datetime) -> None:
    audit.record(db, actor, now, action, of="calendar_feed", id=feed.id, patient_id=feed.patient_id)
