"""With whom the demonstration talks: a subscriber of webhooks and an outside crisis service, both played by
the program that shows the pagers; and a telehealth platform, which is yours to play."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.database import Db
from app.demo import reach, sign_ins
from app.demo.cast import Organization, id_of
from app.demo.sign_ins import Platform, SignIns, Webhook
from app.models import TelehealthIntegration, TelehealthMeeting, WebhookEndpoint
from app.queries import telehealth_integrations, telehealth_participants
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
    await _add_platforms(db, organization, known, sealer, now)
    db.at_commit(
        "update webhook_endpoint e set cursor = f.position from feed_head f"
        " where f.organization_id = %s and e.organization_id = f.organization_id",
        (organization.id,),
        last=True,
    )


async def _add_platforms(
    db: Db, organization: Organization, known: SignIns, sealer: Sealer, now: datetime
) -> None:
    """Its meeting is the check-in by video; the program's patients have ids there."""
    for platform in known.platforms:
        if platform.organization != organization.name:
            continue
        integration_id, adele = UUID(platform.integration_id), id_of("staff", "adele")
        sealed = _sealed_for(sealer, organization.id, platform)
        await db.add(
            TelehealthIntegration(
                organization_id=organization.id, id=integration_id, platform="generic", name="Video rooms",
                secret=sealed, created_at=now, created_by=adele, row_version=1,
            )
        )  # fmt: skip
        await telehealth_integrations.announce(db, integration_id)
        await db.add(
            TelehealthMeeting(
                organization_id=organization.id, integration_id=integration_id,
                meeting_id=platform.meeting_id, session_series_id=id_of("series", platform.meeting_id),
                created_at=now, created_by=adele,
            )
        )  # fmt: skip
        for patient in organization.patients:
            if patient.program == "evening":
                patient_id = id_of("patient", patient.key)
                key = id_of("telehealth-participant", patient.key).hex
                await telehealth_participants.give(db, integration_id, patient_id, key, adele, now)


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
    accounts = {UUID(each.integration_id): each for each in known.platforms}
    theirs = select(TelehealthIntegration).where(
        TelehealthIntegration.organization_id == organization.id, TelehealthIntegration.id.in_(accounts)
    )
    for integration in await db.scalars(theirs):
        integration.secret = _sealed_for(sealer, organization.id, accounts[integration.id])
    await db.flush()


def url(own: Settings, webhook: Webhook) -> str:
    """Where an endpoint of the demonstration leads."""
    return f"{reach.url(sign_ins.base_url(own))}/{webhook.path}"


def _sealed_for(sealer: Sealer, organization_id: UUID, platform: Platform) -> bytes:
    place = f"telehealth_integration:{organization_id}:{platform.integration_id}"
    return sealer.seal(platform.secret, place=place)


def _sealed(sealer: Sealer, organization_id: UUID, endpoint_id: UUID, secret: str) -> bytes:
    return sealer.seal(secret, place=f"webhook_endpoint:{organization_id}:{endpoint_id}")
