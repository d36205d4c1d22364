"""The service's own processes, each of which dies at one point of its work, once: by `kill -9`, from inside.

Only ever started by the tests, as `python -m tests.chaos.dying {api|worker} POINT MISTAKE`. Where it dies is
one of `POINTS`, and that it has died is a file, so that the next process of this kind lives. `MISTAKE` is
none, or one that this very death must bring to light. Leases are short here: nobody waits a minute.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app import clock, delivering, jobs, paging
from app.database import Db, engine_for, unit_of_work
from app.delivering import Clock
from app.dependencies import CurrentActor, tenant_db
from app.keeping import drain, fallback, kinds
from app.main import create_app, database_url
from app.models import WebhookEndpoint
from app.observability import configure_logging
from app.post_office import PostOffice
from app.queries.jobs import SWEEPS
from app.schemas.crisis_flag import CrisisFlagBody
from app.services import pages, webhook_deliveries
from app.services import paging as page_service
from app.services.webhook_deliveries import Message
from app.settings import settings
from app.spool import Spool
from app.webhooks import client

DIED = "HANDRAIL_TEST_DIED"
"""The file that says so."""

BEFORE, AFTER = "before", "after"


class Point(NamedTuple):
    """A call that a process does not survive, before it begins or after it has ended, if `when` says so of
    its result and its arguments; `nth` counts from 1."""

    owner: Any
    name: str
    moment: str
    when: Callable[..., bool] = lambda *_, **__: True
    nth: int = 1


def _tells(_: object, db: Db) -> bool:
    """A unit of work that brings something about, and no mere reading."""
    return bool(db._very_last)


def _found(result: object, *_: object) -> bool:
    return bool(result)


def _to(path: str) -> Callable[..., bool]:
    return lambda _, url, *__, **___: url.endswith(path)


POINTS = {
    # An answer, over HTTP.
    "before COMMIT": Point(Db, "commit", BEFORE, _tells),
    "between COMMIT and reply": Point(Db, "commit", AFTER, _tells),
    "before COMMIT of an answered hand-off": Point(Db, "commit", BEFORE, _tells, nth=3),
    "between COMMIT and reply of an answered hand-off": Point(Db, "commit", AFTER, _tells, nth=3),
    # A page.
    "page claimed, claim not committed": Point(page_service, "claim", AFTER, _found),
    "page claimed, not sent": Point(PostOffice, "send", BEFORE),
    "page sent, not marked": Point(PostOffice, "send", AFTER),
    "page marked, mark not committed": Point(page_service, "settle", AFTER),
    "page delivered, job not done with": Point(paging, "deliver", AFTER),
    # A page that is a hand-off.
    "hand-off written, not sent": Point(client, "post", BEFORE, _to("/hand-offs")),
    "hand-off sent, not marked": Point(client, "post", AFTER, _to("/hand-offs")),
    # An event on its way to somebody else's system.
    "feed not followed yet": Point(delivering, "follow_feed", BEFORE),
    "feed followed, not committed": Point(webhook_deliveries, "take", AFTER, _found),
    "webhook claimed, not sent": Point(client, "post", BEFORE, _to("/events")),
    "webhook sent, not marked": Point(client, "post", AFTER, _to("/events")),
    "webhook marked, mark not committed": Point(webhook_deliveries, "settle", AFTER),
    "webhook delivered, lease not given back": Point(delivering, "_send", AFTER),
    # What is kept while the database is away.
    "spooled, nobody paged": Point(Spool, "put", AFTER),
    "fallback paged, not marked": Point(Spool, "paged", BEFORE),
    "fallback marked, no reply": Point(Spool, "paged", AFTER),
    "drain claimed, nothing done": Point(Spool, "claim", AFTER, _found),
    "drained before COMMIT": Point(Db, "commit", BEFORE, _tells),
    "drained, not removed": Point(Spool, "remove", BEFORE),
    "drained and removed": Point(Spool, "remove", AFTER),
}


def plant(point: Point, died: Path) -> None:
    """Have this process die there, unless one has already."""
    genuine: Callable[..., Awaitable[Any]] = getattr(point.owner, point.name)
    left = [point.nth]

    @wraps(genuine)
    async def deadly(*args: Any, **named: Any) -> Any:
        if point.moment == BEFORE and point.when(None, *args, **named):
            _die(died, left)
        result = await genuine(*args, **named)
        if point.moment == AFTER and point.when(result, *args, **named):
            _die(died, left)
        return result

    setattr(point.owner, point.name, deadly)


def _die(died: Path, left: list[int]) -> None:
    left[0] -= 1
    if left[0] != 0:
        return
    try:
        os.close(os.open(died, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


async def _late(request: Request, actor: CurrentActor) -> AsyncIterator[Db]:
    """A unit of work that commits when the answer is long on its way."""
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        yield db
        await asyncio.sleep(0.05)


async def _handed_on(db: Annotated[Db, Depends(_late)]) -> Db:
    return db


def answer_first(app: FastAPI) -> None:
    """To say that it is kept, and then to keep it."""
    app.dependency_overrides[tenant_db] = _handed_on


def take_no_id(_: FastAPI) -> None:
    """To make a new thing of whatever is sent again."""
    CrisisFlagBody.flag_id = lambda *_: uuid7()


def remove_first(_: FastAPI) -> None:
    """To take something out of the spool, and then to put it into the database."""

    async def turn(self: drain.Drain) -> int:
        now = clock.now().timestamp()
        entries = await self._spool.claim(now, now + 3, 8)
        if entries:
            await self._spool.remove([each.id for each in entries])
        for each in entries:
            await self._act_on(each)
        return len(entries)

    drain.Drain.turn = turn


def drain_anew(_: FastAPI) -> None:
    """To give what is drained another id each time."""
    kinds._with_id = lambda body, _: body.model_copy(update={"id": uuid7()})


def mark_fallback_first(_: FastAPI) -> None:
    """To say that somebody was paged, and then to page."""
    genuine = fallback.Fallback._send

    async def send(self: fallback.Fallback, *args: Any) -> bool:
        for each in await self._spool.claim_pages(clock.now().timestamp() + 60, 0, 8):
            await self._spool.paged(each.id, clock.now().timestamp())
        return await genuine(self, *args)

    fallback.Fallback._send = send


async def mark_and_then_send(
    engine: AsyncEngine, office: PostOffice, organization_id: UUID, page_id: UUID, now: object
) -> None:
    """To say that a page was sent, and then to send it."""
    async with unit_of_work(engine, organization_id) as db:
        claim = await page_service.claim(db, page_id, clock.now())
        if claim is None:
            return
        await page_service.settle(db, claim, True, "sent", clock.now())
    await paging._send(office, organization_id, claim)


async def mark_webhook_first(
    engine: AsyncEngine, office: PostOffice, endpoint: WebhookEndpoint, message: Message, clock: Clock
) -> None:
    """To say that a message was delivered, and then to deliver it."""
    async with unit_of_work(engine, endpoint.organization_id) as db:
        done = client.Answer("delivered", 200, None, 0)
        await webhook_deliveries.settle(db, endpoint.id, message, done, clock(), chance=0.5)
    await delivering._answer(office, endpoint, message, clock())


API_MISTAKES = {
    "answer first": answer_first, "take no id": take_no_id, "remove first": remove_first,
    "drain anew": drain_anew, "mark fallback first": mark_fallback_first,
}  # fmt: skip


def hurry() -> None:
    """Whoever takes over from somebody dead does so within seconds."""
    page_service.CLAIM = pages.LOST_AFTER = timedelta(seconds=3)
    webhook_deliveries.LEASE = timedelta(seconds=3)
    drain.LEASE_SECONDS = fallback.LEASE_SECONDS = 2.0
    fallback.AGAIN_SECONDS = 1.0
    jobs.PERIODIC["sweep"] = jobs.Periodic("* * * * * *", jobs.sweep, SWEEPS)


def application(mistake: str) -> FastAPI:
    """The API."""
    own = settings()
    app = create_app(own, database_url(own))
    if mistake in API_MISTAKES:
        API_MISTAKES[mistake](app)
    return app


def main(arguments: Sequence[str]) -> None:
    """Serve, or work, until it dies or is killed."""
    what, point, mistake = arguments
    hurry()
    if mistake == "mark first":
        paging.deliver, delivering._send = mark_and_then_send, mark_webhook_first
    if point in POINTS:
        plant(POINTS[point], Path(os.environ[DIED]))
    own = settings()
    configure_logging(own.log_threshold)
    if what == "api":
        uvicorn.run(application(mistake), port=own.port, access_log=False, log_config=None)
    else:
        url = database_url(own)
        asyncio.run(jobs.run(url, engine_for(url, pool_size=12), PostOffice.of(own)))


if __name__ == "__main__":
    main(sys.argv[1:])
