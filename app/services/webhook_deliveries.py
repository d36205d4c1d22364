"""Bring events to webhook endpoints: what is to be sent, to whom next, and what became of it.

The feed is the outbox: an endpoint's `cursor` is how far it has been followed, and moves together with the
deliveries that are written for it. Between taking and settling nothing is locked and nothing is in a
transaction: the network may take its time. A worker that dies there leaves a claim that runs out, and the
same message is sent again: twice rather than not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.database import Db
from app.errors import Unacceptable
from app.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from app.queries import audit, jobs
from app.queries import webhook_deliveries as stored
from app.queries import webhook_endpoints as stored_endpoints
from app.queries.webhook_deliveries import Replay
from app.webhooks import body, schedule
from app.webhooks.catalogue import TEST
from app.webhooks.client import Answer

LEASE: Final = timedelta(minutes=1)
"""Longer than any attempt may take."""
AT_ONCE: Final = 8
"""So many messages are on their way to one endpoint."""
SOON: Final = timedelta(minutes=1)
MOST_REPLAYED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is this worker's for a while: which attempt of which round it is."""

    delivery_id: UUID
    round: int
    number: int
    id: str
    content: bytes


class Taken(NamedTuple):
    """What is to be sent to an endpoint now, and until when nobody else sends for it. Without a lease there
    is nothing left."""

    endpoint: WebhookEndpoint
    lease: datetime | None
    messages: Sequence[Message]


async def take(
    db: Db, endpoint_id: UUID, now: datetime, lease: datetime | None = None, *, at_most: int = AT_ONCE
) -> Taken | None:
    """Follow the feed for an endpoint, and take on what is due to it. None when somebody else sends for it.

    `lease` is the caller's own from the time before. With nothing left it is given back while the endpoint
    is locked: whoever writes something new after that finds it free.
    """
    endpoint = await stored.held(db, endpoint_id)
    if endpoint is None or not _is_free(endpoint, lease, now):
        return None
    has_more = await follow(db, endpoint, now)
    messages: Sequence[Message] = ()
    if endpoint.is_enabled:
        taken = await stored.take_due(db, endpoint_id, now, now + LEASE, at_most)
        messages = [_message(each) for each in taken]
    endpoint.sending_until = now + LEASE if messages or has_more else None
    await db.flush()
    if endpoint.sending_until is None:
        await _be_back(db, endpoint, now)
    return Taken(endpoint, endpoint.sending_until, messages)


async def _be_back(db: Db, endpoint: WebhookEndpoint, now: datetime) -> None:
    """The next attempt is soon: sweeps find it a little late."""
    due_at = await stored.next_due(db, endpoint.id) if endpoint.is_enabled else None
    if due_at is not None and due_at <= now + SOON:
        jobs.serve_endpoint(db, endpoint.id, at=due_at)


def _is_free(endpoint: WebhookEndpoint, lease: datetime | None, now: datetime) -> bool:
    if lease is not None:
        return endpoint.sending_until == lease
    return endpoint.sending_until is None or endpoint.sending_until <= now


def _message(delivery: WebhookDelivery) -> Message:
    return Message(
        delivery.id, delivery.round, delivery.attempts, body.message_id(delivery.id), _content(delivery)
    )


def _content(delivery: WebhookDelivery) -> bytes:
    if delivery.type == TEST:
        return body.test(delivery.occurred_at)
    assert delivery.alert_id is not None
    assert delivery.patient_id is not None
    assert delivery.sequence is not None
    assert delivery.position is not None
    return body.event(
        delivery.type, delivery.occurred_at, alert_id=delivery.alert_id, patient_id=delivery.patient_id,
        sequence=delivery.sequence, position=delivery.position,
    )  # fmt: skip


async def give_back(db: Db, endpoint_id: UUID, lease: datetime, now: datetime) -> None:
    """Let another job go on: one endpoint with much to send must not have a place for ever.

    Until when it was served stays known: what has waited since before is nobody's neglect.
    """
    endpoint = await stored.held(db, endpoint_id)
    if endpoint is not None and endpoint.sending_until == lease:
        endpoint.sending_until = now
        await db.flush()
        jobs.serve_endpoint(db, endpoint_id)


async def follow(db: Db, endpoint: WebhookEndpoint, now: datetime) -> bool:
    """Write a delivery for each event that the endpoint is to be told of, up to a bound; whether there may be
    more. What happens while it is disabled is parked. The caller holds the endpoint."""
    if endpoint.purpose != "events":
        return False
    found, reached = await stored.events_for(db, endpoint)
    is_parked = not endpoint.is_enabled
    await stored.add(
        db,
        [
            {
                "organization_id": endpoint.organization_id, "id": uuid7(), "endpoint_id": endpoint.id,
                "position": each.position, "type": each.type, "alert_id": each.alert_id,
                "patient_id": each.patient_id, "sequence": each.sequence, "occurred_at": each.occurred_at,
                "status": "parked" if is_parked else "waiting", "code": None, "attempts": 0, "round": 1,
                "created_at": now, "due_at": None if is_parked else now, "claimed_until": None,
                "settled_at": now if is_parked else None,
            }
            for each in found
        ],
    )  # fmt: skip
    has_more = reached - endpoint.cursor == stored.MOST_AT_ONCE
    endpoint.cursor = reached
    await db.flush()
    return has_more


async def look(db: Db, endpoint_id: UUID, now: datetime) -> bool:
    """See to an endpoint whose job was lost, or whose next attempt is due. False when somebody else does."""
    endpoint = await stored.claim_behind(db, endpoint_id, now)
    if endpoint is None:
        return False
    await follow(db, endpoint, now)
    if endpoint.is_enabled:
        await jobs.serve_endpoint_again(db, endpoint_id)
    return True


async def follow_all(db: Db) -> None:
    """Have everything sent that the feed has come to hold."""
    for endpoint_id in await stored.to_follow(db):
        jobs.serve_endpoint(db, endpoint_id)


async def settle(
    db: Db, endpoint_id: UUID, message: Message, answer: Answer, now: datetime, *, chance: float
) -> None:
    """Keep what became of an attempt. What did not arrive is tried again, or parked after the last attempt.

    An endpoint that says it is gone, or that has failed for too long, is disabled, and its administrators are
    told. `chance` is of [0, 1). An attempt of an earlier round, or one that took longer than its claim, is
    kept too; it decides nothing, unless it arrived.
    """
    endpoint, delivery = await stored.held(db, endpoint_id), await stored.locked(db, message.delivery_id)
    assert endpoint is not None, "none is ever deleted"
    assert delivery is not None, "none is ever deleted"
    is_delivered = answer.code == "delivered"
    await db.add(
        WebhookAttempt(
            organization_id=delivery.organization_id, delivery_id=delivery.id, round=message.round,
            number=message.number, at=now, delivered=is_delivered, code=answer.code, answer=answer.status,
            milliseconds=answer.milliseconds,
        )
    )  # fmt: skip
    is_ours = (delivery.round, delivery.attempts) == (message.round, message.number)
    if is_delivered:
        endpoint.failing_since = None
        if delivery.status != "delivered":
            _close(delivery, "delivered", answer.code, now)
    else:
        await _disable_if_hopeless(db, endpoint, answer, now)
        if is_ours and delivery.status == "waiting":
            _try_again(endpoint, delivery, answer, now, chance)
    await db.flush()


def _try_again(
    endpoint: WebhookEndpoint, delivery: WebhookDelivery, answer: Answer, now: datetime, chance: float
) -> None:
    due_at = schedule.next_attempt(delivery.attempts, now, chance=chance, retry_after=answer.retry_after)
    if due_at is None or not endpoint.is_enabled:
        _close(delivery, "parked", answer.code, now)
        return
    delivery.due_at, delivery.claimed_until, delivery.code = due_at, None, answer.code


def _close(delivery: WebhookDelivery, status: str, code: str, now: datetime) -> None:
    delivery.status, delivery.code, delivery.settled_at = status, code, now
    delivery.due_at = delivery.claimed_until = None


async def _disable_if_hopeless(db: Db, endpoint: WebhookEndpoint, answer: Answer, now: datetime) -> None:
    """A crisis service is never cut off by itself: the next in a crisis could not be told."""
    if endpoint.purpose == "hand_off":
        return
    endpoint.failing_since = endpoint.failing_since or now
    code = "gone" if answer.code == "gone" else "failing"
    is_hopeless = code == "gone" or schedule.has_failed_too_long(endpoint.failing_since, now)
    if is_hopeless and endpoint.disable(code, now):
        await db.flush()
        await stored_endpoints.park_waiting(db, endpoint.id, now)
        jobs.tell_of_disabled_endpoint(db, endpoint.id)


async def replay(db: Db, actor: Actor, endpoint_id: UUID, which: Replay, now: datetime) -> int:
    """Send these again, as they were, in a new round of attempts; how many. At most `MOST_REPLAYED`.

    Raises `NotFound` for no such endpoint, `Conflict` for one that is disabled, `Unacceptable` for a delivery
    that is not of it.
    """
    endpoint = await stored_endpoints.find(db, actor, endpoint_id)
    endpoint.require_enabled()
    if which.delivery_ids is not None:
        strange = set(which.delivery_ids) - await stored.known(db, endpoint_id, which.delivery_ids)
        if strange:
            raise Unacceptable.at("/delivery_ids", "unknown_delivery", "There is no such delivery.")
    count = await stored.replay(db, endpoint_id, which, now, MOST_REPLAYED)
    jobs.serve_endpoint(db, endpoint_id)
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=endpoint_id)
    return count
