"""How goals stand now: reckoned whenever somebody asks, kept as of the last reckoning."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import select, update

from app.database import Db
from app.goals.standing import Closing, Standing, stand
from app.models import Goal, GoalStanding
from app.queries import goal_marks
from app.queries.goals import Known


class Reckoned(NamedTuple):
    """A goal, and how it stands now."""

    known: Known
    standing: Standing


async def reckoned(db: Db, goals: Sequence[Known], now: datetime) -> list[Reckoned]:
    """How these goals stand at this moment, from what is kept by now."""
    marks = await goal_marks.marks(db, goals)
    return [
        Reckoned(
            each,
            stand(
                each.terms, marks.get(each.goal.id, ()), each.today(now),
                is_agreed=each.agreed is not None, closed_as=_closing(each.goal),
            ),
        )
        for each in goals
    ]  # fmt: skip


def _closing(goal: Goal) -> Closing | None:
    return cast(Closing, goal.status) if goal.closed_at else None


async def keep(db: Db, goal: Goal, status: str, look_at: datetime | None, now: datetime) -> None:
    """Keep how a goal was reckoned to stand.

    That is not a change that somebody made: the version of its row stays, so that an entry of the patient's
    gets into the way of nobody who is about to change the wording.
    """
    since = now if status != goal.status else goal.status_since
    await db.execute(
        update(Goal)
        .where(Goal.organization_id == goal.organization_id, Goal.id == goal.id)
        .values(status=status, status_since=since, look_at=look_at)
        .execution_options(synchronize_session=False)
    )


async def last(db: Db, goal_id: UUID) -> GoalStanding | None:
    """What was last told of a goal's pace, if anything was. The caller holds the goal."""
    statement = (
        select(GoalStanding)
        .where(GoalStanding.organization_id == db.organization_id, GoalStanding.goal_id == goal_id)
        .order_by(GoalStanding.at.desc())
        .limit(1)
    )
    found: GoalStanding | None = await db.scalar(statement)
    return found
