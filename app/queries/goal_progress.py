"""Entries on goals."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_

from app.database import Db
from app.models import Goal, GoalProgress, GoalReview

NEWEST = 200
"""How many reviews of a goal are shown."""


async def by_id(db: Db, progress_id: UUID) -> GoalProgress | None:
    """The entry with this id, of whichever goal; unscoped, for the writer who holds its id."""
    found: GoalProgress | None = await db.scalar(
        select(GoalProgress).where(
            GoalProgress.organization_id == db.organization_id, GoalProgress.id == progress_id
        )
    )
    return found


async def listed(
    db: Db, goal: Goal, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[GoalProgress]:
    """The entries on a goal that the caller has seen, newest first, the withdrawn ones too."""
    statement = (
        select(GoalProgress)
        .where(GoalProgress.organization_id == db.organization_id, GoalProgress.goal_id == goal.id)
        .order_by(GoalProgress.filed_at.desc(), GoalProgress.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(GoalProgress.filed_at, GoalProgress.id) < before)
    return (await db.scalars(statement)).all()


async def reviews(db: Db, goal: Goal) -> Sequence[GoalReview]:
    """The newest reviews of a goal that the caller has seen, newest first."""
    statement = (
        select(GoalReview)
        .where(GoalReview.organization_id == db.organization_id, GoalReview.goal_id == goal.id)
        .order_by(GoalReview.at.desc(), GoalReview.id.desc())
        .limit(NEWEST)
    )
    return (await db.scalars(statement)).all()
