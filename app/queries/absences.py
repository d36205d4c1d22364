"""Stays in which silence may be news by now."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.database import Db
from app.models import AlertOccurrence, Enrollment
from app.queries import everything
from app.queries.histories import Context
from app.rules.reading import Reading

KIND = "absence"
"""What stands as the source of an occurrence that no answer brought about."""

_LOCK: Final = """
    select p.id, e.status in ('active', 'on_leave'), e.absence_due_at from patient p
    join enrollment e on e.organization_id = p.organization_id and e.patient_id = p.id
    where e.organization_id = %s and e.id = %s and e.absence_due_at <= %s
    for no key update of p skip locked
"""
_SET: Final = (
    "update enrollment"
    " set absence_due_at = case when status in ('active', 'on_leave') then %s::timestamptz end"
    # Whoever has asked for a look meanwhile gets one: their moment stands.
    " where organization_id = %s and id = %s and absence_due_at is not distinct from %s"
)
_AGAIN: Final = (
    "update enrollment set absence_due_at = %s"
    " where organization_id = %s and patient_id = %s and status in ('active', 'on_leave')"
)
_SOONER: Final = (
    "update enrollment set absence_due_at = least(absence_due_at, %s)"
    " where organization_id = %s and id = %s and status in ('active', 'on_leave')"
)


class Claimed(NamedTuple):
    """A stay whose moment has passed: its patient, locked, and everything that the rules read of them."""

    patient_id: UUID
    is_running: bool
    due_at: datetime
    context: Context
    readings: Sequence[Reading]


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The stays whose moment has passed, the longest waiting first."""
    statement = (
        select(Enrollment.id)
        .where(Enrollment.organization_id == db.organization_id, Enrollment.absence_due_at <= now)
        .order_by(Enrollment.absence_due_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, enrollment_id: UUID, now: datetime) -> Claimed | None:
    """Lock the patient of a stay until the commit, and read their history.

    None when the moment is no longer past, or somebody else is at this patient: an answer that comes in sets
    the moment anew, and the next sweep sees to the rest.
    """
    async with db.pipeline() as driver:
        cursor = await driver.execute(_LOCK, (db.organization_id, enrollment_id, now))
    if (locked := await cursor.fetchone()) is None:
        return None
    patient_id, is_running, due_at = locked
    known = everything.told(await everything.rows(db, patient_id, now))
    assert known is not None, "the stay's patient is there"
    return Claimed(patient_id, is_running, due_at, *known)


def set_due(db: Db, enrollment_id: UUID, moment: datetime | None, instead_of: datetime | None) -> None:
    """When silence may next be news in a stay, unless somebody has set another moment since it was read.

    None for never; a stay that is over knows no moment.
    """
    db.at_commit(_SET, (moment, db.organization_id, enrollment_id, instead_of))


def set_sooner(db: Db, enrollment_id: UUID, moment: datetime) -> None:
    """Look at a running stay at this moment at the latest."""
    db.at_commit(_SOONER, (moment, db.organization_id, enrollment_id))


def look_again(db: Db, patient_id: UUID, now: datetime) -> None:
    """Have a patient's running stay looked at: their days begin at other moments now."""
    db.at_commit(_AGAIN, (now, db.organization_id, patient_id))


async def raised(db: Db, episodes: Collection[UUID]) -> Collection[UUID]:
    """Those of these episodes of absence that were found before, whatever became of their alerts."""
    statement = select(AlertOccurrence.source_id).where(
        AlertOccurrence.organization_id == db.organization_id,
        AlertOccurrence.source_kind == KIND,
        AlertOccurrence.source_id.in_(episodes),
    )
    return set(await db.scalars(statement))
