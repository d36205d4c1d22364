"""Stays of patients in programs, as far as the actor may see them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Enrollment

RUNNING = ("active", "on_leave")


async def of_patient(db: Db, actor: Actor, patient_id: UUID) -> Sequence[Enrollment]:
    """A patient's stays, newest first."""
    statement = (
        select(Enrollment)
        .where(visible(Enrollment, actor), Enrollment.patient_id == patient_id)
        .order_by(Enrollment.starts_on.desc(), Enrollment.id.desc())
    )
    return (await db.scalars(statement)).all()


async def find(db: Db, actor: Actor, enrollment_id: UUID) -> Enrollment:
    """One stay. Raises `NotFound` when it is not visible."""
    enrollment: Enrollment | None = await db.scalar(_one(actor, enrollment_id))
    if enrollment is None:
        raise NotFound
    return enrollment


async def to_change(db: Db, actor: Actor, enrollment_id: UUID, version: int | None = None) -> Enrollment:
    """One stay, locked until the commit, in this version unless it is None.

    The caller holds the patient's row. Raises `NotFound` and `PreconditionFailed`.
    """
    statement = _one(actor, enrollment_id).with_for_update().execution_options(populate_existing=True)
    enrollment: Enrollment | None = await db.scalar(statement)
    if enrollment is None:
        raise NotFound
    if version is not None and enrollment.row_version != version:
        raise PreconditionFailed
    return enrollment


async def running(db: Db, patient_id: UUID) -> UUID | None:
    """The patient's running stay. The caller holds the patient's row."""
    statement = select(Enrollment.id).where(
        Enrollment.organization_id == db.organization_id,
        Enrollment.patient_id == patient_id,
        Enrollment.status.in_(RUNNING),
    )
    found: UUID | None = await db.scalar(statement)
    return found


def _one(actor: Actor, enrollment_id: UUID) -> Select[Enrollment]:
    return select(Enrollment).where(visible(Enrollment, actor), Enrollment.id == enrollment_id)
