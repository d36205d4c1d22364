"""A patient's sessions as their hours are reckoned from; and the stays whose week is to be reckoned."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import and_, select

from app.access import Actor, visible
from app.database import Db
from app.models import Enrollment, HoursStanding, Program
from app.queries.enrollments import RUNNING
from app.queries.rosters import EXPECTED
from app.treatment.away import read
from app.treatment.minutes import Span
from app.treatment.reckoning import Stay
from app.treatment.requirement import Care
from app.treatment.week import Part

PART: Final[LiteralString] = """
    s.kind, a.status, a.arrived_at, a.left_at, a.makes_up_id is not null, a.notice_at is not null,
    s.status = 'cancelled', a.away
"""
"""The columns of a `Part`, its span left out; of a session `s` and the attendance `a` in it, if any."""

# A row that says `expected` goes with an invitation, or has outlived it.
_PARTS: Final[LiteralString] = f"""
    with own as (
      select session_id from ({EXPECTED}) x
      where patient_id = %(patient)s and ends_at > %(since)s and starts_at < %(until)s
      union
      select a.session_id from attendance a
      join treatment_session s on s.organization_id = a.organization_id and s.id = a.session_id
      where a.organization_id = %(org)s and a.patient_id = %(patient)s and a.status <> 'expected'
        and s.ends_at > %(since)s and s.starts_at < %(until)s)
    select s.starts_at, s.ends_at, {PART}
    from own
    join treatment_session s on s.organization_id = %(org)s and s.id = own.session_id
    left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      and a.patient_id = %(patient)s
    order by s.starts_at, s.id
"""  # noqa: S608 - the parts are constants, and the rest is bound
_LOCK: Final = """
    select p.id, p.born_on, e.program_id, e.status in ('active', 'on_leave'), e.hours_due_at, g.time_zone,
           g.week_starts_on, e.starts_on, e.ends_on, g.name, g.level_of_care, g.population,
           g.minimum_weekly_hours, g.maximum_weekly_hours, e.payer
    from enrollment e
    join patient p on p.organization_id = e.organization_id and p.id = e.patient_id
    join program g on g.organization_id = e.organization_id and g.id = e.program_id
    where e.organization_id = %s and e.id = %s and e.hours_due_at <= %s
    for no key update of p skip locked
"""
_TAKES_PLACE: Final = """
    select not exists (
        select 1 from leave_of_absence
        where organization_id = %(org)s and patient_id = %(patient)s and starts_at < %(until)s
          and (ends_at is null or ends_at > %(since)s and ends_at > starts_at))
      and exists (
        select 1 from treatment_session
        where organization_id = %(org)s and program_id = %(program)s
          and starts_at >= %(since)s and starts_at < %(until)s)
"""
_SET: Final = (
    "update enrollment"
    " set hours_due_at = case when status in ('active', 'on_leave') then %s::timestamptz end"
    # Whoever has set another moment meanwhile is heeded.
    " where organization_id = %s and id = %s and hours_due_at is not distinct from %s"
)


class Home(NamedTuple):
    """A patient's stays, the latest last; and the program by whose weeks they are reckoned: that of the
    running one, else of the latest."""

    program: Program
    stays: Sequence[Stay]


class Claimed(NamedTuple):
    """A stay whose moment has passed, its patient locked; and when and where its weeks begin."""

    patient_id: UUID
    born_on: date | None
    program_id: UUID
    is_running: bool
    due_at: datetime
    zone: ZoneInfo
    week_starts_on: int
    stay: Stay


async def home(db: Db, actor: Actor, patient_id: UUID) -> Home | None:
    """Where a patient is, or was, treated; None for one who never was."""
    statement = (
        select(Enrollment, Program)
        .join(
            Program,
            and_(Program.organization_id == Enrollment.organization_id, Program.id == Enrollment.program_id),
        )
        .where(visible(Enrollment, actor), Enrollment.patient_id == patient_id)
        .order_by(Enrollment.status.in_(RUNNING), Enrollment.starts_on, Enrollment.id)
    )
    found = [(row.Enrollment, row.Program) for row in await db.execute(statement)]
    if not found:
        return None
    return Home(found[-1][1], [_stay(enrollment, program) for enrollment, program in found])


async def parts(db: Db, patient_id: UUID, span: Span) -> list[Part]:
    """The sessions that touch this time in which the patient was or is expected, or of which something is
    known of them; the first first."""
    values = {"org": db.organization_id, "patient": patient_id, "since": span.start, "until": span.end}
    cursor = await (await db.driver()).execute(_PARTS, values)
    return [part(*row) for row in await cursor.fetchall()]


def part(starts_at: datetime, ends_at: datetime, *columns: Any) -> Part:
    """A row of a session's span and the columns `PART`."""
    *same, away = columns
    return Part(Span(starts_at, ends_at), *same)._replace(away=read(away))


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The stays whose moment has passed, the longest waiting first."""
    statement = (
        select(Enrollment.id)
        .where(Enrollment.organization_id == db.organization_id, Enrollment.hours_due_at <= now)
        .order_by(Enrollment.hours_due_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, enrollment_id: UUID, now: datetime) -> Claimed | None:
    """Lock the patient of a stay until the commit, and read what its week must have.

    None when the moment is no longer past, or somebody else is at this patient.
    """
    async with db.pipeline() as driver:
        cursor = await driver.execute(_LOCK, (db.organization_id, enrollment_id, now))
    row = await cursor.fetchone()
    if row is None:
        return None
    patient_id, born_on, program_id, is_running, due_at, time_zone, week_starts_on, *of_stay = row
    starts_on, ends_on, *of_care = of_stay
    stay = Stay(starts_on, ends_on, Care(*of_care))
    return Claimed(
        patient_id, born_on, program_id, is_running, due_at, ZoneInfo(time_zone), week_starts_on, stay
    )


async def takes_place(db: Db, claimed: Claimed, week: Span) -> bool:
    """Whether a week can be told short: the patient is on no leave in it, and the program has put a session
    into it for anybody. Where it has none, its sessions are not kept here."""
    values = {
        "org": db.organization_id, "patient": claimed.patient_id, "program": claimed.program_id,
        "since": week.start, "until": week.end,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_TAKES_PLACE, values)
    row = await cursor.fetchone()
    assert row is not None
    return bool(row[0])


async def stood(db: Db, enrollment_id: UUID, week_of: date) -> bool:
    """Whether it is known how this week of a stay stood."""
    statement = select(HoursStanding.id).where(
        HoursStanding.organization_id == db.organization_id,
        HoursStanding.enrollment_id == enrollment_id,
        HoursStanding.week_of == week_of,
    )
    return await db.scalar(statement) is not None


def set_due(db: Db, enrollment_id: UUID, moment: datetime | None, instead_of: datetime) -> None:
    """When a week of a stay is next reckoned, unless somebody has set another moment since it was read.

    None for never; a stay that is over knows no moment.
    """
    db.at_commit(_SET, (moment, db.organization_id, enrollment_id, instead_of))


def _stay(enrollment: Enrollment, program: Program) -> Stay:
    care = Care(
        program.name, program.level_of_care, program.population, program.minimum_weekly_hours,
        program.maximum_weekly_hours, enrollment.payer,
    )  # fmt: skip
    return Stay(enrollment.starts_on, enrollment.ends_on, care)
