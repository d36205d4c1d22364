"""Whom the demonstration tells of what happens: a subscriber of webhooks, and an outside crisis service. Both
are played by the program that shows the pagers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.database import Db
from app.demo import reach, sign_ins
from app.demo.cast import Organization, id_of
from app.demo.sign_ins import SignIns, Webhook
from app.models import WebhookEndpoint
from app.sealing import Sealer
from app.settings import Settings
from app.webhooks.catalogue import EVENTS, HANDED_OFF


async def add(
    db: Db, organization: Organization, known: SignIns, sealer: Sealer, own: Settings, now: datetime
) -> None:
    """The organization's endpoints. They are told of what happens from the end of this unit of work on."""
    for webhook in known.webhooks:
        if webhook.organization != organization.name:
            continue
        endpoint_id = id_of("webhook-endpoint", webhook.path)
        is_of_events = webhook.purpose == "events"
        await db.add(
            WebhookEndpoint(
                organization_id=organization.id, id=endpoint_id, purpose=webhook.purpose,
                url=url(own, webhook), description="Of the demonstration", program_ids=[],
                event_types=sorted(EVENTS) if is_of_events else [HANDED_OFF.value],
                secret=_sealed(sealer, organization.id, endpoint_id, webhook.secret), secret_since=now,
                status="enabled", cursor=0, created_at=now, created_by=id_of("staff", "adele"), row_version=1,
            )
        )  # fmt: skip
    db.at_commit(
        "update webhook_endpoint e set cursor = f.position from feed_head f"
        " where f.organization_id = %s and e.organization_id = f.organization_id",
        (organization.id,),
        last=True,
    )


async def follow(db: Db, organization: Organization, known: SignIns, sealer: Sealer, own: Settings) -> None:
    """Let those that are still the demonstration's lead where it is now, signed as `demo.json` says."""
    ours = {id_of("webhook-endpoint", each.path): each for each in known.webhooks}
    mine = select(WebhookEndpoint).where(
        WebhookEndpoint.organization_id == organization.id,
        WebhookEndpoint.id.in_(ours),
        WebhookEndpoint.status != "deleted",
    )
    for endpoint in await db.scalars(mine):
        webhook = ours[endpoint.id]
        endpoint.url = url(own, webhook)
        endpoint.secret = _sealed(sealer, organization.id, endpoint.id, webhook.secret)
    await db.flush()


def url(own: Settings, webhook: Webhook) -> str:
    """Where an endpoint of the demonstration leads."""
    return f"{reach.url(sign_ins.base_url(own))}/{webhook.path}"


def _sealed(sealer: Sealer, organization_id: UUID, endpoint_id: UUID, secret: str) -> bytes:
    return sealer.seal(secret, place=f"webhook_endpoint:{organization_id}:{endpoint_id}")
