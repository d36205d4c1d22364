"""Safety plans: every version of them, the newest of which is the plan."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import SafetyPlan


class Mark(NamedTuple):
    """Which version of a plan, and when it was written."""

    version: int
    written_at: datetime


async def newest(db: Db, patient_id: UUID) -> SafetyPlan | None:
    """A patient's plan, if they have one, in one statement. The caller has seen the patient.

    Not narrowed by who asks: for the patient's own reply, and for whoever holds the patient's row.
    """
    mine = SafetyPlan.organization_id == db.organization_id
    plan: SafetyPlan | None = await db.scalar(_newest_first(patient_id).where(mine).limit(1))
    return plan


async def find(db: Db, actor: Actor, patient_id: UUID) -> SafetyPlan:
    """A patient's plan. Raises `NotFound`, the same for one that is not visible and for none at all."""
    plan: SafetyPlan | None = await db.scalar(
        _newest_first(patient_id).where(visible(SafetyPlan, actor)).limit(1)
    )
    if plan is None:
        raise NotFound
    return plan


async def mark(db: Db, actor: Actor, patient_id: UUID) -> Mark | None:
    """Which version the plan is in, if it is there for the actor."""
    statement = (
        select(SafetyPlan.version, SafetyPlan.written_at)
        .where(visible(SafetyPlan, actor), SafetyPlan.patient_id == patient_id)
        .order_by(SafetyPlan.version.desc())
        .limit(1)
    )
    row = (await db.execute(statement)).one_or_none()
    return row and Mark._make(row)


async def versions(
    db: Db, actor: Actor, patient_id: UUID, *, limit: int, before: int | None
) -> Sequence[SafetyPlan]:
    """A patient's plans, the newest first, from behind the version `before`."""
    statement = _newest_first(patient_id).where(visible(SafetyPlan, actor)).limit(limit)
    if before is not None:
        statement = statement.where(SafetyPlan.version < before)
    return (await db.scalars(statement)).all()


def _newest_first(patient_id: UUID) -> Select[SafetyPlan]:
    return select(SafetyPlan).where(SafetyPlan.patient_id == patient_id).order_by(SafetyPlan.version.desc())
