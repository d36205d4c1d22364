"""Attendance: sessions as far as the actor may take part in them, rosters, and how each state came about."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select, tuple_

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound, Unacceptable
from app.models import (
    Attendance,
    AttendanceEntry,
    Enrollment,
    Patient,
    Program,
    ProgramStaff,
    StaffMember,
    TreatmentSession,
)
from app.queries import rosters
from app.treatment.minutes import Span
from app.treatment.policy import AttendancePolicy, policy_of

Hold = Literal["reading", "presence", "change"]
"""What a session is read for. `presence` keeps it from being changed or cancelled meanwhile, and lets others
record theirs; `change` keeps everybody else out."""


class Sitting(NamedTuple):
    """A session, and what its program makes of arrivals and absences."""

    treatment_session: TreatmentSession
    policy: AttendancePolicy

    @property
    def span(self) -> Span:
        """From its start to its end."""
        return Span(self.treatment_session.starts_at, self.treatment_session.ends_at)


class Seat(NamedTuple):
    """One patient in a roster: by name, whether they are expected, and what is known of them."""

    patient_id: UUID
    name: str
    is_expected: bool
    attendance: Attendance | None


class Attended(NamedTuple):
    """What is known of a patient in one session, with the session."""

    attendance: Attendance
    treatment_session: TreatmentSession


async def sitting(db: Db, actor: Actor, session_id: UUID, hold: Hold = "reading") -> Sitting:
    """One session that the actor may take part in, held as it is asked for until the commit.

    That is a patient with a stay in its program, and staff who work in it. Raises `NotFound`.
    """
    mine = visible(TreatmentSession, actor), _takes_part(actor)
    found = await _sitting(db, session_id, hold, *mine)
    if found is None:
        raise NotFound
    return found


async def any_sitting(db: Db, session_id: UUID, hold: Hold = "reading") -> Sitting:
    """One session of the organization, whoever asks. Raises `NotFound`."""
    found = await _sitting(db, session_id, hold, TreatmentSession.organization_id == db.organization_id)
    if found is None:
        raise NotFound
    return found


async def _sitting(db: Db, session_id: UUID, hold: Hold, *conditions: ColumnElement[bool]) -> Sitting | None:
    program = and_(
        Program.organization_id == TreatmentSession.organization_id, Program.id == TreatmentSession.program_id
    )
    statement = (
        select(TreatmentSession, Program.attendance_policy)
        .join(Program, program)
        .where(*conditions, TreatmentSession.id == session_id)
        # It may have been read before it was held.
        .execution_options(populate_existing=True)
    )
    if hold != "reading":
        statement = statement.with_for_update(
            of=TreatmentSession, read=hold == "presence", key_share=hold == "change"
        )
    row = (await db.execute(statement)).one_or_none()
    return None if row is None else Sitting(row.TreatmentSession, policy_of(row.attendance_policy))


def _takes_part(actor: Actor) -> ColumnElement[bool]:
    of_program = TreatmentSession.organization_id, TreatmentSession.program_id
    if actor.role is Role.PATIENT:
        stays = Enrollment.organization_id == of_program[0], Enrollment.program_id == of_program[1]
        return exists().where(*stays, Enrollment.patient_id == actor.id)
    if actor.role in {Role.COUNSELOR, Role.SUPERVISOR}:
        works = ProgramStaff.organization_id == of_program[0], ProgramStaff.program_id == of_program[1]
        return exists().where(*works, ProgramStaff.staff_member_id == actor.id)
    return TreatmentSession.organization_id == actor.organization_id


async def roster(db: Db, actor: Actor, sitting: Sitting) -> Sequence[Seat]:
    """Everybody whom the actor sees and who is expected, or of whom something is known, by family name."""
    session_id = sitting.treatment_session.id
    expected = set(await rosters.expected_in(db, session_id))
    statement = (
        _seats(actor, session_id)
        .where(or_(Patient.id.in_(expected), Attendance.revision > 0))
        .order_by(Patient.family_name, Patient.given_name, Patient.id)
    )
    return [_seat(row, expected) for row in await db.execute(statement)]


async def seat(db: Db, actor: Actor, sitting: Sitting, patient_id: UUID) -> Seat:
    """One patient in a session. Raises `NotFound` for one who is not visible, and for one who is not expected
    and of whom nothing is known."""
    session_id = sitting.treatment_session.id
    row = (await db.execute(_seats(actor, session_id).where(Patient.id == patient_id))).one_or_none()
    if row is None:
        raise NotFound
    found = _seat(row, await rosters.expected_in(db, session_id))
    if not found.is_expected and found.attendance is None:
        raise NotFound
    return found


def _seats(actor: Actor, session_id: UUID) -> Select[UUID, str, str, Attendance | None]:
    here = and_(
        Attendance.organization_id == Patient.organization_id,
        Attendance.patient_id == Patient.id,
        Attendance.session_id == session_id,
    )
    return (
        select(Patient.id, Patient.given_name, Patient.family_name, Attendance)
        .outerjoin(Attendance, here)
        .where(visible(Patient, actor))
        .execution_options(populate_existing=True)
    )


def _seat(row: Sequence[Any], expected: Collection[UUID]) -> Seat:
    patient_id, given_name, family_name, attendance = row
    is_known = attendance is not None and attendance.revision > 0
    name = f"{given_name} {family_name}"
    return Seat(patient_id, name, patient_id in expected, attendance if is_known else None)


async def history(db: Db, attendance: Attendance) -> Sequence[Row[Any]]:
    """Every state that an attendance was in, the first first, with the names of the staff who said so."""
    author = and_(
        StaffMember.organization_id == AttendanceEntry.organization_id,
        StaffMember.id == AttendanceEntry.changed_by,
    )
    statement = (
        select(*AttendanceEntry.__table__.columns, StaffMember.name.label("author_name"))
        .outerjoin(StaffMember, author)
        .where(
            AttendanceEntry.organization_id == db.organization_id,
            AttendanceEntry.attendance_id == attendance.id,
        )
        .order_by(AttendanceEntry.revision)
    )
    return (await db.execute(statement)).all()


async def newest_entries(db: Db, attendance: Attendance) -> Sequence[AttendanceEntry]:
    """The states that an attendance was in, the newest first."""
    statement = (
        select(AttendanceEntry)
        .where(
            AttendanceEntry.organization_id == db.organization_id,
            AttendanceEntry.attendance_id == attendance.id,
        )
        .order_by(AttendanceEntry.revision.desc())
    )
    return (await db.scalars(statement)).all()


async def of_patient(
    db: Db, actor: Actor, patient_id: UUID, *, first_day: date | None, last_day: date | None, limit: int,
    before: tuple[datetime, UUID] | None,
) -> Sequence[Attended]:  # fmt: skip
    """What is known of a patient in the sessions of these days, the latest session first."""
    this = and_(
        TreatmentSession.organization_id == Attendance.organization_id,
        TreatmentSession.id == Attendance.session_id,
    )
    order = TreatmentSession.starts_at, Attendance.id
    statement = (
        select(Attendance, TreatmentSession)
        .join(TreatmentSession, this)
        .where(visible(Attendance, actor), Attendance.patient_id == patient_id, Attendance.revision > 0)
        .order_by(*(each.desc() for each in order))
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(*order) < before)
    if first_day is not None:
        statement = statement.where(TreatmentSession.local_date >= first_day)
    if last_day is not None:
        statement = statement.where(TreatmentSession.local_date <= last_day)
    return [Attended._make(row) for row in await db.execute(statement)]


async def seen(db: Db, actor: Actor, patient_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these patients whom the actor sees."""
    statement = select(Patient.id).where(visible(Patient, actor), Patient.id.in_(patient_ids))
    return set(await db.scalars(statement))


async def whose(db: Db, actor: Actor, named: UUID | None) -> UUID:
    """Of whom somebody speaks: a patient of themselves, staff of the patient whom they name.

    Raises `Unacceptable` at `/patient_id` when they name nobody, or somebody whom they do not see.
    """
    if actor.role is Role.PATIENT and named in {None, actor.id}:
        return actor.id
    if named is None:
        raise Unacceptable.at("/patient_id", "missing", "Say of whom.")
    if not await seen(db, actor, [named]):
        raise Unacceptable.at("/patient_id", "unknown_patient", "There is no such patient here.")
    return named


async def held(
    db: Db, treatment_session: TreatmentSession, patient_ids: Collection[UUID]
) -> Mapping[UUID, Attendance]:
    """What is known of these patients in a session; their rows are locked until the commit, in the order of
    their ids, as by whoever writes anything of a patient."""
    await (await db.driver()).execute(
        "select 1 from patient where organization_id = %s and id = any(%s) order by id for no key update",
        (db.organization_id, list(patient_ids)),
    )
    statement = (
        select(Attendance)
        .where(
            Attendance.organization_id == db.organization_id,
            Attendance.session_id == treatment_session.id,
            Attendance.patient_id.in_(patient_ids),
        )
        .execution_options(populate_existing=True)
    )
    return {row.patient_id: row for row in await db.scalars(statement)}


async def everybody(db: Db, session_id: UUID) -> Sequence[UUID]:
    """The patients of whom something is known in a session, in the order of their ids."""
    statement = (
        select(Attendance.patient_id)
        .where(Attendance.organization_id == db.organization_id, Attendance.session_id == session_id)
        .order_by(Attendance.patient_id)
    )
    return (await db.scalars(statement)).all()


async def enrolled(
    db: Db, treatment_session: TreatmentSession, patient_ids: Collection[UUID]
) -> Collection[UUID]:
    """Those of these patients who have a stay in the session's program on its day."""
    day = treatment_session.local_date
    statement = select(Enrollment.patient_id).where(
        Enrollment.organization_id == db.organization_id,
        Enrollment.program_id == treatment_session.program_id,
        Enrollment.patient_id.in_(patient_ids),
        Enrollment.starts_on <= day,
        or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= day),
    )
    return set(await db.scalars(statement))
