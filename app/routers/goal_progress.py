"""Entries on goals: list, add, withdraw."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Response

from app.access import Actor, Permission
from app.database import Db as UnitOfWork
from app.dependencies import CurrentPage, Db, Now, requires
from app.dependencies.newest_first import Position
from app.edge.strict_route import router as strict_router
from app.queries import audit, goal_marks
from app.queries import goal_progress as stored
from app.queries import goals as stored_goals
from app.queries.goals import Known
from app.schemas.goal_progress import GoalProgressBody, GoalProgressPage, GoalProgressRead
from app.services import goal_progress
from app.services.goal_progress import Draft

router = strict_router("/v1/goals/{goal_id}/progress", "goals")
Reporter = Annotated[Actor, requires(Permission.GOAL_REPORT)]


@router.get("", operation_id="list_goal_progress")
async def many(
    *, goal_id: UUID, actor: Annotated[Actor, requires(Permission.GOAL_READ)], db: Db, now: Now,
    page: CurrentPage, position: Position, response: Response,
) -> GoalProgressPage:  # fmt: skip
    """What was done towards a goal, newest first: its entries, or what it is read from."""
    known = await stored_goals.find(db, actor, goal_id)
    found = await _behind(db, known, position, page.limit + 1)
    patient_id = known.goal.patient_id
    audit.record(db, actor, now, Permission.GOAL_READ, of="goal_progress", id=goal_id, patient_id=patient_id)
    response.headers["Cache-Control"] = "private, no-store"
    shown = found[: page.limit]
    keys = [key for moment, each in shown[-1:] for key in (moment, each.id)]
    return GoalProgressPage(
        items=[each for _, each in shown],
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


async def _behind(
    db: UnitOfWork, known: Known, position: tuple[datetime, UUID] | None, limit: int
) -> Sequence[tuple[datetime, GoalProgressRead]]:
    """With the moments by which they are ordered."""
    if known.terms.fed_by is None:
        entries = await stored.listed(db, known.goal, limit=limit, before=position)
        return [(each.filed_at, GoalProgressRead.model_validate(each)) for each in entries]
    readings = (await goal_marks.readings(db, [known])).get(known.goal.id, ())
    in_order = sorted(readings, key=lambda each: (each.at, each.id), reverse=True)
    rest = [each for each in in_order if position is None or (each.at, each.id) < position]
    return [(each.at, GoalProgressRead.read_from(known.goal.id, each)) for each in rest[:limit]]


@router.post(
    "",
    status_code=201,
    operation_id="add_goal_progress",
    responses={200: {"model": GoalProgressRead, "description": "Kept before: the first result."}},
)
async def add(
    *, goal_id: UUID, body: GoalProgressBody, actor: Reporter, db: Db, now: Now, response: Response
) -> GoalProgressRead:
    """Note progress, filed on the day on which it was lived however late it comes."""
    draft = Draft(body.id, body.occurred_at, body.time_zone, body.value, body.note or None)
    noted = await goal_progress.note(db, actor, goal_id, draft, now)
    response.status_code = 201 if noted.is_new else 200
    return GoalProgressRead.model_validate(noted.progress)


@router.delete("/{goal_progress_id}", status_code=204, operation_id="withdraw_goal_progress")
async def withdraw(goal_id: UUID, goal_progress_id: UUID, actor: Reporter, db: Db, now: Now) -> None:
    """Take an entry back: it is kept, and counts no more."""
    await goal_progress.withdraw(db, actor, goal_id, goal_progress_id, now)
