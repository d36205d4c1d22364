"""Alerts for the care team: who needs whom now, why, and what was done about it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, Page, actor_of, requires
from app.dependencies.conditional import UNCHANGED, CurrentPoll, KnownHead, not_modified
from app.dependencies.newest_first import position
from app.edge.strict_route import router as strict_router
from app.queries import alerts as stored
from app.queries import audit, events, timelines
from app.queries.alerts import UNRESOLVED, Named, Wanted
from app.queries.timelines import Moment
from app.schemas.alert import (
    AcknowledgementBody,
    AlertDetail,
    AlertEntryRead,
    AlertPage,
    AlertRead,
    AssignmentBody,
    ExplanationRead,
    NoteBody,
    OccurrenceRead,
    ResolutionBody,
    Severity,
    SnoozeBody,
    Status,
)
from app.schemas.on_call import StaffRef
from app.schemas.timeline import MomentRead, Next, Timeline
from app.services import alerts

router = strict_router("/v1/alerts", "alerts")
ONE = "/{alert_id:uuid}"  # so that `feed` and `stream` are no ids

Reader = Annotated[Actor, requires(Permission.ALERT_READ)]


async def wanted(
    *,
    request: Request,
    status: Annotated[
        list[Status] | None, Query(max_length=3, description="Open and acknowledged ones.")
    ] = None,
    severity: Annotated[list[Severity] | None, Query(max_length=4)] = None,
    patient_id: UUID | None = None,
    assignee_id: Annotated[Literal["me"] | UUID | None, Query(description="`me` is the caller.")] = None,
    program_id: UUID | None = None,
) -> Wanted:
    """The filters of a list of alerts."""
    assignee = actor_of(request).id if assignee_id == "me" else assignee_id
    return Wanted(status or UNRESOLVED, severity or (), patient_id, assignee, program_id)


@router.get("", operation_id="list_alerts", response_model=AlertPage, responses=UNCHANGED)
async def list_alerts(
    *, actor: Reader, db: Db, now: Now, known: KnownHead, poll: CurrentPoll, page: CurrentPage,
    response: Response, filters: Annotated[Wanted, Depends(wanted)],
) -> AlertPage | Response:  # fmt: skip
    """What is due first comes first; of resolved alerts alone, the newest. Poll it with `If-None-Match`."""
    if known is not None and poll.has(known):
        return not_modified(poll.tag(known))
    head = await events.head(db)
    if poll.has(head):
        return not_modified(poll.tag(head))
    found = await stored.listed(db, actor, filters, limit=page.limit + 1, after=await position(page))
    shown = found[: page.limit]
    of = [each.alert.patient_id for each in shown]
    audit.record(db, actor, now, Permission.ALERT_READ, of="alert", patient_ids=of)
    response.headers.update(poll.headers(head))
    return AlertPage(
        items=[AlertRead.of(*each) for each in shown],
        next_cursor=_cursor_behind(shown[-1], filters, page) if len(found) > len(shown) else None,
    )


def _cursor_behind(last: Named, filters: Wanted, page: Page) -> str | None:
    moment = last.alert.resolved_at if filters.newest_first else last.alert.due_at
    return page.next_cursor(True, moment, last.alert.id)


@router.get(ONE, operation_id="get_alert")
async def get_alert(alert_id: UUID, actor: Reader, db: Db, now: Now) -> AlertDetail:
    """One alert, with everything that happened to it and every finding on it."""
    alert, patient_name = await stored.one(db, actor, alert_id)
    log, occurrences = await stored.log(db, alert), await stored.occurrences(db, alert)
    audit.record(db, actor, now, Permission.ALERT_READ, of="alert", id=alert.id, patient_id=alert.patient_id)
    detail = AlertDetail.of(alert, patient_name)
    detail.log = [AlertEntryRead.model_validate(each) for each in log]
    detail.findings = [OccurrenceRead.model_validate(each) for each in occurrences]
    return detail


@router.get(ONE + "/explanation", operation_id="explain_alert")
async def explain_alert(
    alert_id: UUID,
    actor: Reader,
    db: Db,
    now: Now,
    occurrence: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="The newest if not said.")
    ] = None,
) -> ExplanationRead:
    """Why: the rule as it was, what it looked at, and whether the same comes out today."""
    alert, found = await stored.occurrence(db, actor, alert_id, occurrence)
    audit.record(db, actor, now, Permission.ALERT_READ, of="alert", id=alert.id, patient_id=alert.patient_id)
    return ExplanationRead.of(found)


@router.get(ONE + "/timeline", operation_id="read_alert_timeline")
async def read_timeline(alert_id: UUID, actor: Reader, db: Db, now: Now) -> Timeline:
    """Who was told of an alert, when, by what and with what success; what was done; and what comes next."""
    alert, _ = await stored.one(db, actor, alert_id)
    found = await timelines.of(db, alert)
    audit.record(db, actor, now, Permission.ALERT_READ, of="alert", id=alert.id, patient_id=alert.patient_id)
    return Timeline(items=[_moment(each) for each in found], next=Next.of(alert))


def _moment(found: Moment) -> MomentRead:
    recipient = StaffRef.named(found.recipient_id, found.recipient)
    author = StaffRef.named(found.author_id, found.author)
    return MomentRead.model_validate({**found._asdict(), "recipient": recipient, "author": author})


@router.post(ONE + "/acknowledgement", operation_id="acknowledge_alert")
async def acknowledge(
    alert_id: UUID,
    actor: Annotated[Actor, requires(Permission.ALERT_ACKNOWLEDGE)],
    db: Db,
    now: Now,
    _body: AcknowledgementBody | None = None,
) -> AlertRead:
    """Say that somebody has it: the ladder stops. Saying so again changes nothing."""
    await alerts.acknowledge(db, actor, alert_id, now)
    return AlertRead.of(*await stored.one(db, actor, alert_id))


@router.post(ONE + "/resolution", operation_id="resolve_alert")
async def resolve(
    alert_id: UUID,
    body: ResolutionBody,
    actor: Annotated[Actor, requires(Permission.ALERT_RESOLVE)],
    db: Db,
    now: Now,
) -> AlertRead:
    """Close it with what came of it. 409 when there is a newer occurrence than was seen."""
    await alerts.resolve(
        db, actor, alert_id, outcome=body.outcome, note=body.note or None,
        occurrences_seen=body.occurrences_seen, now=now,
    )  # fmt: skip
    return AlertRead.of(*await stored.one(db, actor, alert_id))


@router.post(ONE + "/assignment", operation_id="assign_alert")
async def assign(
    alert_id: UUID,
    body: AssignmentBody,
    actor: Annotated[Actor, requires(Permission.ALERT_ASSIGN)],
    db: Db,
    now: Now,
) -> AlertRead:
    """Make it the alert of somebody who works in one of the patient's programs."""
    await alerts.assign(db, actor, alert_id, body.assignee_id, now)
    return AlertRead.of(*await stored.one(db, actor, alert_id))


@router.post(ONE + "/snooze", operation_id="snooze_alert")
async def snooze(
    alert_id: UUID,
    body: SnoozeBody,
    actor: Annotated[Actor, requires(Permission.ALERT_SNOOZE)],
    db: Db,
    now: Now,
) -> AlertRead:
    """Have nobody told for so many minutes from now; then the ladder is climbed anew. Never when critical."""
    await alerts.snooze(db, actor, alert_id, body.minutes, now)
    return AlertRead.of(*await stored.one(db, actor, alert_id))


@router.post(
    ONE + "/notes",
    status_code=201,
    operation_id="annotate_alert",
    responses={200: {"model": AlertRead, "description": "This note was kept before."}},
)
async def annotate(
    *,
    alert_id: UUID,
    body: NoteBody,
    actor: Annotated[Actor, requires(Permission.ALERT_ANNOTATE)],
    db: Db,
    now: Now,
    response: Response,
) -> AlertRead:
    """Add a note to the log, also of a resolved alert."""
    is_new = await alerts.annotate(db, actor, alert_id, note_id=body.id, note=body.text, now=now)
    response.status_code = 201 if is_new else 200
    return AlertRead.of(*await stored.one(db, actor, alert_id))
