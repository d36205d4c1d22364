"""Deliver one page: claim it, send it with nothing held, keep what became of it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app import pager
from app.database import unit_of_work
from app.pager import Kind
from app.post_office import Delivery, PostOffice
from app.sealing import Unsealable
from app.services import paging
from app.services.paging import Claim, Outside
from app.services.webhook_secrets import secrets_of
from app.webhooks import body, client, signature

log = structlog.get_logger()
_CODES: Final[Mapping[client.Code, str]] = {
    "delivered": "sent", "too_large": "sent", "gone": "refused", "refused": "refused",
    "redirected": "refused", "timed_out": "timed_out", "address_forbidden": "address_forbidden",
    "failed": "failed", "unreachable": "failed", "tls_failed": "failed",
}  # fmt: skip
"""What a hand-off's attempt is called among those of pages: what is worth trying again is `failed`."""


async def deliver(
    engine: AsyncEngine, office: PostOffice, organization_id: UUID, page_id: UUID,
    clock: Callable[[], datetime],
) -> None:  # fmt: skip
    """Send one page, unless it is settled, no longer wanted, or with another worker.

    With a digest, all that goes out in it. Who was not reached is gone on from page by page: each one touches
    its own alert, and locks it.
    """
    async with unit_of_work(engine, organization_id) as db:
        claim = await paging.claim(db, page_id, clock())
    if claim is None:
        return
    delivered, code = await _send(office, organization_id, claim)
    log.info("page_attempted", page_id=page_id, channel=claim.channel, code=code, count=len(claim.attempts))
    for part in [claim] if delivered else claim.single():
        async with unit_of_work(engine, organization_id) as db:
            await paging.settle(db, part, delivered, code, clock())


async def _send(office: PostOffice, organization_id: UUID, claim: Claim) -> Delivery:
    if claim.outside is not None:
        return await _hand_off(office, claim.outside)
    if claim.whereto is None:
        return Delivery(False, "not_in_care")
    kind, link = Kind(claim.severity), pager.alert_link(office.dashboard, claim.alert_id)
    if claim.digest:
        kind, link = Kind.DIGEST, pager.list_link(office.dashboard)
    if claim.channel == "crisis_service":
        kind = Kind.CRISIS_SERVICE
    return await office.send(organization_id, claim.recipient_id, claim.channel, claim.whereto, kind, link)


async def _hand_off(office: PostOffice, to: Outside) -> Delivery:
    """Ask the outside crisis service, in a message that is the same at every attempt."""
    hand_off, endpoint, now = to
    try:
        secrets = secrets_of(office, endpoint, now)
    except Unsealable:
        return Delivery(False, "address_unusable")
    answer_url = f"{office.dashboard}/v1/hand-offs/{hand_off.organization_id}/{hand_off.id}/answer"
    message = body.hand_off(
        hand_off.requested_at, hand_off_id=hand_off.id, alert_id=hand_off.alert_id,
        patient_id=hand_off.patient_id, answer_by=hand_off.answer_by, answer_url=answer_url,
    )  # fmt: skip
    headers = signature.headers(secrets, body.message_id(hand_off.id), now, message)
    answer = await client.post(endpoint.url, headers, message, private_hosts=office.private_hosts)
    code = _CODES[answer.code]
    return Delivery(code == "sent", code)
