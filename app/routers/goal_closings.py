"""GoalReviews of goals, and how they end: reached, not reached, given up."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import AcceptLanguage, Db, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import goal_progress as stored
from app.queries import goals as stored_goals
from app.routers.goals import standing_now
from app.schemas.goal import GoalRead
from app.schemas.goal_progress import (
    GoalAchievementBody,
    GoalRetirementBody,
    GoalReviewBody,
    GoalReviewRead,
    GoalReviews,
)
from app.services import goal_closings
from app.services.goal_closings import Look

router = strict_router("/v1/goals/{goal_id}", "goals")
Closer = Annotated[Actor, requires(Permission.GOAL_CLOSE)]


@router.post("/review", operation_id="review_goal")
async def review(
    *, goal_id: UUID, body: GoalReviewBody, actor: Annotated[Actor, requires(Permission.GOAL_REVIEW)], db: Db,
    now: Now, once: OnlyOnce, accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Note that the care team looked at an agreed goal, and when the next review is due."""
    patient_id = (await stored_goals.find(db, actor, goal_id)).goal.patient_id
    if first := await once.first(body, body.id):
        audit.record(db, actor, now, Permission.GOAL_READ, of="goal", id=goal_id, patient_id=patient_id)
        return tagged(response, GoalRead.model_validate(first))
    is_said = "next_review_on" in body.model_fields_set
    look = Look(body.id or uuid7(), body.note or None, body.next_review_on, is_said)
    await goal_closings.review(db, actor, goal_id, look, now)
    return tagged(response, once.keep(await standing_now(db, actor, goal_id, accept_language, now)))


@router.get("/reviews", operation_id="list_goal_reviews")
async def reviews(
    goal_id: UUID,
    actor: Annotated[Actor, requires(Permission.GOAL_READ)],
    db: Db,
    now: Now,
    response: Response,
) -> GoalReviews:
    """The reviews of a goal, the newest first. Patients read them, too."""
    goal = (await stored_goals.find(db, actor, goal_id)).goal
    found = await stored.reviews(db, goal)
    audit.record(
        db, actor, now, Permission.GOAL_READ, of="goal_review", id=goal_id, patient_id=goal.patient_id
    )
    response.headers["Cache-Control"] = "private, no-store"
    return GoalReviews(items=[GoalReviewRead.model_validate(each) for each in found])


@router.post("/achievement", operation_id="settle_goal")
async def settle(
    *, goal_id: UUID, body: GoalAchievementBody, actor: Closer, db: Db, now: Now,
    accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Close an agreed goal as reached or not reached, whatever its entries say."""
    await goal_closings.settle(db, actor, goal_id, reached=body.reached, note=body.note or None, now=now)
    return tagged(response, await standing_now(db, actor, goal_id, accept_language, now))


@router.post("/retirement", operation_id="retire_goal")
async def retire(
    *, goal_id: UUID, body: GoalRetirementBody, actor: Closer, db: Db, now: Now,
    accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Give a goal up, or a draft; its entries are kept."""
    await goal_closings.retire(db, actor, goal_id, body.reason, now)
    return tagged(response, await standing_now(db, actor, goal_id, accept_language, now))
