"""What was sent to a webhook endpoint, with every attempt; and sending it again."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, requires
from app.dependencies.newest_first import Position
from app.edge.strict_route import router as strict_router
from app.models import WebhookDelivery
from app.queries import audit, webhook_endpoints
from app.queries import webhook_deliveries as stored
from app.queries.webhook_deliveries import Replay
from app.schemas.webhook_delivery import (
    DeliveryStatus,
    ReplayBody,
    ReplayRead,
    WebhookAttemptRead,
    WebhookDeliveryDetail,
    WebhookDeliveryPage,
    WebhookDeliveryRead,
)
from app.services import webhook_deliveries
from app.webhooks.body import message_id

router = strict_router("/v1/webhook-endpoints/{webhook_endpoint_id}", "webhooks")

Manager = Annotated[Actor, requires(Permission.WEBHOOK_MANAGE)]
PRIVATE = "private, no-store"


@router.get("/deliveries", operation_id="list_webhook_deliveries")
async def many(
    *, webhook_endpoint_id: UUID, actor: Manager, db: Db, now: Now, page: CurrentPage, position: Position,
    response: Response, status: Annotated[DeliveryStatus | None, Query()] = None,
) -> WebhookDeliveryPage:  # fmt: skip
    """What was and is to be sent to an endpoint, newest first."""
    await webhook_endpoints.find(db, actor, webhook_endpoint_id)
    found = await stored.listed(
        db, actor, webhook_endpoint_id, status=status, limit=page.limit + 1, before=position
    )
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=webhook_endpoint_id)
    shown = found[: page.limit]
    keys = [key for each in shown[-1:] for key in (each.created_at, each.id)]
    response.headers["Cache-Control"] = PRIVATE
    return WebhookDeliveryPage(
        items=[_read(each) for each in shown], next_cursor=page.next_cursor(len(found) > page.limit, *keys)
    )


@router.get("/deliveries/{delivery_id}", operation_id="read_webhook_delivery")
async def one(
    *, webhook_endpoint_id: UUID, delivery_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> WebhookDeliveryDetail:
    """One of them, with every attempt, oldest first."""
    await webhook_endpoints.find(db, actor, webhook_endpoint_id)
    delivery, attempts = await stored.one(db, actor, webhook_endpoint_id, delivery_id)
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=webhook_endpoint_id)
    response.headers["Cache-Control"] = PRIVATE
    tried = [WebhookAttemptRead.model_validate(each) for each in attempts]
    return WebhookDeliveryDetail(**_read(delivery).__dict__, tried=tried)


@router.post("/replays", status_code=202, operation_id="replay_webhook_deliveries")
async def replay(
    *, webhook_endpoint_id: UUID, body: ReplayBody, actor: Manager, db: Db, now: Now
) -> ReplayRead:
    """Send these again, under the same `webhook-id` and with the same body, in a new round of attempts. What
    waits already is left alone."""
    which = Replay(body.delivery_ids, body.since, body.until, body.status)
    if which == Replay(None, None, None, None):
        which = Replay(None, None, None, "parked")
    count = await webhook_deliveries.replay(db, actor, webhook_endpoint_id, which, now)
    return ReplayRead(count=count, more=count == webhook_deliveries.MOST_REPLAYED)


def _read(delivery: WebhookDelivery) -> WebhookDeliveryRead:
    known = {
        name: getattr(delivery, name) for name in WebhookDeliveryRead.model_fields if name != "message_id"
    }
    return WebhookDeliveryRead(**known, message_id=message_id(delivery.id))
