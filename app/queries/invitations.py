"""Invitations that are still open."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, update

from app.database import Db
from app.models import Invitation
from app.queries.credentials import Person


async def open_one(db: Db, invitation_id: UUID, now: datetime) -> Invitation | None:
    """An invitation that can be accepted."""
    found: Invitation | None = await db.scalar(
        select(Invitation).where(_open(db, now), Invitation.id == invitation_id)
    )
    return found


async def claim(db: Db, invitation_id: UUID, now: datetime) -> bool:
    """Mark an open invitation as accepted; of two who try, one."""
    statement = (
        update(Invitation)
        .where(_open(db, now), Invitation.id == invitation_id)
        .values(accepted_at=now)
        .returning(Invitation.id)
    )
    return (await db.execute(statement)).first() is not None


async def close_earlier(db: Db, person: Person, now: datetime) -> Sequence[bytes]:
    """End a person's open invitations; the hashes of their codes."""
    statement = (
        update(Invitation)
        .where(
            _open(db, now),
            Invitation.patient_id.is_not_distinct_from(person.patient_id),
            Invitation.staff_member_id.is_not_distinct_from(person.staff_member_id),
            Invitation.supporter_id.is_not_distinct_from(person.supporter_id),
        )
        .values(expires_at=now)
        .returning(Invitation.secret_hash)
    )
    return (await db.scalars(statement)).all()


def _open(db: Db, now: datetime) -> ColumnElement[bool]:
    return and_(
        Invitation.organization_id == db.organization_id,
        Invitation.accepted_at.is_(None),
        Invitation.expires_at > now,
    )
