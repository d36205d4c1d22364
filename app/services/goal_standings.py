"""Reckon how a goal stands, keep it, and say so when it fell behind its pace or caught up."""

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database import Db
from app.goals.standing import Standing
from app.ladders.wall import moment_of
from app.models import GoalStanding
from app.queries import goal_standings as stored
from app.queries import goals as stored_goals
from app.queries import patients
from app.queries.goals import Known
from app.rules.reading import Source
from app.services import happenings

_TICK: Final = timedelta(microseconds=1)


async def look(db: Db, goal_id: UUID, now: datetime) -> bool:
    """Reckon a goal anew whose moment has passed.

    False when there is nothing to do, or somebody else does it.
    """
    known = await stored_goals.claim(db, goal_id, now)
    if known is None:
        return False
    await reckon(db, known, now)
    return True


async def reckon(db: Db, known: Known, now: datetime) -> Standing:
    """Reckon how a goal stands after what was just written, keep it, and when time alone may change it.

    The caller holds the goal, and has flushed. The rules are told when it fell behind or caught up.
    """
    ((_, standing),) = await stored.reckoned(db, [known], now)
    look_at = moment_of(standing.changes_on, time(), known.zone) if standing.changes_on else None
    await stored.keep(db, known.goal, standing.status, look_at, now)
    if known.agreed is not None:
        await _tell(db, known, standing, now)
    return standing


async def _tell(db: Db, known: Known, standing: Standing, now: datetime) -> None:
    """Of a goal that is over and was not reached there is nothing new to tell: it did not catch up."""
    if standing.status == "not_achieved":
        return
    behind = standing.status == "behind"
    last = await stored.last(db, known.goal.id)
    if behind == (last is not None and last.behind):
        return
    goal, at = known.goal, now if last is None else max(now, last.at + _TICK)
    told = GoalStanding(
        organization_id=goal.organization_id, id=uuid7(), goal_id=goal.id, patient_id=goal.patient_id,
        program_id=await patients.program_of(db, goal.patient_id), at=at, local_date=known.today(now),
        behind=behind,
    )  # fmt: skip
    await db.add(told)
    await happenings.watch(db, goal.patient_id, Source("goal", told.id), at=at, now=now)
