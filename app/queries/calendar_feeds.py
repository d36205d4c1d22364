"""Calendar feeds: whose they are, what proves that somebody may read one, and whether it is open."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_bytes
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import QueryableAttribute

from app.access import Actor, Role
from app.database import Db
from app.errors import NotFound
from app.models import CalendarFeed, Credential, Enrollment, Patient, StaffMember
from app.queries.enrollments import RUNNING

_PARTS = 16 + 16 + 32


@dataclass(frozen=True, slots=True)
class Address:
    """The secret part of a feed's address, taken apart: where to find the feed, and what proves it."""

    organization_id: UUID
    feed_id: UUID
    secret: bytes

    @classmethod
    def new(cls, organization_id: UUID, feed_id: UUID) -> Self:
        """With a fresh secret of 256 random bits."""
        return cls(organization_id, feed_id, token_bytes(32))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no address of ours."""
        try:
            parts = urlsafe_b64decode(text + "==")
        except ValueError:
            return None
        if len(parts) != _PARTS:
            return None
        address = cls(UUID(bytes=parts[:16]), UUID(bytes=parts[16:32]), parts[32:])
        return address if address.text() == text else None

    def text(self) -> str:
        """What stands in the URL: 86 characters."""
        parts = self.organization_id.bytes + self.feed_id.bytes + self.secret
        return urlsafe_b64encode(parts).decode().rstrip("=")

    def hash(self) -> bytes:
        """What we keep. The secret is random enough for a plain hash."""
        return sha256(b"calendar feed\0" + self.secret).digest()


class Open(NamedTuple):
    """A feed that is not revoked, of somebody who is in a stay or on the staff, and may sign in."""

    feed: CalendarFeed
    role: Role
    locale: str


async def own(db: Db, actor: Actor) -> Sequence[CalendarFeed]:
    """The actor's own feeds that are not revoked, the newest first."""
    statement = select(CalendarFeed).where(_own(actor), CalendarFeed.revoked_at.is_(None))
    return (await db.scalars(statement.order_by(CalendarFeed.id.desc()))).all()


async def to_revoke(db: Db, actor: Actor, feed_id: UUID) -> CalendarFeed:
    """One of the actor's own feeds, locked until the commit. Raises `NotFound` for anybody else's."""
    statement = select(CalendarFeed).where(_own(actor), CalendarFeed.id == feed_id).with_for_update()
    feed: CalendarFeed | None = await db.scalar(statement)
    if feed is None:
        raise NotFound
    return feed


async def opened(db: Db, feed_id: UUID) -> Open | None:
    """The feed with this id, if it may be read by whoever has its secret."""
    in_a_stay = (
        select(Enrollment.id)
        .where(
            Enrollment.organization_id == db.organization_id,
            Enrollment.patient_id == CalendarFeed.patient_id,
            Enrollment.status.in_(RUNNING),
        )
        .exists()
    )
    shut_out = (
        select(Credential.id)
        .where(
            Credential.organization_id == db.organization_id,
            or_(
                Credential.patient_id == CalendarFeed.patient_id,
                Credential.staff_member_id == CalendarFeed.staff_member_id,
            ),
            Credential.disabled_at.is_not(None),
        )
        .exists()
    )
    statement = (
        select(CalendarFeed, Patient.locale, StaffMember.locale.label("staff_locale"), StaffMember.role)
        .outerjoin(Patient, _is(Patient, CalendarFeed.patient_id))
        .outerjoin(StaffMember, _is(StaffMember, CalendarFeed.staff_member_id))
        .where(
            CalendarFeed.organization_id == db.organization_id,
            CalendarFeed.id == feed_id,
            CalendarFeed.revoked_at.is_(None),
            or_(in_a_stay, StaffMember.active),
            ~shut_out,
        )
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    return Open(row.CalendarFeed, Role(row.role or Role.PATIENT), row.locale or row.staff_locale)


def _own(actor: Actor) -> ColumnElement[bool]:
    owner = CalendarFeed.patient_id if actor.role is Role.PATIENT else CalendarFeed.staff_member_id
    return and_(CalendarFeed.organization_id == actor.organization_id, owner == actor.id)


def _is(person: type[Patient | StaffMember], id: QueryableAttribute[UUID | None]) -> ColumnElement[bool]:
    return and_(person.organization_id == CalendarFeed.organization_id, person.id == id)
