"""Raise a crisis flag, and see what became of it."""

from typing import Annotated, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Body, Header, Response

from app.access import Actor, Permission, Role
from app.dependencies import AcceptLanguage, CurrentPage, Db, Now, TokenExpired, Whose, requires
from app.dependencies.newest_first import Position
from app.edge.kept_route import KeptLenientRoute, kept_as
from app.edge.strict_route import router as strict_router
from app.queries import audit, patients
from app.queries import crisis_flags as stored
from app.queries.crisis_flags import Shown
from app.schemas.contact_attempt import ContactAttemptRead
from app.schemas.crisis_flag import (
    AnyCrisisFlag,
    CrisisFlagBody,
    CrisisFlagDetail,
    CrisisFlagPage,
    CrisisFlagRead,
    CrisisFlagReceipt,
    CrisisFlagReply,
    CrisisFlagStatus,
    Status,
    seen_sentence,
)
from app.schemas.follow_up import FollowUpRead
from app.schemas.help import Help
from app.sentences import negotiate
from app.services import crisis_flags
from app.services.crisis_flags import Draft, Raised

router = strict_router("/v1/patients/{patient_id}/crisis-flags", "crisis", route_class=KeptLenientRoute)
one_flag = strict_router("/v1/crisis-flags", "crisis")

Raiser = Annotated[Actor, requires(Permission.CRISIS_FLAG_RAISE, even_expired=True)]
Reader = Annotated[Actor, requires(Permission.CRISIS_FLAG_READ)]
# Not the pattern of other routes: an odd key is no reason to refuse.
AnyKey = Annotated[str | None, Header(alias="Idempotency-Key", description="Stands in for an `id`.")]


@router.post(
    "",
    status_code=201,
    operation_id="raise_crisis_flag",
    responses={
        200: {"model": CrisisFlagReply | CrisisFlagReceipt, "description": "Raised before: the first result."}
    },
)
@kept_as("crisis_flag")
async def raise_flag(
    *,
    actor: Raiser,  # first, so that an expired token is read as this route reads it
    patient_id: Whose,
    body: Annotated[CrisisFlagBody | None, Body()] = None,
    token_expired: TokenExpired,
    idempotency_key: AnyKey = None,
    db: Db,
    now: Now,
    accept_language: AcceptLanguage,
    response: Response,
) -> CrisisFlagReply | CrisisFlagReceipt:
    """Ask for help now. One tap is enough: nothing has to be sent along.

    The care team's alert is open, and its first page written, before this answers. A token that expired up
    to seven days ago is good enough for this; who comes with one is shown nothing of the record.
    """
    sent = body or CrisisFlagBody()
    draft = draft_of(sent, sent.flag_id(actor.id, idempotency_key, now))
    raised = await crisis_flags.raise_flag(
        db, actor, patient_id, draft, token_expired=token_expired, accept_language=accept_language, now=now
    )
    response.status_code = 201 if raised.is_new else 200
    return reply_to(raised, sent.ignored, token_expired=token_expired)


@router.get("", operation_id="list_crisis_flags")
async def list_all(
    *, patient_id: Whose, actor: Reader, db: Db, now: Now, page: CurrentPage, position: Position,
    accept_language: AcceptLanguage, response: Response,
) -> CrisisFlagPage:  # fmt: skip
    """A patient's crisis flags, newest first: to a patient their own, to a supporter those they raised."""
    patient = await patients.find(db, actor, patient_id)
    found = await stored.listed(db, actor, patient_id, limit=page.limit + 1, before=position)
    audit.record(db, actor, now, Permission.CRISIS_FLAG_READ, of="crisis_flag", patient_id=patient_id)
    shown = found[: page.limit]
    locale, zone = negotiate(patient.locale, accept_language), ZoneInfo(patient.time_zone)
    keys = [key for each in shown[-1:] for key in (each.flag.filed_at, each.flag.id)]
    response.headers["Cache-Control"] = "private, no-store"
    return CrisisFlagPage(
        items=[_shown(actor, each, locale, zone, now) for each in shown],
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


@one_flag.get("/{crisis_flag_id}", operation_id="read_crisis_flag")
async def read(
    *, crisis_flag_id: UUID, actor: Reader, db: Db, now: Now, accept_language: AcceptLanguage,
    response: Response,
) -> AnyCrisisFlag:  # fmt: skip
    """One crisis flag: to the care team with who tried to reach them, and when they are followed up."""
    found = await stored.one(db, actor, crisis_flag_id)
    patient = await patients.find(db, actor, found.flag.patient_id)
    audit.record(
        db, actor, now, Permission.CRISIS_FLAG_READ, of="crisis_flag", id=crisis_flag_id,
        patient_id=patient.id,
    )  # fmt: skip
    locale, zone = negotiate(patient.locale, accept_language), ZoneInfo(patient.time_zone)
    reply = _shown(actor, found, locale, zone, now)
    response.headers["Cache-Control"] = "private, no-store"
    if isinstance(reply, CrisisFlagDetail):
        tried = await stored.attempts(db, crisis_flag_id)
        follow_up = await stored.follow_up(db, found.flag)
        reply.contact_attempts = [ContactAttemptRead.of(*each) for each in tried]
        reply.follow_up = FollowUpRead.model_validate(follow_up) if follow_up else None
    return reply


def draft_of(body: CrisisFlagBody, flag_id: UUID | None = None) -> Draft:
    """The body as the service takes it, under the body's id unless there is another."""
    return Draft(
        id=flag_id or body.id, occurred_at=body.occurred_at, time_zone=body.time_zone,
        recorded_at=body.recorded_at, what=body.what or None, place=body.where or None,
        reach=body.reach_me or None, company=body.with_me or None,
    )  # fmt: skip


def reply_to(
    raised: Raised, ignored: list[str], *, token_expired: bool
) -> CrisisFlagReply | CrisisFlagReceipt:
    """What the person who asked for help reads."""
    words = Help.model_validate(raised.help)
    if token_expired:
        return CrisisFlagReceipt(id=raised.flag.id, status="open", help=words, ignored=ignored)
    return CrisisFlagReply(
        id=raised.flag.id, status=cast(Status, raised.flag.status), alert_id=raised.flag.alert_id,
        care_team_told=raised.care_team_told, help=words, ignored=ignored,
    )  # fmt: skip


def _shown(actor: Actor, found: Shown, locale: str, zone: ZoneInfo, now: Now) -> AnyCrisisFlag:
    """As much of a flag as its reader sees."""
    if actor.role is Role.SUPPORTER:
        return CrisisFlagStatus.model_validate(found.flag)
    seen = seen_sentence(found.flag, found.seen_by, locale, zone, now)
    if actor.role is Role.PATIENT:
        return CrisisFlagRead.model_validate(found.flag).model_copy(update={"seen": seen})
    raiser = {"raised_by_name": found.raised_by_name, "raised_by_relation": found.raised_by_relation}
    return CrisisFlagDetail.of(found.flag).model_copy(update={"seen": seen, **raiser})
