"""Who takes part in a program: its patients, their sessions of some days and of today, and what they did of
what was asked. A handful of statements, however many patients there are."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Date, ScalarSelect, and_, cast, exists, func, or_, select

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound
from app.models import (
    Assessment,
    CheckIn,
    Enrollment,
    LeaveOfAbsence,
    Patient,
    Program,
    ProgramStaff,
    TreatmentSession,
)
from app.queries.enrollments import RUNNING
from app.queries.hours import PART, part
from app.queries.rosters import EXPECTED
from app.treatment.engagement import DAYS, Asked, Deeds
from app.treatment.minutes import Span
from app.treatment.week import Part

LONGEST_CADENCE: Final = 90
"""Days after which every questionnaire is asked for again, at the latest."""

_SITTINGS: Final[LiteralString] = f"""
    with roster as (
      select session_id, patient_id from ({EXPECTED}) x
      where program_id = %(program)s and starts_at >= %(since)s and starts_at < %(until)s
      union
      select a.session_id, a.patient_id from treatment_session s
      join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      where s.organization_id = %(org)s and s.program_id = %(program)s and a.status <> 'expected'
        and s.starts_at >= %(since)s and s.starts_at < %(until)s)
    select s.id, roster.patient_id, a.notice_kind, a.notice_at, a.excused_by, s.starts_at, s.ends_at, {PART}
    from roster
    join treatment_session s on s.organization_id = %(org)s and s.id = roster.session_id
    left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      and a.patient_id = roster.patient_id
    order by s.starts_at, s.id, roster.patient_id
"""  # noqa: S608 - the parts are constants, and the rest is bound


class Member(NamedTuple):
    """A patient with a running stay in the program: how to call them, and what they did when."""

    patient_id: UUID
    name: str
    phone: str | None
    deeds: Deeds


class Seat(NamedTuple):
    """One patient's part in one session, and what they said ahead of it, if anything."""

    session_id: UUID
    patient_id: UUID
    notice_kind: str | None
    notice_at: datetime | None
    excused_by: str | None
    part: Part


async def program(db: Db, actor: Actor, program_id: UUID) -> Program:
    """A program that the actor looks after: staff work in it. Raises `NotFound`."""
    works_there = exists().where(
        ProgramStaff.organization_id == Program.organization_id,
        ProgramStaff.program_id == Program.id,
        ProgramStaff.staff_member_id == actor.id,
    )
    statement = select(Program).where(visible(Program, actor), Program.id == program_id)
    if actor.role is not Role.INTEGRATION:
        statement = statement.where(works_there)
    found: Program | None = await db.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def members(db: Db, actor: Actor, program_id: UUID, now: datetime) -> Sequence[Member]:
    """The patients with a running stay whom the actor sees, by family name."""
    order = Patient.family_name, Patient.given_name, Patient.id
    stay = and_(Enrollment.organization_id == Patient.organization_id, Enrollment.patient_id == Patient.id)
    statement = (
        select(
            Patient.id,
            (Patient.given_name + " " + Patient.family_name).label("name"),
            Patient.phone,
            Patient.time_zone,
            Enrollment.starts_on,
            Enrollment.ends_on,
            _leaves().label("leaves"),
            _check_ins(now).label("check_ins"),
            _taken(now).label("taken"),
        )
        .join(Enrollment, stay)
        .where(visible(Patient, actor), Enrollment.program_id == program_id, Enrollment.status.in_(RUNNING))
        .order_by(*order)
    )
    return [_member(row) for row in await db.execute(statement)]


async def seats(db: Db, program_id: UUID, span: Span) -> Sequence[Seat]:
    """Everybody's part in the sessions that begin in this time, the first session first."""
    values = {"org": db.organization_id, "program": program_id, "since": span.start, "until": span.end}
    cursor = await (await db.driver()).execute(_SITTINGS, values)
    return [_seat(*row) for row in await cursor.fetchall()]


async def today(db: Db, program_id: UUID, now: datetime, until: datetime) -> Sequence[TreatmentSession]:
    """The sessions that are running or begin before `until`, and are not cancelled; the first first."""
    statement = (
        select(TreatmentSession)
        .where(
            TreatmentSession.organization_id == db.organization_id,
            TreatmentSession.program_id == program_id,
            TreatmentSession.status == "planned",
            TreatmentSession.starts_at > now - timedelta(days=1),
            TreatmentSession.ends_at > now,
            or_(TreatmentSession.starts_at <= now, TreatmentSession.starts_at < until),
        )
        .order_by(TreatmentSession.starts_at, TreatmentSession.id)
    )
    return (await db.scalars(statement)).all()


def _seat(
    session_id: UUID, patient_id: UUID, notice_kind: str | None, notice_at: datetime | None,
    excused_by: str | None, *of_part: Any,
) -> Seat:  # fmt: skip
    return Seat(session_id, patient_id, notice_kind, notice_at, excused_by, part(*of_part))


def _leaves() -> ScalarSelect[Any]:
    return (
        select(func.jsonb_agg(func.jsonb_build_array(LeaveOfAbsence.starts_at, LeaveOfAbsence.ends_at)))
        .where(
            LeaveOfAbsence.organization_id == Patient.organization_id,
            LeaveOfAbsence.patient_id == Patient.id,
            LeaveOfAbsence.enrollment_id == Enrollment.id,
            LeaveOfAbsence.ends_at.is_distinct_from(LeaveOfAbsence.starts_at),
        )
        .correlate(Patient, Enrollment)
        .scalar_subquery()
    )


def _check_ins(now: datetime) -> ScalarSelect[Any]:
    return (
        select(func.array_agg(CheckIn.local_date.distinct()))
        .where(
            CheckIn.organization_id == Patient.organization_id,
            CheckIn.patient_id == Patient.id,
            CheckIn.filed_at > now - timedelta(days=DAYS + 2),
        )
        .correlate(Patient)
        .scalar_subquery()
    )


def _taken(now: datetime) -> ScalarSelect[Any]:
    """The days on which each questionnaire was taken, as far back as they still decide when it is due."""
    days = (
        select(Assessment.instrument, func.array_agg(Assessment.local_date.distinct()).label("days"))
        .where(
            Assessment.organization_id == Patient.organization_id,
            Assessment.patient_id == Patient.id,
            Assessment.local_date > cast(now - timedelta(days=DAYS + LONGEST_CADENCE), Date),
        )
        .group_by(Assessment.instrument)
        .correlate(Patient)
        .subquery("days")
    )
    return select(func.jsonb_object_agg(days.c.instrument, days.c.days)).scalar_subquery()


def _member(row: Any) -> Member:
    leaves = [
        (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
        for start, end in row.leaves or ()
    ]
    taken = {code: [date.fromisoformat(day) for day in days] for code, days in (row.taken or {}).items()}
    asked = Asked(ZoneInfo(row.time_zone), row.starts_on, row.ends_on, leaves)
    return Member(row.id, row.name, row.phone, Deeds(asked, frozenset(row.check_ins or ()), taken))
