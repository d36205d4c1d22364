"""Whom an organization tells of events, and which crisis service of hand-offs."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, update

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Program, WebhookDelivery, WebhookEndpoint


async def find(db: Db, actor: Actor, endpoint_id: UUID) -> WebhookEndpoint:
    """One endpoint. Raises `NotFound` when it is not visible, or deleted."""
    endpoint: WebhookEndpoint | None = await db.scalar(_one(actor, endpoint_id))
    if endpoint is None:
        raise NotFound
    return endpoint


async def to_change(db: Db, actor: Actor, endpoint_id: UUID, version: int | None = None) -> WebhookEndpoint:
    """One endpoint, locked until the commit; what refers to it does not wait. Raises `NotFound`, and
    `PreconditionFailed` when it has not the version that is named, if any."""
    statement = _one(actor, endpoint_id).with_for_update(key_share=True)
    endpoint: WebhookEndpoint | None = await db.scalar(statement)
    if endpoint is None:
        raise NotFound
    if version is not None and endpoint.row_version != version:
        raise PreconditionFailed
    return endpoint


async def listed(db: Db, actor: Actor, *, limit: int, after: UUID | None) -> Sequence[WebhookEndpoint]:
    """The organization's endpoints, oldest first, from behind `after`; none that was deleted."""
    statement = _all(actor).order_by(WebhookEndpoint.id).limit(limit)
    if after is not None:
        statement = statement.where(WebhookEndpoint.id > after)
    return (await db.scalars(statement)).all()


async def has_hand_off(db: Db) -> bool:
    """Whether the organization hands over to a crisis service already; until the commit nobody else says so.

    There is one at most, and a lock on what is not there yet is none.
    """
    await (await db.driver()).execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{db.organization_id} hand-off endpoint",)
    )
    statement = select(WebhookEndpoint.id).where(
        WebhookEndpoint.organization_id == db.organization_id,
        WebhookEndpoint.purpose == "hand_off",
        WebhookEndpoint.status != "deleted",
    )
    return await db.scalar(statement) is not None


async def known_programs(db: Db, program_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these programs that the organization has."""
    statement = select(Program.id).where(
        Program.organization_id == db.organization_id, Program.id.in_(program_ids)
    )
    return set(await db.scalars(statement))


async def park_waiting(db: Db, endpoint_id: UUID, now: datetime) -> None:
    """Send nothing of what waits for this endpoint; it can be replayed."""
    await db.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.organization_id == db.organization_id,
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status == "waiting",
        )
        .values(status="parked", due_at=None, claimed_until=None, settled_at=now)
    )


async def untold(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The disabled endpoints of which the administrators are to be told by now."""
    statement = select(WebhookEndpoint.id).where(*_untold(db, now)).order_by(WebhookEndpoint.tell_at)
    return (await db.scalars(statement.limit(limit))).all()


async def claim_untold(db: Db, endpoint_id: UUID, now: datetime) -> WebhookEndpoint | None:
    """One of them, locked until the commit; None when somebody else is at it."""
    statement = select(WebhookEndpoint).where(*_untold(db, now), WebhookEndpoint.id == endpoint_id)
    endpoint: WebhookEndpoint | None = await db.scalar(
        statement.with_for_update(skip_locked=True, key_share=True)
    )
    return endpoint


async def to_tell_of(db: Db, endpoint_id: UUID) -> WebhookEndpoint | None:
    """A disabled endpoint of which the administrators are still to be told, locked until the commit."""
    statement = (
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.organization_id == db.organization_id,
            WebhookEndpoint.id == endpoint_id,
            WebhookEndpoint.tell_at.is_not(None),
        )
        .with_for_update(key_share=True)
    )
    endpoint: WebhookEndpoint | None = await db.scalar(statement)
    return endpoint


def _untold(db: Db, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (WebhookEndpoint.organization_id == db.organization_id, WebhookEndpoint.tell_at <= now)


def _all(actor: Actor) -> Select[WebhookEndpoint]:
    return select(WebhookEndpoint).where(visible(WebhookEndpoint, actor), WebhookEndpoint.status != "deleted")


def _one(actor: Actor, endpoint_id: UUID) -> Select[WebhookEndpoint]:
    return _all(actor).where(WebhookEndpoint.id == endpoint_id)
