"""Look at a goal together, say that it is reached or not, or give it up."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Unacceptable
from app.goals.standing import Closing
from app.models import Goal, GoalReview
from app.queries import audit, idempotency
from app.queries import goals as stored
from app.services import goal_standings
from app.services.goals import require_open


@dataclass(frozen=True, slots=True)
class Look:
    """A review. Without `is_said` the next one is due by the goal's own terms; None and said: never."""

    id: UUID
    note: str | None
    next_review_on: date | None
    is_said: bool


async def review(db: Db, actor: Actor, goal_id: UUID, look: Look, now: datetime) -> None:
    """Note that the care team looked at a goal, and when it does so next.

    Raises `NotFound`, `Conflict` for a draft, for a goal that is closed and for an id in use, `Unacceptable`
    for a next review that is not later than today.
    """
    known = await stored.to_change(db, actor, goal_id)
    goal, today = known.goal, known.today(now)
    _require_agreed(goal)
    if look.next_review_on is not None and look.next_review_on <= today:
        raise Unacceptable.at("/next_review_on", "too_early", "Later than today.")
    by_itself = today + timedelta(days=known.terms.reviewed_every)
    goal.review_on = look.next_review_on if look.is_said else by_itself
    await idempotency.add_new(
        db,
        GoalReview(
            organization_id=goal.organization_id, id=look.id, goal_id=goal.id, patient_id=goal.patient_id,
            at=now, by=actor.id, note=look.note, next_review_on=goal.review_on,
        ),
    )  # fmt: skip
    audit.record(db, actor, now, Permission.GOAL_REVIEW, of="goal", id=goal.id, patient_id=goal.patient_id)


async def settle(
    db: Db, actor: Actor, goal_id: UUID, *, reached: bool, note: str | None, now: datetime
) -> None:
    """Close a goal as reached or not, whatever its entries say. The same again changes nothing.

    Raises `NotFound`, and `Conflict` for a draft and for a goal that was closed otherwise.
    """
    await _close(db, actor, goal_id, "achieved" if reached else "not_achieved", note, now)


async def retire(db: Db, actor: Actor, goal_id: UUID, reason: str, now: datetime) -> None:
    """Give a goal up, or a draft. The same again changes nothing.

    Raises `NotFound`, and `Conflict` for a goal that was closed otherwise.
    """
    await _close(db, actor, goal_id, "retired", reason, now)


async def _close(
    db: Db, actor: Actor, goal_id: UUID, closing: Closing, reason: str | None, now: datetime
) -> None:
    known = await stored.to_change(db, actor, goal_id)
    goal = known.goal
    if goal.closed_at is None or (goal.status, goal.close_reason) != (closing, reason):
        if closing != "retired":
            _require_agreed(goal)
        require_open(goal)
        goal.status, goal.status_since, goal.review_on = closing, now, None
        goal.closed_at, goal.closed_by, goal.close_reason = now, actor.id, reason
        await db.flush()
        await goal_standings.reckon(db, known, now)
    audit.record(db, actor, now, Permission.GOAL_CLOSE, of="goal", id=goal.id, patient_id=goal.patient_id)


def _require_agreed(goal: Goal) -> None:
    require_open(goal)
    if goal.agreed_version is None:
        raise Conflict("not_agreed", "Patient and counselor have not agreed on this goal yet.")
