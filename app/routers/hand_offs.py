"""Alerts handed to an outside crisis service: what became of them, and what the service answers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.office import CurrentOffice
from app.dependencies.strangers import AnyWorks, CurrentOrigin
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.queries import alerts as stored_alerts
from app.queries import audit
from app.queries import hand_offs as stored
from app.schemas.hand_off import HandOffAnswerBody, HandOffAnswered, HandOffRead, HandOffs
from app.services import hand_offs
from app.services.hand_offs import Call, Caller, SignatureRefused

router = strict_router("/v1", "alerts", max_body_size=8 * 1024)


@router.get("/alerts/{alert_id}/hand-offs", operation_id="list_hand_offs")
async def many(
    alert_id: UUID, actor: Annotated[Actor, requires(Permission.HAND_OFF_READ)], db: Db, now: Now
) -> HandOffs:
    """When the outside crisis service was asked to take an alert on, and what it answered."""
    alert, _ = await stored_alerts.one(db, actor, alert_id)
    found = await stored.listed(db, actor, alert.id)
    audit.record(db, actor, now, Permission.HAND_OFF_READ, of="hand_off", patient_id=alert.patient_id)
    return HandOffs(items=[HandOffRead.of(each, now) for each in found])


async def signed(
    *, request: Request, organization_id: UUID, hand_off_id: UUID, works: AnyWorks, office: CurrentOffice,
    origin: CurrentOrigin, now: Now,
) -> Caller:  # fmt: skip
    """The crisis service, by its signature on the raw body. Raises `SignatureRefused`."""
    call = Call(request.headers, await request.body(), origin)
    async with works(organization_id) as db:
        found = await hand_offs.caller(db, office, hand_off_id, call, now)
    if found is None:
        raise SignatureRefused
    return found


@router.post("/hand-offs/{organization_id}/{hand_off_id}/answer", operation_id="answer_hand_off")
async def answer(
    *, organization_id: UUID, hand_off_id: UUID, body: HandOffAnswerBody,
    caller: Annotated[Caller, Depends(signed)], works: AnyWorks, now: Now,
) -> HandOffAnswered:  # fmt: skip
    """Say whether the crisis service has it. No token: signed as hand-offs are (Standard Webhooks).

    The same again, signed anew, is the first answer; the very same call again is 409 `already_received`.
    """
    if body.hand_off_id != hand_off_id:
        raise Unacceptable.at("/hand_off_id", "another_hand_off", "Is not the hand-off of this address.")
    async with works(organization_id) as db:
        kept = await hand_offs.answer(db, caller, hand_off_id, body.answer, body.reference, now)
    return HandOffAnswered.of(kept, now)
