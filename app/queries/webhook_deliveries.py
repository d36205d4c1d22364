"""What is on its way to webhook endpoints, and what became of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, insert, or_, select, tuple_, update

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import Alert, Event, FeedHead, WebhookAttempt, WebhookDelivery, WebhookEndpoint

MOST_AT_ONCE = 1_000
"""So many positions of the feed are turned into deliveries in one unit of work."""


class Replay(NamedTuple):
    """What is to be sent anew: these, those of a time, those in a status. All that is given holds."""

    delivery_ids: Sequence[UUID] | None
    since: datetime | None
    until: datetime | None
    status: str | None


async def behind(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The endpoints for which there is something to do that nobody is at: a job was lost, a wait is over."""
    statement = (
        select(WebhookEndpoint.id)
        .where(WebhookEndpoint.organization_id == db.organization_id, _has_work(now))
        .order_by(WebhookEndpoint.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim_behind(db: Db, endpoint_id: UUID, now: datetime) -> WebhookEndpoint | None:
    """One of them, locked until the commit; None when somebody else is at it."""
    statement = (
        select(WebhookEndpoint)
        .where(
            WebhookEndpoint.organization_id == db.organization_id,
            WebhookEndpoint.id == endpoint_id,
            _has_work(now),
        )
        .with_for_update(skip_locked=True, key_share=True)
    )
    endpoint: WebhookEndpoint | None = await db.scalar(statement)
    return endpoint


async def held(db: Db, endpoint_id: UUID) -> WebhookEndpoint | None:
    """An endpoint, locked until the commit: whoever sends for it waits. None when there is none."""
    statement = (
        select(WebhookEndpoint)
        .where(WebhookEndpoint.organization_id == db.organization_id, WebhookEndpoint.id == endpoint_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    endpoint: WebhookEndpoint | None = await db.scalar(statement)
    return endpoint


async def to_follow(db: Db) -> Sequence[UUID]:
    """The enabled endpoints that have not followed the feed to its head."""
    statement = select(WebhookEndpoint.id).where(
        WebhookEndpoint.organization_id == db.organization_id,
        WebhookEndpoint.status == "enabled",
        _is_behind_the_feed(),
    )
    return (await db.scalars(statement)).all()


async def events_for(db: Db, endpoint: WebhookEndpoint) -> tuple[Sequence[Any], int]:
    """The events behind the endpoint's cursor that it is to be told of, and how far that looked.

    What the head counts is there: whoever reads the events after it misses none.
    """
    head = select(FeedHead.position).where(FeedHead.organization_id == db.organization_id)
    reached = min(await db.scalar(head), endpoint.cursor + MOST_AT_ONCE)
    statement = (
        select(
            Event.position, Event.type, Event.alert_id, Event.patient_id, Event.sequence, Event.occurred_at
        )
        .where(
            Event.organization_id == db.organization_id,
            Event.position > endpoint.cursor,
            Event.position <= reached,
            Event.type.in_(endpoint.event_types),
        )
        .order_by(Event.position)
    )
    if endpoint.program_ids:
        statement = statement.join(
            Alert, and_(Alert.organization_id == Event.organization_id, Alert.id == Event.alert_id)
        ).where(Alert.program_id.in_(endpoint.program_ids))
    return (await db.execute(statement)).all(), reached


async def add(db: Db, deliveries: Sequence[Mapping[str, Any]]) -> None:
    """Write new deliveries, of which all columns are given."""
    if deliveries:
        await db.execute(insert(WebhookDelivery).values(list(deliveries)))


async def take_due(db: Db, endpoint_id: UUID, now: datetime, until: datetime, limit: int) -> Sequence[Any]:
    """The deliveries that are to be sent now, longest due first; claimed until then.

    The caller holds the endpoint.
    """
    due = (
        select(WebhookDelivery.id)
        .where(*_due(endpoint_id, db, now))
        .order_by(WebhookDelivery.due_at, WebhookDelivery.id)
        .limit(limit)
    )
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.organization_id == db.organization_id, WebhookDelivery.id.in_(due))
        .values(claimed_until=until, attempts=WebhookDelivery.attempts + 1)
        .returning(WebhookDelivery)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    found: Sequence[WebhookDelivery] = (await db.scalars(statement)).all()
    return sorted(found, key=lambda each: (each.due_at, each.id))


async def next_due(db: Db, endpoint_id: UUID) -> datetime | None:
    """When the next waiting delivery to an endpoint is to be sent."""
    statement = select(func.min(WebhookDelivery.due_at)).where(
        WebhookDelivery.organization_id == db.organization_id,
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.status == "waiting",
    )
    due_at: datetime | None = await db.scalar(statement)
    return due_at


async def locked(db: Db, delivery_id: UUID) -> WebhookDelivery | None:
    """One delivery, locked until the commit."""
    statement = (
        select(WebhookDelivery)
        .where(WebhookDelivery.organization_id == db.organization_id, WebhookDelivery.id == delivery_id)
        .with_for_update(key_share=True)
    )
    delivery: WebhookDelivery | None = await db.scalar(statement)
    return delivery


async def replay(db: Db, endpoint_id: UUID, which: Replay, now: datetime, limit: int) -> int:
    """Let these wait to be sent, in a new round of attempts; how many there are.

    What waits already, and what is with somebody who is sending it, is left alone.
    """
    found = (
        select(WebhookDelivery.id)
        .where(
            WebhookDelivery.organization_id == db.organization_id,
            WebhookDelivery.endpoint_id == endpoint_id,
            WebhookDelivery.status != "waiting",
            *_of(which),
        )
        .order_by(WebhookDelivery.created_at, WebhookDelivery.id)
        .limit(limit)
    )
    statement = (
        update(WebhookDelivery)
        .where(WebhookDelivery.organization_id == db.organization_id, WebhookDelivery.id.in_(found))
        .values(
            status="waiting", due_at=now, attempts=0, round=WebhookDelivery.round + 1, code=None,
            settled_at=None, claimed_until=None,
        )
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    return len((await db.scalars(statement)).all())


async def known(db: Db, endpoint_id: UUID, delivery_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Those of these ids that are deliveries to this endpoint."""
    statement = select(WebhookDelivery.id).where(
        WebhookDelivery.organization_id == db.organization_id,
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.id.in_(delivery_ids),
    )
    return frozenset((await db.scalars(statement)).all())


async def listed(
    db: Db, actor: Actor, endpoint_id: UUID, *, status: str | None, limit: int,
    before: tuple[datetime, UUID] | None,
) -> Sequence[WebhookDelivery]:  # fmt: skip
    """The deliveries to an endpoint, newest first, from behind `before`."""
    order = (WebhookDelivery.created_at, WebhookDelivery.id)
    statement = select(WebhookDelivery).where(
        visible(WebhookDelivery, actor), WebhookDelivery.endpoint_id == endpoint_id
    )
    if status is not None:
        statement = statement.where(WebhookDelivery.status == status)
    if before is not None:
        statement = statement.where(tuple_(*order) < before)
    found = await db.scalars(statement.order_by(*(each.desc() for each in order)).limit(limit))
    return found.all()


async def one(
    db: Db, actor: Actor, endpoint_id: UUID, delivery_id: UUID
) -> tuple[WebhookDelivery, Sequence[WebhookAttempt]]:
    """A delivery with its attempts, oldest first. Raises `NotFound`."""
    statement = select(WebhookDelivery).where(
        visible(WebhookDelivery, actor),
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.id == delivery_id,
    )
    delivery: WebhookDelivery | None = await db.scalar(statement)
    if delivery is None:
        raise NotFound
    attempts = (
        select(WebhookAttempt)
        .where(
            WebhookAttempt.organization_id == db.organization_id, WebhookAttempt.delivery_id == delivery_id
        )
        .order_by(WebhookAttempt.round, WebhookAttempt.number)
    )
    return delivery, (await db.scalars(attempts)).all()


def _of(which: Replay) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if which.delivery_ids is not None:
        found.append(WebhookDelivery.id.in_(which.delivery_ids))
    if which.since is not None:
        found.append(WebhookDelivery.occurred_at >= which.since)
    if which.until is not None:
        found.append(WebhookDelivery.occurred_at < which.until)
    if which.status is not None:
        found.append(WebhookDelivery.status == which.status)
    return found


def _due(endpoint_id: UUID, db: Db, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        WebhookDelivery.organization_id == db.organization_id,
        WebhookDelivery.endpoint_id == endpoint_id,
        WebhookDelivery.status == "waiting",
        WebhookDelivery.due_at <= now,
        func.coalesce(WebhookDelivery.claimed_until, now) <= now,
    )


def _has_work(now: datetime) -> ColumnElement[bool]:
    """Nobody sends for it, and it is behind the feed or something for it is due."""
    is_due = exists().where(
        WebhookDelivery.organization_id == WebhookEndpoint.organization_id,
        WebhookDelivery.endpoint_id == WebhookEndpoint.id,
        WebhookDelivery.status == "waiting",
        WebhookDelivery.due_at <= now,
        func.coalesce(WebhookDelivery.claimed_until, now) <= now,
    )
    return and_(
        WebhookEndpoint.status != "deleted",
        func.coalesce(WebhookEndpoint.sending_until, now) <= now,
        or_(_is_behind_the_feed(), and_(WebhookEndpoint.status == "enabled", is_due)),
    )


def _is_behind_the_feed() -> ColumnElement[bool]:
    head = (
        select(FeedHead.position)
        .where(FeedHead.organization_id == WebhookEndpoint.organization_id)
        .correlate(WebhookEndpoint)
        .scalar_subquery()
    )
    return and_(WebhookEndpoint.purpose == "events", WebhookEndpoint.cursor < head)
