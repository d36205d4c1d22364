"""Sessions in which somebody may be missing by now, or still be in the room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.database import Db
from app.models import Attendance, TreatmentSession
from app.queries import attendances
from app.queries.attendances import Sitting
from app.queries.rosters import EXPECTED

_CLAIM: Final[LiteralString] = """
    select id from treatment_session where organization_id = %s and id = %s and reckon_at <= %s
    for no key update skip locked
"""
# Not by the version that people name: nobody has changed the session.
_SET: Final[LiteralString] = (
    "update treatment_session set reckon_at = %s where organization_id = %s and id = %s"
)
# Who is booked to make up for something is asked for the same: a stay on that day, and no leave.
_MISSING: Final[LiteralString] = f"""
    select x.patient_id from ({EXPECTED}) x
    join treatment_session s on s.organization_id = %(org)s and s.id = x.session_id
    left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      and a.patient_id = x.patient_id
    where x.session_id = %(session)s and coalesce(a.status, 'expected') = 'expected'
      and exists (
        select 1 from enrollment e
        where e.organization_id = s.organization_id and e.patient_id = x.patient_id
          and e.program_id = s.program_id and e.starts_on <= s.local_date
          and (e.ends_on > s.local_date
               or e.status in ('active', 'on_leave') and coalesce(e.ends_on, s.local_date) >= s.local_date))
      and not exists (
        select 1 from leave_of_absence l
        where l.organization_id = s.organization_id and l.patient_id = x.patient_id
          and l.starts_at <= s.starts_at and (l.ends_at is null or l.ends_at > s.starts_at))
    order by x.patient_id limit %(limit)s
"""  # noqa: S608 - the parts are constants, and the rest is bound
_ANEW: Final[LiteralString] = """
    update treatment_session
    set reckon_at = greatest(%(now)s, least(starts_at + make_interval(mins => %(minutes)s), ends_at))
    where organization_id = %(org)s and program_id = %(program)s and status = 'planned'
      and reckon_at > %(now)s
      and (reckon_at < ends_at or starts_at + make_interval(mins => %(before)s) >= ends_at)
"""


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The sessions whose moment has passed, the longest waiting first."""
    statement = (
        select(TreatmentSession.id)
        .where(TreatmentSession.organization_id == db.organization_id, TreatmentSession.reckon_at <= now)
        .order_by(TreatmentSession.reckon_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, session_id: UUID, now: datetime) -> Sitting | None:
    """Lock a session whose moment has passed until the commit. None when it has not, or somebody else is at
    it, or somebody is just being recorded in it: the next sweep sees to it."""
    cursor = await (await db.driver()).execute(_CLAIM, (db.organization_id, session_id, now))
    if await cursor.fetchone() is None:
        return None
    return await attendances.any_sitting(db, session_id)


async def missing(db: Db, session_id: UUID, limit: int) -> Sequence[UUID]:
    """The patients who are expected in a session and of whom nobody knows that they came, or are excused, in
    the order of their ids. Who has a stay no more, or is on leave, is not missing."""
    values = {"org": db.organization_id, "session": session_id, "limit": limit}
    cursor = await (await db.driver()).execute(_MISSING, values)
    return [patient_id for (patient_id,) in await cursor.fetchall()]


async def booked(db: Db, session_id: UUID, limit: int) -> Sequence[UUID]:
    """The patients for whom a chair is kept in a session, to make up for another one, by their ids."""
    is_booked = Attendance.status == "expected", Attendance.makes_up_id.is_not(None)
    return (await db.scalars(_patients(db, session_id, *is_booked).limit(limit))).all()


async def in_the_room(db: Db, session_id: UUID, limit: int) -> Sequence[UUID]:
    """The patients who have come to a session and have not left, in the order of their ids."""
    return (await db.scalars(_patients(db, session_id, Attendance.status == "arrived").limit(limit))).all()


def _patients(db: Db, session_id: UUID, *conditions: ColumnElement[bool]) -> Select[UUID]:
    mine = Attendance.organization_id == db.organization_id, Attendance.session_id == session_id
    return select(Attendance.patient_id).where(*mine, *conditions).order_by(Attendance.patient_id)


async def set_next(db: Db, session_id: UUID, moment: datetime | None) -> None:
    """When to look at a session again; None for never."""
    await (await db.driver()).execute(_SET, (moment, db.organization_id, session_id))


async def reckon_anew(db: Db, program_id: UUID, before: int, after: int, now: datetime) -> None:
    """From now on whoever has not come to a session of this program is missing so many minutes after its
    start; so far it was `before`. Where that moment has been, it stays."""
    values = {
        "org": db.organization_id, "program": program_id, "before": before, "minutes": after, "now": now,
    }  # fmt: skip
    await (await db.driver()).execute(_ANEW, values)
