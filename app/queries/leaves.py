"""Leaves of absence. One that was withdrawn before it began is kept, ends as it starts, and is not shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select

from app.access import Actor, visible
from app.database import Db
from app.models import Enrollment, LeaveOfAbsence, Patient
from app.queries import enrollments, patients


class Held(NamedTuple):
    """A stay with its patient, both locked until the commit, and its leaves, the earliest first."""

    patient: Patient
    enrollment: Enrollment
    leaves: Sequence[LeaveOfAbsence]

    def leave_at(self, moment: datetime) -> LeaveOfAbsence | None:
        """The leave that the patient is on then."""
        return next(
            (
                each
                for each in self.leaves
                if each.starts_at <= moment and (each.ends_at is None or moment < each.ends_at)
            ),
            None,
        )


async def hold(db: Db, actor: Actor, enrollment_id: UUID, version: int | None = None) -> Held:
    """A stay, in this version unless it is None, as what hangs on it is to be changed.

    The patient's row is locked first, as by whoever writes an answer or looks for absence. Raises `NotFound`
    and `PreconditionFailed`.
    """
    stay = await enrollments.find(db, actor, enrollment_id)
    patient = await patients.to_change(db, actor, stay.patient_id)
    enrollment = await enrollments.to_change(db, actor, enrollment_id, version)
    return Held(patient, enrollment, await of_enrollment(db, enrollment_id))


async def of_enrollment(db: Db, enrollment_id: UUID) -> Sequence[LeaveOfAbsence]:
    """A stay's leaves, the earliest first. The caller has seen the stay."""
    mine = LeaveOfAbsence.organization_id == db.organization_id
    return (await db.scalars(_shown(mine, LeaveOfAbsence.enrollment_id == enrollment_id))).all()


async def of_patient(db: Db, actor: Actor, patient_id: UUID) -> Sequence[LeaveOfAbsence]:
    """The leaves of all of a patient's stays, the earliest first."""
    statement = _shown(visible(LeaveOfAbsence, actor), LeaveOfAbsence.patient_id == patient_id)
    return (await db.scalars(statement)).all()


def _shown(*conditions: ColumnElement[bool]) -> Select[LeaveOfAbsence]:
    return (
        select(LeaveOfAbsence)
        .where(*conditions, LeaveOfAbsence.ends_at.is_distinct_from(LeaveOfAbsence.starts_at))
        .order_by(LeaveOfAbsence.starts_at, LeaveOfAbsence.id)
    )
