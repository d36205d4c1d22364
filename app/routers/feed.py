"""The feed of alerts: asked for, or streamed. Nothing that the reader may see is missed."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Request, Response
from fastapi.security.utils import get_authorization_scheme_param
from fastapi.sse import EventSourceResponse, ServerSentEvent

from app import clock
from app.access import Actor, Permission
from app.database import unit_of_work
from app.dependencies import CurrentActor, Db, Now, requires
from app.dependencies.conditional import PRIVATE, UNCHANGED, CurrentPoll, KnownHead, not_modified
from app.edge.strict_route import router as strict_router
from app.errors import TooMany, Unacceptable
from app.problems import is_database_away
from app.queries import audit, events
from app.queries.events import Stretch
from app.schemas.feed import LATEST, FeedItem, FeedPage, cursor_of, position_of
from app.watermark import Head

router = strict_router("/v1/alerts", "alerts")

STREAMS = 10
"""How many streams one person or integration may hold open in one process."""

RETRY_MILLISECONDS = 2000
STREAM_PAGE = 100
_open: Counter[UUID] = Counter()

Reader = Annotated[Actor, requires(Permission.ALERT_READ)]
After = Annotated[
    str | None,
    Query(max_length=50, description="A cursor, or `latest`. Without it: from the beginning."),
]
LastEventId = Annotated[str | None, Header(max_length=50, description="Goes before `after`.")]


def _position(cursor: str | None, head: Head) -> int:
    if cursor is None:
        return 0
    position = head.position if cursor == LATEST else position_of(cursor)
    if position is None:
        raise Unacceptable.at("/after", "bad_cursor", "This is not a cursor of the feed.")
    return position


@router.get("/feed", operation_id="read_alert_feed", response_model=FeedPage, responses=UNCHANGED)
async def read_feed(
    *, actor: Reader, db: Db, now: Now, known: KnownHead, poll: CurrentPoll, response: Response,
    after: After = None, limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> FeedPage | Response:  # fmt: skip
    """Every change behind a cursor, once, in the order of their commits, whatever ran concurrently.

    To follow from now on: take the cursor of `after=latest`, read the list of alerts, then follow the cursor.
    """
    if known is not None and poll.has(known):
        return not_modified(poll.tag(known))
    if known is not None and _position(after, known) == known.position:
        response.headers.update(poll.headers(known))
        return FeedPage(items=[], next=cursor_of(known.position), more=False)
    head = await events.head(db)
    if poll.has(head):
        return not_modified(poll.tag(head))
    found = await _read(db, actor, head, after=_position(after, head), limit=limit, now=now)
    response.headers.update(poll.headers(head))
    items = [FeedItem.model_validate(each) for each in found.events]
    return FeedPage(items=items, next=cursor_of(found.reached), more=found.more)


async def _read(db: Db, actor: Actor, head: Head, *, after: int, limit: int, now: datetime) -> Stretch:
    found = await events.following(db, actor, head, after, limit)
    if found.events:
        of = [each.patient_id for each in found.events]
        audit.record(db, actor, now, Permission.ALERT_READ, of="event", patient_ids=of)
    return found


async def place(actor: CurrentActor) -> AsyncIterator[None]:
    """One of the actor's streams, until its response has ended. Raises `TooMany`."""
    if _open[actor.id] >= STREAMS:
        raise TooMany(15, "too_many_streams", "You hold too many streams open; close one.")
    _open[actor.id] += 1
    try:
        yield
    finally:
        _open[actor.id] -= 1
        if not _open[actor.id]:
            del _open[actor.id]


async def start(
    request: Request,
    response: Response,
    actor: Reader,
    after: After = None,
    last_event_id: LastEventId = None,
) -> int:
    """The position behind which a stream begins; refused before the stream has begun."""
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        head = await events.head(db)
    position = _position(last_event_id or after, head)
    events.require_reached(head, position)
    response.headers.update(PRIVATE)
    return position


async def expiry(request: Request, now: Now) -> datetime:
    """When the access token ends, and what it opened with it."""
    _, token = get_authorization_scheme_param(request.headers["Authorization"])
    ends: datetime = request.app.state.tokens.verify(token, now=now).expires_at
    return ends


@router.get(
    "/stream",
    operation_id="stream_alert_feed",
    response_class=EventSourceResponse,
    dependencies=[Depends(place)],
)
async def stream(
    request: Request,
    actor: Reader,
    position: Annotated[int, Depends(start)],
    ends: Annotated[datetime, Depends(expiry)],
) -> AsyncIterator[ServerSentEvent]:
    """The feed as server-sent events: `event` is the type, `data` the feed's item, `id` its cursor.

    It ends with the access token: connect again with a new one and `Last-Event-ID`.
    """
    yield ServerSentEvent(retry=RETRY_MILLISECONDS, id=cursor_of(position))
    more = True
    while await _may_go_on(request, actor, ends, position, wait=not more):
        try:
            # Shielded: a client that leaves in the middle of a statement must not cost a connection.
            found = await asyncio.shield(_read_now(request, actor, position))
        except Exception as exc:
            if is_database_away(exc):
                return  # the client comes back with its cursor
            raise
        for each in found.events:
            item = FeedItem.model_validate(each)
            yield ServerSentEvent(event=item.type, id=cursor_of(item.position), data=item)
        position, more = found.reached, found.more
    yield ServerSentEvent(id=cursor_of(position))


async def _read_now(request: Request, actor: Actor, position: int) -> Stretch:
    """One reading in a unit of work of its own: between readings a stream holds no connection."""
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        head = await events.head(db)
        return await _read(db, actor, head, after=position, limit=STREAM_PAGE, now=clock.now())


async def _may_go_on(request: Request, actor: Actor, ends: datetime, position: int, *, wait: bool) -> bool:
    """Wait until the feed is past `position`, if at all; False when the stream is to end."""
    state = request.app.state
    if wait:
        seconds = (ends - clock.now()).total_seconds()
        passing = state.watermark.passing(actor.organization_id, position)
        await _first_of(seconds, passing, state.draining.wait())
    return not state.draining.begun and clock.now() < ends


async def _first_of(seconds: float, *waits: Coroutine[Any, Any, None]) -> None:
    tasks = [asyncio.create_task(each) for each in waits]
    try:
        await asyncio.wait(tasks, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
