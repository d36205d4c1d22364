"""Serve webhook endpoints: send what is due to one, several messages at a time, until nothing is left.

An endpoint that hangs takes one place of a worker, and its own messages wait; no other endpoint does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from random import SystemRandom
from typing import Final
from uuid import UUID
from weakref import WeakKeyDictionary, WeakValueDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Db, unit_of_work
from app.models import WebhookEndpoint
from app.pager import Kind, list_link
from app.post_office import PostOffice
from app.queries import administrators
from app.sealing import Unsealable
from app.services import webhook_deliveries, webhook_endpoints
from app.services.webhook_deliveries import Message
from app.services.webhook_secrets import secrets_of
from app.webhooks import client, signature
from app.webhooks.client import Answer

log = structlog.get_logger()
ROUNDS: Final = 50
"""After so many the job makes room, and another goes on."""
CONNECTIONS: Final = 6
"""So many of the worker's connections are used at once, however many endpoints answer: pages need others."""
_chance: Final = SystemRandom()
_settling: Final[WeakValueDictionary[UUID, asyncio.Lock]] = WeakValueDictionary()
_lines: Final[WeakKeyDictionary[Engine, asyncio.Semaphore]] = WeakKeyDictionary()

Clock = Callable[[], datetime]


async def follow_feed(engine: AsyncEngine, organization_id: UUID) -> None:
    """Have every endpoint served that is behind the feed."""
    async with _in_line(engine, organization_id) as db:
        await webhook_deliveries.follow_all(db)


async def serve(
    engine: AsyncEngine, office: PostOffice, organization_id: UUID, endpoint_id: UUID, clock: Clock
) -> None:
    """Send what is due to one endpoint, unless another job does."""
    lease: datetime | None = None
    for _ in range(ROUNDS):
        async with _in_line(engine, organization_id) as db:
            taken = await webhook_deliveries.take(db, endpoint_id, clock(), lease)
        if taken is None or taken.lease is None:
            return
        lease = taken.lease
        sending = (_send(engine, office, taken.endpoint, message, clock) for message in taken.messages)
        await asyncio.gather(*sending)
    assert lease is not None
    async with _in_line(engine, organization_id) as db:
        await webhook_deliveries.give_back(db, endpoint_id, lease, clock())


async def _send(
    engine: AsyncEngine, office: PostOffice, endpoint: WebhookEndpoint, message: Message, clock: Clock
) -> None:
    answer = await _answer(office, endpoint, message, clock())
    log.info(
        "webhook_attempted", endpoint_id=endpoint.id, delivery_id=message.delivery_id, code=answer.code,
        attempt=message.number,
    )  # fmt: skip
    # One after the other: they would wait for the endpoint's row anyway, each with a connection.
    settling = _settling.setdefault(endpoint.id, asyncio.Lock())
    async with settling, _in_line(engine, endpoint.organization_id) as db:
        await webhook_deliveries.settle(db, endpoint.id, message, answer, clock(), chance=_chance.random())


@asynccontextmanager
async def _in_line(engine: AsyncEngine, organization_id: UUID) -> AsyncIterator[Db]:
    """A unit of work, when fewer than `CONNECTIONS` are open: its own time begins only then."""
    line = _lines.setdefault(engine.sync_engine, asyncio.Semaphore(CONNECTIONS))
    async with line, unit_of_work(engine, organization_id) as db:
        yield db


async def _answer(office: PostOffice, endpoint: WebhookEndpoint, message: Message, now: datetime) -> Answer:
    try:
        secrets: Sequence[str] = secrets_of(office, endpoint, now)
    except Unsealable:
        log.warning("webhook_secret_unusable", endpoint_id=endpoint.id)
        return Answer("secret_unusable", None, None, 0)
    headers = signature.headers(secrets, message.id, now, message.content)
    return await client.post(endpoint.url, headers, message.content, private_hosts=office.private_hosts)


async def tell_administrators(
    engine: AsyncEngine, office: PostOffice, organization_id: UUID, endpoint_id: UUID, clock: Clock
) -> None:
    """Tell whoever administers that an endpoint was disabled, until somebody was reached."""
    async with unit_of_work(engine, organization_id) as db:
        if not await webhook_endpoints.is_to_be_told(db, endpoint_id, clock()):
            return
        ways = await administrators.ways(db)
    link = list_link(office.dashboard)
    reached = False
    for recipient_id, channel, whereto in ways:
        sent = await office.send(organization_id, recipient_id, channel, whereto, Kind.WEBHOOK_DISABLED, link)
        log.info("administrator_told", endpoint_id=endpoint_id, channel=channel, code=sent.code)
        reached = reached or sent.delivered
    async with unit_of_work(engine, organization_id) as db:
        await webhook_endpoints.told(db, endpoint_id, reached, clock())
