"""Deliver one page: claim it, send it with nothing held, keep what became of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app import pager
from app.database import unit_of_work
from app.pager import Kind
from app.post_office import Delivery, PostOffice
from app.services import paging
from app.services.paging import Claim

log = structlog.get_logger()


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
    if claim.whereto is None:
        return Delivery(False, "not_in_care")
    kind, link = Kind(claim.severity), pager.alert_link(office.dashboard, claim.alert_id)
    if claim.digest:
        kind, link = Kind.DIGEST, pager.list_link(office.dashboard)
    if claim.channel == "crisis_service":
        kind = Kind.CRISIS_SERVICE
    return await office.send(organization_id, claim.recipient_id, claim.channel, claim.whereto, kind, link)
