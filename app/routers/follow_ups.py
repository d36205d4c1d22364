"""Who is to be spoken with again after their crisis, and that it was done."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, requires
from app.dependencies.newest_first import Position
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import follow_ups as stored
from app.schemas.follow_up import CompletionBody, FollowUpItem, FollowUpPage, FollowUpRead
from app.services import follow_ups

router = strict_router("/v1/follow-ups", "crisis")


@router.get("", operation_id="list_follow_ups")
async def list_all(
    *,
    actor: Annotated[Actor, requires(Permission.FOLLOW_UP_READ)],
    db: Db,
    now: Now,
    page: CurrentPage,
    position: Position,
    response: Response,
    status: Annotated[Literal["due", "done"], Query()] = "due",
    assignee_id: Annotated[UUID | Literal["me"] | None, Query(description="Whose to do.")] = None,
) -> FollowUpPage:
    """The follow-ups of the patients whom the asker sees: what is overdue first."""
    whose = actor.id if assignee_id == "me" else assignee_id
    found = await stored.listed(
        db, actor, status=status, assignee_id=whose, limit=page.limit + 1, after=position
    )
    shown = found[: page.limit]
    of = [each.follow_up.patient_id for each in shown]
    audit.record(db, actor, now, Permission.FOLLOW_UP_READ, of="follow_up", patient_ids=of)
    keys = [
        key for each, _ in shown[-1:] for key in (each.due_by if status == "due" else each.done_at, each.id)
    ]
    response.headers["Cache-Control"] = "private, no-store"
    return FollowUpPage(
        items=[
            FollowUpItem(**FollowUpRead.model_validate(each).__dict__, patient_name=name)
            for each, name in shown
        ],
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


@router.post("/{follow_up_id}/completion", operation_id="complete_follow_up")
async def complete(
    *,
    follow_up_id: UUID,
    body: CompletionBody,
    actor: Annotated[Actor, requires(Permission.FOLLOW_UP_COMPLETE)],
    db: Db,
    now: Now,
) -> FollowUpRead:
    """Say that somebody spoke with the person again, and what came of it. Saying so twice changes nothing."""
    done = await follow_ups.complete(
        db, actor, follow_up_id, outcome=body.outcome, note=body.note or None, now=now
    )
    return FollowUpRead.model_validate(done)
