"""The secrets under which webhooks are signed: made, sealed, rotated, shown once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.models import WebhookEndpoint
from app.post_office import PostOffice
from app.queries import audit
from app.queries import webhook_endpoints as stored
from app.webhooks.signature import new_secret

SHOWN_AGAIN_FOR: Final = timedelta(minutes=10)
"""So long the same request gets the same secret once more: an answer can be lost on its way."""


def made(office: PostOffice, organization_id: UUID, endpoint_id: UUID) -> tuple[str, bytes]:
    """A new secret of an endpoint, and as it is kept."""
    secret = new_secret()
    return secret, office.sealer.seal(secret, place=_place(organization_id, endpoint_id))


def secrets_of(office: PostOffice, endpoint: WebhookEndpoint, now: datetime) -> Sequence[str]:
    """What messages are signed with at `now`, and calls back may be: the secret, and during a rotation the
    one before. Raises `Unsealable` for what another key has sealed, and for a deleted endpoint's."""
    sealed = [endpoint.secret]
    if endpoint.previous_secret and endpoint.previous_until and now < endpoint.previous_until:
        sealed.append(endpoint.previous_secret)
    place = _place(endpoint.organization_id, endpoint.id)
    return [office.sealer.unseal(each, place=place) for each in sealed]


async def rotate(
    db: Db, actor: Actor, endpoint_id: UUID, overlap: timedelta, *, office: PostOffice, version: int,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:  # fmt: skip
    """Sign with a new secret from now on, and with the old one as well for the time of `overlap`.

    Raises `NotFound`, `PreconditionFailed`.
    """
    endpoint = await stored.to_change(db, actor, endpoint_id, version)
    secret, sealed = made(office, endpoint.organization_id, endpoint.id)
    endpoint.rotate(sealed, overlap, now)
    await db.flush()
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=endpoint.id)
    return endpoint, secret


def shown_again(
    office: PostOffice, endpoint: WebhookEndpoint, made_at: datetime, now: datetime
) -> str | None:
    """The secret that was made at that moment, for whoever made it and asks the same once more.

    None when that was more than `SHOWN_AGAIN_FOR` ago, and when there is another by now.
    """
    if endpoint.secret_since != made_at or now - made_at > SHOWN_AGAIN_FOR:
        return None
    return secrets_of(office, endpoint, now)[0]


def _place(organization_id: UUID, endpoint_id: UUID) -> str:
    return f"webhook_endpoint:{organization_id}:{endpoint_id}"
