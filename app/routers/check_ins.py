"""Submit and read check-ins."""

from typing import Annotated

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import AcceptLanguage, CurrentPage, Db, Now, Whose, requires
from app.dependencies.newest_first import Position
from app.edge.kept_route import KeptRoute, kept_as
from app.edge.strict_route import router as strict_router
from app.queries import audit, patients
from app.queries import check_ins as stored
from app.schemas.check_in import CheckInBody, CheckInEntry, CheckInPage, CheckInRead, CheckInReply
from app.schemas.fields import Day
from app.schemas.help import Help
from app.services import check_ins
from app.services.check_ins import Draft, Submitted

router = strict_router("/v1/patients/{patient_id}/check-ins", "check-ins", route_class=KeptRoute)


@router.post(
    "",
    status_code=201,
    operation_id="submit_check_in",
    responses={200: {"model": CheckInReply, "description": "Kept before: the first result."}},
)
@kept_as("check_in")
async def submit(
    *,
    patient_id: Whose,
    body: CheckInBody,
    actor: Annotated[Actor, requires(Permission.CHECK_IN_SUBMIT)],
    db: Db,
    now: Now,
    accept_language: AcceptLanguage,
    response: Response,
) -> CheckInReply:
    """Keep a daily self-report; the alerts that it raises are open before this answers."""
    kept = await check_ins.submit(
        db, actor, patient_id, draft_of(body), accept_language=accept_language, now=now
    )
    response.status_code = 201 if kept.is_new else 200
    return reply_to(kept)


@router.get("", operation_id="list_check_ins")
async def list_all(
    *,
    patient_id: Whose,
    actor: Annotated[Actor, requires(Permission.CHECK_IN_READ)],
    db: Db,
    now: Now,
    page: CurrentPage,
    position: Position,
    response: Response,
    first_day: Annotated[Day | None, Query(alias="from", description="The first local date.")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="The last local date.")] = None,
) -> CheckInPage:
    """A patient's check-ins, newest first."""
    await patients.find(db, actor, patient_id)
    found = await stored.recent(
        db, actor, patient_id, first_day=first_day, last_day=last_day, limit=page.limit + 1, before=position
    )
    audit.record(db, actor, now, Permission.CHECK_IN_READ, of="check_in", patient_id=patient_id)
    shown = found[: page.limit]
    items = [
        CheckInEntry(**CheckInRead.model_validate(each).__dict__, revisions=revisions)
        for each, revisions in shown
    ]
    keys = [key for each, _ in shown[-1:] for key in (each.filed_at, each.id)]
    response.headers["Cache-Control"] = "private, no-store"
    return CheckInPage(items=items, next_cursor=page.next_cursor(len(found) > page.limit, *keys))


def draft_of(body: CheckInBody) -> Draft:
    """The body as the service takes it."""
    return Draft(
        body.id, body.occurred_at, body.time_zone, body.answers.given(), body.note or None, body.recorded_at
    )


def reply_to(kept: Submitted) -> CheckInReply:
    """What the patient reads."""
    told = kept.aftermath
    return CheckInReply(
        **CheckInRead.model_validate(kept.check_in).__dict__,
        care_team_told=told.care_team_told,
        help=Help.model_validate(told.help) if told.help else None,
    )
