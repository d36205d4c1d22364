"""Submit and read assessments."""

from typing import Annotated

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import AcceptLanguage, CurrentPage, Db, Now, Whose, requires
from app.dependencies.newest_first import Position
from app.edge.kept_route import KeptRoute, kept_as
from app.edge.strict_route import router as strict_router
from app.queries import assessments as stored
from app.queries import audit, patients
from app.routers.instruments import Instruments
from app.schemas.assessment import (
    AssessmentBody,
    AssessmentEntry,
    AssessmentPage,
    AssessmentRead,
    AssessmentReply,
)
from app.schemas.fields import Code
from app.schemas.help import Help
from app.services import assessments
from app.services.assessments import Draft, Submitted

router = strict_router("/v1/patients/{patient_id}/assessments", "assessments", route_class=KeptRoute)


@router.post(
    "",
    status_code=201,
    operation_id="submit_assessment",
    responses={200: {"model": AssessmentReply, "description": "Kept before: the first result."}},
)
@kept_as("assessment")
async def submit(
    *,
    patient_id: Whose,
    body: AssessmentBody,
    actor: Annotated[Actor, requires(Permission.ASSESSMENT_SUBMIT)],
    db: Db,
    now: Now,
    catalogue: Instruments,
    accept_language: AcceptLanguage,
    response: Response,
) -> AssessmentReply:
    """Keep and score answers to an instrument; the alerts that they raise are open before this answers."""
    kept = await assessments.submit(
        db, actor, patient_id, draft_of(body), catalogue=catalogue, accept_language=accept_language, now=now
    )
    response.status_code = 201 if kept.is_new else 200
    return reply_to(kept)


@router.get("", operation_id="list_assessments")
async def list_all(
    *,
    patient_id: Whose,
    actor: Annotated[Actor, requires(Permission.ASSESSMENT_READ)],
    db: Db,
    now: Now,
    page: CurrentPage,
    position: Position,
    response: Response,
    instrument: Annotated[Code | None, Query()] = None,
) -> AssessmentPage:
    """A patient's assessments, newest first."""
    await patients.find(db, actor, patient_id)
    found = await stored.recent(
        db, actor, patient_id, instrument=instrument, limit=page.limit + 1, before=position
    )
    audit.record(db, actor, now, Permission.ASSESSMENT_READ, of="assessment", patient_id=patient_id)
    shown = found[: page.limit]
    items = [
        AssessmentEntry(**AssessmentRead.model_validate(each).__dict__, revisions=revisions)
        for each, revisions in shown
    ]
    keys = [key for each, _ in shown[-1:] for key in (each.filed_at, each.id)]
    response.headers["Cache-Control"] = "private, no-store"
    return AssessmentPage(items=items, next_cursor=page.next_cursor(len(found) > page.limit, *keys))


def draft_of(body: AssessmentBody) -> Draft:
    """The body as the service takes it."""
    return Draft(
        body.id,
        body.instrument,
        body.version,
        body.occurred_at,
        body.time_zone,
        body.answers,
        body.recorded_at,
    )


def reply_to(kept: Submitted) -> AssessmentReply:
    """What its writer reads."""
    told = kept.aftermath
    return AssessmentReply(
        **AssessmentRead.model_validate(kept.assessment).__dict__,
        care_team_told=told.care_team_told,
        help=Help.model_validate(told.help) if told.help else None,
    )
