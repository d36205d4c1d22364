"""Goals: list, write down, read, change, agree on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission, Role
from app.database import Db as UnitOfWork
from app.dependencies import AcceptLanguage, CurrentPage, Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.newest_first import Position
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.goals.standing import Status
from app.queries import audit, goal_lists, goal_standings, patients
from app.queries import goals as stored
from app.queries.goal_lists import Wanted
from app.queries.goal_standings import Reckoned
from app.schemas.goal import GoalAgreementBody, GoalBody, GoalChange, GoalPage, GoalRead, GoalVersions
from app.sentences import negotiate
from app.services import goals
from app.services.goals import Draft

router = strict_router("/v1", "goals")
ONE = "/goals/{goal_id}"
PRIVATE = "private, no-store"

Reader = Annotated[Actor, requires(Permission.GOAL_READ)]
Writer = Annotated[Actor, requires(Permission.GOAL_WRITE)]
Signer = Annotated[Actor, requires(Permission.GOAL_AGREE)]


async def wanted(
    *,
    status: Annotated[list[Status] | None, Query(max_length=6, description="All of them.")] = None,
    patient_id: UUID | None = None,
    program_id: Annotated[UUID | None, Query(description="In which the goal was written down.")] = None,
    review_overdue: Annotated[bool, Query(description="Only those that should have been reviewed.")] = False,
) -> Wanted:
    """The filters of a list of goals."""
    return Wanted(status or (), patient_id, program_id, review_overdue)


@router.get("/goals", operation_id="list_goals")
async def many(
    *, actor: Reader, db: Db, now: Now, page: CurrentIdPage, filters: Annotated[Wanted, Depends(wanted)],
    accept_language: AcceptLanguage, response: Response,
) -> GoalPage:  # fmt: skip
    """The goals of everybody whom the caller sees, the oldest first, each as it stands now."""
    found = await goal_lists.listed(db, actor, filters, now, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.known.goal.id)
    whose = [each.known.goal.patient_id for each in shown]
    audit.record(db, actor, now, Permission.GOAL_READ, of="goal", patient_ids=whose)
    response.headers["Cache-Control"] = PRIVATE
    return GoalPage(items=_items(actor, shown, accept_language, now), next_cursor=next_cursor)


@router.get("/patients/{patient_id}/goals", operation_id="list_patient_goals")
async def of_patient(
    *, patient_id: Whose, actor: Reader, db: Db, now: Now, page: CurrentPage, position: Position,
    accept_language: AcceptLanguage, response: Response,
) -> GoalPage:  # fmt: skip
    """A patient's goals, the newest first, each as it stands now."""
    await patients.find(db, actor, patient_id)
    found = await goal_lists.of_patient(db, actor, patient_id, now, limit=page.limit + 1, before=position)
    shown = found[: page.limit]
    keys = [key for each in shown[-1:] for key in (each.known.goal.created_at, each.known.goal.id)]
    audit.record(db, actor, now, Permission.GOAL_READ, of="goal", patient_id=patient_id)
    response.headers["Cache-Control"] = PRIVATE
    return GoalPage(
        items=_items(actor, shown, accept_language, now),
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


@router.post(
    "/patients/{patient_id}/goals",
    status_code=201,
    operation_id="add_goal",
    responses={200: {"model": GoalRead, "description": "Written down before: the first result."}},
)
async def add(
    *, patient_id: Whose, body: GoalBody, actor: Writer, db: Db, now: Now, once: OnlyOnce,
    accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Write down a draft of a goal. It may lack anything; `lacks` says what, letter by letter."""
    await patients.find(db, actor, patient_id)
    if first := await once.first(body, body.id):
        audit.record(db, actor, now, Permission.GOAL_READ, of="goal", patient_id=patient_id)
        return tagged(response, GoalRead.model_validate(first))
    draft = Draft(body.id or uuid7(), body.terms())
    await goals.add(db, actor, patient_id, draft, now)
    return tagged(response, once.keep(await standing_now(db, actor, draft.id, accept_language, now)))


@router.get(ONE, operation_id="read_goal")
async def one(
    goal_id: UUID, actor: Reader, db: Db, now: Now, accept_language: AcceptLanguage, response: Response
) -> GoalRead:
    """One goal, as it stands now."""
    goal = await standing_now(db, actor, goal_id, accept_language, now)
    audit.record(db, actor, now, Permission.GOAL_READ, of="goal", id=goal_id, patient_id=goal.patient_id)
    return tagged(response, goal)


@router.patch(ONE, operation_id="change_goal")
async def change(
    *, goal_id: UUID, body: GoalChange, actor: Writer, version: ExpectedVersion, db: Db, now: Now,
    accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Change a goal.

    A draft changes in place and loses its signatures. An agreed one needs a reason and gets a new version,
    which waits as `proposal` for both signatures while the agreed one stays in force.
    """
    await goals.change(db, actor, goal_id, body.changes(), reason=body.reason, version=version, now=now)
    return tagged(response, await standing_now(db, actor, goal_id, accept_language, now))


@router.get(ONE + "/versions", operation_id="list_goal_versions")
async def versions(goal_id: UUID, actor: Reader, db: Db, now: Now, response: Response) -> GoalVersions:
    """Every wording of a goal with its reason, author and signatures, the newest first."""
    known = await stored.find(db, actor, goal_id)
    found = await stored.versions(db, known.goal)
    audit.record(
        db, actor, now, Permission.GOAL_READ, of="goal", id=goal_id, patient_id=known.goal.patient_id
    )
    response.headers["Cache-Control"] = PRIVATE
    return GoalVersions.of(known, found)


@router.post(ONE + "/agreement", operation_id="agree_on_goal")
async def agree(
    *, goal_id: UUID, body: GoalAgreementBody, actor: Signer, db: Db, now: Now,
    accept_language: AcceptLanguage, response: Response,
) -> GoalRead:  # fmt: skip
    """Sign the newest wording, as the patient or as a counselor. With both signatures it is in force.

    Refused with what it `lacks` while it is not SMART.
    """
    locale = None if actor.role is Role.PATIENT else negotiate(None, accept_language)
    await goals.agree(db, actor, goal_id, version=body.row_version, locale=locale, now=now)
    return tagged(response, await standing_now(db, actor, goal_id, accept_language, now))


async def standing_now(
    db: UnitOfWork, actor: Actor, goal_id: UUID, accept_language: str | None, now: datetime
) -> GoalRead:
    """One goal as it stands now. Raises `NotFound`."""
    known = await stored.find(db, actor, goal_id)
    (item,) = _items(actor, await goal_standings.reckoned(db, [known], now), accept_language, now)
    return item


def _items(
    actor: Actor, found: Sequence[Reckoned], accept_language: str | None, now: datetime
) -> list[GoalRead]:
    is_theirs = actor.role is Role.PATIENT
    return [
        GoalRead.of(each, negotiate(each.known.locale if is_theirs else None, accept_language), now)
        for each in found
    ]
