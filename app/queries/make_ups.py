"""Sessions that may make up for a missed one: which have room for a guest, and which are booked."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from app.database import Db
from app.models import Attendance, TreatmentSession
from app.queries.attendances import Sitting
from app.queries.rosters import EXPECTED
from app.treatment.attendance import ENOUGH, GATHERINGS, MISSED, last_make_up_day
from app.treatment.minutes import length

MOST: Final = 20
"""How many are offered."""
# Whoever is expected takes a chair, also who is excused: they may come after all.
_OPTIONS: Final[LiteralString] = f"""
    select s.id, s.starts_at, s.ends_at, s.kind, s.title, s.room, s.capacity - (
      select count(*) from ({EXPECTED}) x where x.session_id = s.id)
    from treatment_session s
    where s.organization_id = %(org)s and s.program_id = %(program)s and s.status = 'planned'
      and s.starts_at > %(now)s and s.starts_at >= %(after)s and s.local_date <= %(last_day)s
      and s.kind = any(%(kinds)s)
      and (s.ends_at - s.starts_at) * %(parts)s >= make_interval(mins => %(minutes)s)
      and (%(only)s::uuid is null or s.id = %(only)s)
      and exists (
        select 1 from enrollment e
        where e.organization_id = s.organization_id and e.patient_id = %(patient)s
          and e.program_id = s.program_id and e.starts_on <= s.local_date
          and (e.ends_on > s.local_date
               or e.status in ('active', 'on_leave') and coalesce(e.ends_on, s.local_date) >= s.local_date))
      and not exists (
        select 1 from leave_of_absence l
        where l.organization_id = s.organization_id and l.patient_id = %(patient)s
          and l.starts_at <= s.starts_at and (l.ends_at is null or l.ends_at > s.starts_at))
      and not exists (
        select 1 from ({EXPECTED}) x
        where x.patient_id = %(patient)s and x.starts_at < s.ends_at and x.ends_at > s.starts_at)
      and not exists (
        select 1 from attendance a
        where a.organization_id = s.organization_id and a.session_id = s.id and a.patient_id = %(patient)s
          and a.status <> 'cancelled' and a.revision > 0)
    order by s.starts_at, s.id
"""  # noqa: S608 - the parts are constants, and the rest is bound


class Option(NamedTuple):
    """A session that may make up for a missed one, and how many more it has room for; None: any number."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    kind: str
    title: str
    room: str | None
    places_left: int | None

    @property
    def has_room(self) -> bool:
        """Whether one more may come."""
        return self.places_left is None or self.places_left > 0


async def options(db: Db, missed: Sitting, patient_id: UUID, now: datetime) -> Sequence[Option]:
    """The sessions with room that are offered to a patient instead of a missed one, the soonest first.

    They are of the same program, begin after the missed one and soon enough, last long enough, and lie in
    nothing else that the patient is expected in.
    """
    found = await _options(db, missed, patient_id, now, kinds=GATHERINGS, only=None)
    return [each for each in found if each.has_room][:MOST]


async def option(
    db: Db, missed: Sitting, patient_id: UUID, session_id: UUID, now: datetime, kinds: Collection[str]
) -> Option | None:
    """One session as an option, also when it is full; None when it is none, being of another kind or else."""
    found = await _options(db, missed, patient_id, now, kinds=kinds, only=session_id)
    return found[0] if found else None


async def _options(
    db: Db, missed: Sitting, patient_id: UUID, now: datetime, *, kinds: Collection[str], only: UUID | None
) -> Sequence[Option]:
    gone = missed.treatment_session
    values: dict[str, Any] = {
        "org": db.organization_id, "program": gone.program_id, "patient": patient_id, "now": now,
        "after": gone.ends_at, "last_day": last_make_up_day(gone.local_date, missed.policy),
        "kinds": sorted(kinds), "parts": ENOUGH, "minutes": length([missed.span]), "only": only,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_OPTIONS, values)
    return [Option(*row) for row in await cursor.fetchall()]


async def hold_series(db: Db, session_id: UUID) -> None:
    """Keep the series of a session from giving places away until the commit: they are counted."""
    await (await db.driver()).execute(
        "select 1 from session_series r join treatment_session s"
        " on s.organization_id = r.organization_id and s.series_id = r.id"
        " where s.organization_id = %s and s.id = %s for share of r",
        (db.organization_id, session_id),
    )


async def of_missed(db: Db, attendance: Attendance) -> Sequence[Attendance]:
    """What was ever booked to make up for a missed session, the newest last. The patient's row is held."""
    statement = (
        select(Attendance)
        .where(Attendance.organization_id == db.organization_id, Attendance.makes_up_id == attendance.id)
        .order_by(Attendance.id)
        .execution_options(populate_existing=True)
    )
    return (await db.scalars(statement)).all()


async def booked(db: Db, attendance: Attendance) -> tuple[Attendance, TreatmentSession] | None:
    """The chair that is taken to make up for a missed session, and has not been left again."""
    taken = next((each for each in await of_missed(db, attendance) if is_taken(each)), None)
    return await with_session(db, taken.id) if taken else None


def is_taken(booking: Attendance) -> bool:
    """Whether a chair is waited in, and not by somebody who has said that they will not come."""
    return booking.status == "arrived" or (booking.status == "expected" and booking.notice_kind is None)


async def with_session(db: Db, attendance_id: UUID) -> tuple[Attendance, TreatmentSession]:
    """One attendance and its session. The patient's row is held."""
    this = and_(
        TreatmentSession.organization_id == Attendance.organization_id,
        TreatmentSession.id == Attendance.session_id,
    )
    statement = (
        select(Attendance, TreatmentSession)
        .join(TreatmentSession, this)
        .where(Attendance.organization_id == db.organization_id, Attendance.id == attendance_id)
        .execution_options(populate_existing=True)
    )
    row = (await db.execute(statement)).one()
    return row.Attendance, row.TreatmentSession


async def owed(db: Db, missed: Sitting, attendance: Attendance | None) -> tuple[Sitting, Attendance] | None:
    """What there is to be made up for, of a session of which this is known: None when it was not missed.

    A make-up that was missed is none of its own: what it was to make up for is still owed.
    """
    if attendance is None or not _is_owed(attendance):
        return None
    if attendance.makes_up_id is None:
        return missed, attendance
    first, treatment_session = await with_session(db, attendance.makes_up_id)
    return (Sitting(treatment_session, missed.policy), first) if _is_owed(first) else None


def _is_owed(attendance: Attendance) -> bool:
    """Somebody was not there, or has said that they will not be."""
    told = attendance.status == "expected" and attendance.notice_kind is not None
    return told or attendance.status in MISSED
