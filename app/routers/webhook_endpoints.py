"""Webhook endpoints: add, read, change, delete; a new secret, a test, on and off."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.office import CurrentOffice
from app.dependencies.once import Once, OnlyOnce
from app.edge.strict_route import router as strict_router
from app.models import WebhookEndpoint
from app.post_office import PostOffice
from app.queries import audit
from app.queries import webhook_endpoints as stored
from app.schemas.webhook_endpoint import (
    RotationBody,
    WebhookEndpointBody,
    WebhookEndpointChange,
    WebhookEndpointMade,
    WebhookEndpointPage,
    WebhookEndpointRead,
    WebhookTestBody,
    WebhookTestRead,
)
from app.services import webhook_endpoints, webhook_secrets
from app.services.webhook_endpoints import Draft
from app.webhooks.body import message_id

router = strict_router("/v1/webhook-endpoints", "webhooks")
ONE = "/{webhook_endpoint_id}"

Manager = Annotated[Actor, requires(Permission.WEBHOOK_MANAGE)]


@router.get("", operation_id="list_webhook_endpoints")
async def many(page: CurrentIdPage, actor: Manager, db: Db, now: Now) -> WebhookEndpointPage:
    """The organization's endpoints, oldest first."""
    found = await stored.listed(db, actor, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint")
    items = [WebhookEndpointRead.model_validate(each) for each in shown]
    return WebhookEndpointPage(items=items, next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_webhook_endpoint",
    responses={200: {"model": WebhookEndpointMade, "description": "Added before: the first result."}},
)
async def add(
    *,
    body: WebhookEndpointBody,
    actor: Manager,
    office: CurrentOffice,
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> WebhookEndpointMade:
    """Tell this address of what happens from now on. The secret is shown only here."""
    await webhook_endpoints.require_fit(office, body.url)
    if first := await once.first(body, body.id):
        endpoint = await stored.find(db, actor, UUID(first["id"]))
        return tagged(response, _again(first, endpoint, office, now))
    draft = Draft(id=body.id or uuid7(), **body.model_dump(exclude={"id"}))
    endpoint, secret = await webhook_endpoints.add(db, actor, draft, office=office, now=now)
    return tagged(response, _made(once, endpoint, secret))


@router.get(ONE, operation_id="read_webhook_endpoint")
async def one(
    webhook_endpoint_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> WebhookEndpointRead:
    """One endpoint."""
    endpoint = await stored.find(db, actor, webhook_endpoint_id)
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=endpoint.id)
    return tagged(response, WebhookEndpointRead.model_validate(endpoint))


@router.patch(ONE, operation_id="change_webhook_endpoint")
async def change(
    *,
    webhook_endpoint_id: UUID,
    body: WebhookEndpointChange,
    actor: Manager,
    version: ExpectedVersion,
    office: CurrentOffice,
    db: Db,
    now: Now,
    response: Response,
) -> WebhookEndpointRead:
    """Change an endpoint. What waits to be sent goes to its new address, too."""
    changes = body.model_dump(exclude_unset=True)
    if "url" in changes:
        await webhook_endpoints.require_fit(office, body.url)
    endpoint = await webhook_endpoints.change(
        db, actor, webhook_endpoint_id, changes, version=version, now=now
    )
    return tagged(response, WebhookEndpointRead.model_validate(endpoint))


@router.delete(ONE, status_code=204, operation_id="remove_webhook_endpoint")
async def remove(webhook_endpoint_id: UUID, actor: Manager, db: Db, now: Now) -> None:
    """Have an endpoint no more. Nothing is sent there from now on."""
    await webhook_endpoints.remove(db, actor, webhook_endpoint_id, now)


@router.post(
    ONE + "/secret-rotation",
    operation_id="rotate_webhook_secret",
    responses={200: {"description": "The new secret is shown only here."}},
)
async def rotate(
    *,
    webhook_endpoint_id: UUID,
    body: RotationBody,
    actor: Manager,
    version: ExpectedVersion,
    office: CurrentOffice,
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> WebhookEndpointMade:
    """Sign with a new secret; for a while with the old one as well, so that the receiver can follow.

    A rotation before the last one's overlap is over ends what was signed before that.
    """
    if first := await once.first(body):
        endpoint = await stored.find(db, actor, webhook_endpoint_id)
        return tagged(response, _again(first, endpoint, office, now))
    overlap = timedelta(hours=body.overlap_hours)
    endpoint, secret = await webhook_secrets.rotate(
        db, actor, webhook_endpoint_id, overlap, office=office, version=version, now=now
    )
    return tagged(response, _made(once, endpoint, secret))


@router.post(
    ONE + "/test",
    status_code=201,
    operation_id="test_webhook_endpoint",
    responses={200: {"model": WebhookTestRead, "description": "Asked for before: the first result."}},
)
async def try_out(
    *, webhook_endpoint_id: UUID, body: WebhookTestBody, actor: Manager, db: Db, now: Now, once: OnlyOnce
) -> WebhookTestRead:
    """Send `webhook.test` there, in the same way as everything else."""
    await stored.find(db, actor, webhook_endpoint_id)
    if first := await once.first(body, body.id):
        return WebhookTestRead.model_validate(first)
    delivery = await webhook_endpoints.try_out(db, actor, webhook_endpoint_id, body.id or uuid7(), now)
    return once.keep(WebhookTestRead(delivery_id=delivery.id, message_id=message_id(delivery.id)))


@router.post(ONE + "/enabling", operation_id="enable_webhook_endpoint")
async def enable(
    webhook_endpoint_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> WebhookEndpointRead:
    """Send again, from now on. What was parked meanwhile is sent when it is replayed."""
    endpoint = await webhook_endpoints.enable(db, actor, webhook_endpoint_id, now)
    return tagged(response, WebhookEndpointRead.model_validate(endpoint))


@router.post(ONE + "/disabling", operation_id="disable_webhook_endpoint")
async def disable(
    webhook_endpoint_id: UUID, actor: Manager, db: Db, now: Now, response: Response
) -> WebhookEndpointRead:
    """Send nothing more until it is enabled. What there would be to send is parked, and can be replayed."""
    endpoint = await webhook_endpoints.disable(db, actor, webhook_endpoint_id, now)
    return tagged(response, WebhookEndpointRead.model_validate(endpoint))


def _made(once: Once, endpoint: WebhookEndpoint, secret: str) -> WebhookEndpointMade:
    """The reply with the secret; it is remembered without."""
    read = WebhookEndpointRead.model_validate(endpoint).model_dump()
    once.keep(WebhookEndpointMade.model_validate({**read, "secret": None}))
    return WebhookEndpointMade.model_validate({**read, "secret": secret})


def _again(
    first: dict[str, Any], endpoint: WebhookEndpoint, office: PostOffice, now: Now
) -> WebhookEndpointMade:
    reply = WebhookEndpointMade.model_validate(first)
    secret = webhook_secrets.shown_again(office, endpoint, reply.secret_since, now)
    return reply.model_copy(update={"secret": secret})
