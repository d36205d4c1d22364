"""Patients, as far as the actor may see them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Date, ScalarSelect, Select, and_, cast, func, select, tuple_

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.ladders.reminders import Leave
from app.models import Assessment, CheckIn, Enrollment, LeaveOfAbsence, Organization, Patient, Program
from app.queries.enrollments import RUNNING


class Start(NamedTuple):
    """What a patient's app begins with. The enrollment is the running one, else the last; both may lack.

    `leaves` are those of the enrollment, `last_check_in_day` is today at the latest, and `last_taken` is the
    day of each instrument's last assessment.
    """

    patient: Patient
    organization: Organization
    enrollment: Enrollment | None
    program: Program | None
    leaves: Sequence[Leave]
    last_check_in_day: date | None
    last_taken: Mapping[str, date]


async def find(db: Db, actor: Actor, patient_id: UUID) -> Patient:
    """One patient. Raises `NotFound` when they are not visible."""
    patient: Patient | None = await db.scalar(_one(actor, patient_id))
    if patient is None:
        raise NotFound
    return patient


async def to_change(db: Db, actor: Actor, patient_id: UUID, version: int | None = None) -> Patient:
    """One patient, locked until the commit, in this version unless it is None.

    Whoever changes what hangs on a patient (enrollments, care team, answers) holds this row. Raises
    `NotFound` and `PreconditionFailed`.
    """
    patient: Patient | None = await db.scalar(_one(actor, patient_id).with_for_update(key_share=True))
    if patient is None:
        raise NotFound
    if version is not None and patient.row_version != version:
        raise PreconditionFailed
    return patient


async def listed(
    db: Db, actor: Actor, *, name: str | None, limit: int, after: UUID | None
) -> Sequence[Patient]:
    """Patients by family name, from behind the patient `after`; `name` is any part of the whole name."""
    order = (Patient.family_name, Patient.given_name, Patient.id)
    statement = select(Patient).where(visible(Patient, actor)).order_by(*order).limit(limit)
    if name is not None:
        whole_name = Patient.given_name + " " + Patient.family_name
        statement = statement.where(whole_name.icontains(name, autoescape=True))
    if after is not None:  # the cursor names a row and no person: it travels in URLs
        last = select(*order).where(Patient.organization_id == actor.organization_id, Patient.id == after)
        statement = statement.where(tuple_(*order) > last.scalar_subquery())
    return (await db.scalars(statement)).all()


async def start(db: Db, patient_id: UUID, now: datetime) -> Start:
    """What the patient's own app begins with, in one statement. Raises `NotFound` for no such patient."""
    stay = (
        select(Enrollment.id)
        .where(Enrollment.organization_id == Patient.organization_id, Enrollment.patient_id == Patient.id)
        .order_by(Enrollment.status.in_(RUNNING).desc(), Enrollment.starts_on.desc())
        .limit(1)
        .correlate(Patient)
        .scalar_subquery()
    )
    statement = (
        select(Patient, Organization, Enrollment, Program, _leaves(), _last_check_in_day(now), _last_taken())
        .join(Organization, Organization.organization_id == Patient.organization_id)
        .outerjoin(
            Enrollment, and_(Enrollment.organization_id == Patient.organization_id, Enrollment.id == stay)
        )
        .outerjoin(
            Program,
            and_(Program.organization_id == Patient.organization_id, Program.id == Enrollment.program_id),
        )
        .where(Patient.organization_id == db.organization_id, Patient.id == patient_id)
    )
    row: Sequence[Any] | None = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    patient, organization, enrollment, program, leaves, last_check_in_day, last_taken = row
    return Start(
        patient, organization, enrollment, program, [_leave(*each) for each in leaves or ()],
        last_check_in_day, {code: date.fromisoformat(day) for code, day in (last_taken or {}).items()},
    )  # fmt: skip


async def program_of(db: Db, patient_id: UUID) -> UUID | None:
    """The program that answers for a patient: that of the running stay, else of the last one."""
    statement = (
        select(Enrollment.program_id)
        .where(Enrollment.organization_id == db.organization_id, Enrollment.patient_id == patient_id)
        .order_by(Enrollment.status.in_(RUNNING).desc(), Enrollment.starts_on.desc())
        .limit(1)
    )
    program_id: UUID | None = await db.scalar(statement)
    return program_id


def _leaves() -> ScalarSelect[Any]:
    return (
        select(func.jsonb_agg(func.jsonb_build_array(LeaveOfAbsence.starts_at, LeaveOfAbsence.ends_at)))
        .where(
            LeaveOfAbsence.organization_id == Patient.organization_id,
            LeaveOfAbsence.patient_id == Patient.id,
            LeaveOfAbsence.enrollment_id == Enrollment.id,
        )
        .correlate(Patient, Enrollment)
        .scalar_subquery()
    )


def _last_check_in_day(now: datetime) -> ScalarSelect[Any]:
    return (
        select(func.max(CheckIn.local_date))
        .where(
            CheckIn.organization_id == Patient.organization_id,
            CheckIn.patient_id == Patient.id,
            CheckIn.local_date <= cast(func.timezone(Patient.time_zone, now), Date),
        )
        .correlate(Patient)
        .scalar_subquery()
    )


def _last_taken() -> ScalarSelect[Any]:
    last = (
        select(Assessment.instrument, func.max(Assessment.local_date).label("day"))
        .where(Assessment.organization_id == Patient.organization_id, Assessment.patient_id == Patient.id)
        .group_by(Assessment.instrument)
        .correlate(Patient)
        .subquery("last")
    )
    return select(func.jsonb_object_agg(last.c.instrument, last.c.day)).scalar_subquery()


def _leave(starts_at: str, ends_at: str | None) -> Leave:
    return datetime.fromisoformat(starts_at), datetime.fromisoformat(ends_at) if ends_at else None


def _one(actor: Actor, patient_id: UUID) -> Select[Patient]:
    return select(Patient).where(visible(Patient, actor), Patient.id == patient_id)
