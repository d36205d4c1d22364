"""Follow-ups: what is to be done for whom, and what nobody did in time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal_column, select, tuple_

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import FollowUp, Patient


class Named(NamedTuple):
    """A follow-up with the name of its patient."""

    follow_up: FollowUp
    patient_name: str


class Claimed(NamedTuple):
    """A follow-up, locked until the commit, and where its patient lives."""

    follow_up: FollowUp
    time_zone: str


async def listed(
    db: Db, actor: Actor, *, status: str, assignee_id: UUID | None, limit: int,
    after: tuple[datetime, UUID] | None,
) -> Sequence[Named]:  # fmt: skip
    """The visible follow-ups that are due, what is overdue first; or those that are done, newest first.

    `after` is `due_by` (`done_at`) and id of the last one seen.
    """
    is_due = status == "due"
    moment = FollowUp.due_by if is_due else FollowUp.done_at
    keys = tuple_(moment, FollowUp.id)
    # A literal, so that the planner knows that the index of those that are due is enough.
    wanted = FollowUp.status == literal_column("'due'") if is_due else FollowUp.status == "done"
    statement = (
        select(FollowUp, Patient.given_name + " " + Patient.family_name)
        .join(Patient, _patient())
        .where(visible(FollowUp, actor), wanted)
        .limit(limit)
    )
    order = (moment, FollowUp.id) if is_due else (moment.desc(), FollowUp.id.desc())
    statement = statement.order_by(*order)
    if after is not None:
        statement = statement.where(keys > after if is_due else keys < after)
    if assignee_id is not None:
        statement = statement.where(FollowUp.assignee_id == assignee_id)
    return [Named._make(row) for row in await db.execute(statement)]


async def to_change(db: Db, actor: Actor, follow_up_id: UUID) -> FollowUp:
    """One follow-up, locked until the commit. Raises `NotFound` when it is not visible."""
    statement = select(FollowUp).where(visible(FollowUp, actor), FollowUp.id == follow_up_id)
    follow_up: FollowUp | None = await db.scalar(statement.with_for_update())
    if follow_up is None:
        raise NotFound
    return follow_up


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The follow-ups at which a sweep must look now."""
    statement = (
        select(FollowUp.id)
        .where(FollowUp.organization_id == db.organization_id, FollowUp.look_at <= now)
        .order_by(FollowUp.look_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, follow_up_id: UUID, now: datetime) -> Claimed | None:
    """A follow-up whose moment has passed; None when it was done, or somebody else is at it."""
    statement = (
        select(FollowUp, Patient.time_zone)
        .join(Patient, _patient())
        .where(
            FollowUp.organization_id == db.organization_id,
            FollowUp.id == follow_up_id,
            FollowUp.look_at <= now,
        )
        .with_for_update(of=FollowUp, skip_locked=True)
    )
    row = (await db.execute(statement)).one_or_none()
    return None if row is None else Claimed._make(row)


def _patient() -> ColumnElement[bool]:
    return and_(Patient.organization_id == FollowUp.organization_id, Patient.id == FollowUp.patient_id)
