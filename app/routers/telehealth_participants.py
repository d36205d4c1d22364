"""Who was in a session by the account of telehealth platforms; and who that is."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.queries import attendances, audit, telehealth_presence
from app.schemas.telehealth import TelehealthMatchBody, TelehealthPresent, TelehealthPresentList
from app.services import telehealth_participants

router = strict_router("/v1/sessions/{session_id}/telehealth-participants", "telehealth")

Matcher = Annotated[Actor, requires(Permission.TELEHEALTH_MATCH)]


@router.get("", operation_id="list_telehealth_participants")
async def many(
    *,
    session_id: UUID,
    actor: Matcher,
    db: Db,
    now: Now,
    response: Response,
    matched: Annotated[bool, Query(description="Those of whom somebody has said who they are.")] = False,
) -> TelehealthPresentList:
    """Who was in a session and of whom nobody has said who they are; or those of whom somebody has."""
    sitting = await attendances.sitting(db, actor, session_id)
    found = await telehealth_presence.present(db, actor, sitting, now)
    shown = [each for each in found if (each.participant.matched_at is not None) == matched]
    audit.record(
        db, actor, now, Permission.TELEHEALTH_MATCH, of="telehealth_participant", id=session_id,
        patient_ids=[each.participant.patient_id for each in shown if each.participant.patient_id],
    )  # fmt: skip
    response.headers["Cache-Control"] = "private, no-store"
    return TelehealthPresentList(items=[TelehealthPresent.of(each) for each in shown])


@router.post("/{telehealth_participant_id}/match", operation_id="match_telehealth_participant")
async def match(
    *,
    session_id: UUID,
    telehealth_participant_id: UUID,
    body: TelehealthMatchBody,
    actor: Matcher,
    db: Db,
    now: Now,
) -> TelehealthPresent:
    """Say which patient somebody is, or that they are nobody's. Their attendance follows, here and wherever
    else they were; who comes again under the same id is known by then. The same again changes nothing."""
    present = await telehealth_participants.match(
        db, actor, session_id, telehealth_participant_id, body.patient_id, now
    )
    return TelehealthPresent.of(present)
