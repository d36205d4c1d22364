"""Patients, as far as the actor may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Date, Select, and_, cast, exists, func, select, tuple_

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import CheckIn, Enrollment, Organization, Patient, Program
from app.queries.enrollments import RUNNING


class Start(NamedTuple):
    """What a patient's app begins with. The enrollment is the running one, else the last; both may lack."""

    patient: Patient
    organization: Organization
    enrollment: Enrollment | None
    program: Program | None
    is_checked_in: bool


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
    checked_in = (
        exists()
        .where(
            CheckIn.organization_id == Patient.organization_id,
            CheckIn.patient_id == Patient.id,
            CheckIn.local_date == cast(func.timezone(Patient.time_zone, now), Date),
        )
        .correlate(Patient)
    )
    statement = (
        select(Patient, Organization, Enrollment, Program, checked_in)
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
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return Start._make(row)


def _one(actor: Actor, patient_id: UUID) -> Select[Patient]:
    return select(Patient).where(visible(Patient, actor), Patient.id == patient_id)
