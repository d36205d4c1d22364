"""Following the feed while others write shows every change once, in the order of commits: promise 7.

Beside it stands the usual mistake, a cursor over ids that are given before the commit: the same schedule of
commits must catch it, else this test would prove nothing of ours.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import chain
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.database import engine_for, unit_of_work
from app.models import AlertEntry, Event
from tests.feed.following import open_alert, page_after
from tests.people import Clinic

WRITERS = 16
ALERTS_EACH = 12


@pytest.fixture
async def writers(database_url: str) -> AsyncIterator[AsyncEngine]:
    """A connection for each: nobody is to wait for the pool."""
    engine = engine_for(database_url, WRITERS)
    yield engine
    await engine.dispose()


Reading = tuple[list[UUID], str | None]
Read = Callable[[Clinic, str | None], Awaitable[Reading]]


async def by_feed(clinic: Clinic, cursor: str | None) -> Reading:
    """The alerts opened behind a cursor, as the API tells them."""
    page = await page_after(clinic.sam, cursor, limit=7)
    return [UUID(each["alert_id"]) for each in page["items"]], page["next"]


async def by_id(clinic: Clinic, cursor: str | None) -> Reading:
    """The planted mistake: `where id > cursor order by id`, over ids that rise with the time of writing."""
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        statement = select(AlertEntry.id, AlertEntry.alert_id).order_by(AlertEntry.id).limit(7)
        if cursor is not None:
            statement = statement.where(AlertEntry.id > UUID(cursor))
        rows = (await db.execute(statement)).all()
    return [row.alert_id for row in rows], str(rows[-1].id) if rows else cursor


async def write(
    engine: AsyncEngine, clinic: Clinic, written: asyncio.Event, may_commit: asyncio.Event
) -> UUID:
    """Open an alert, and commit it only when told to."""
    async with unit_of_work(engine, clinic.organization_id) as db:
        alert_id = await open_alert(db, clinic.ana.id, clinic.program_id, clock.now())
        written.set()
        await may_commit.wait()
    return alert_id


async def seen_around_a_late_commit(
    engine: AsyncEngine, clinic: Clinic, read: Read
) -> tuple[list[UUID], list[UUID]]:
    """(what a follower saw, what was committed, in that order): the first to write is the last to commit."""
    written, may_commit, at_once = asyncio.Event(), asyncio.Event(), asyncio.Event()
    at_once.set()
    slow = asyncio.create_task(write(engine, clinic, written, may_commit))
    await written.wait()
    quick = await write(engine, clinic, asyncio.Event(), at_once)
    seen, cursor = await read(clinic, None)
    may_commit.set()
    late = await slow
    more, _ = await read(clinic, cursor)
    return seen + more, [quick, late]


async def test_a_late_commit_is_not_missed(writers: AsyncEngine, clinic: Clinic) -> None:
    seen, committed = await seen_around_a_late_commit(writers, clinic, by_feed)
    assert seen == committed


async def test_a_cursor_over_ids_does_miss_it(writers: AsyncEngine, clinic: Clinic) -> None:
    seen, committed = await seen_around_a_late_commit(writers, clinic, by_id)
    assert seen == committed[:1]


async def follow_writers(engine: AsyncEngine, clinic: Clinic, read: Read) -> tuple[list[UUID], set[UUID]]:
    """(everything that a follower saw, everything that was committed), while 16 write at once.

    They overtake each other between writing and committing; and the very first commits only when the
    follower has seen what was written after it.
    """
    written, overtaken = asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(write(engine, clinic, written, overtaken))
    await written.wait()
    writing = asyncio.gather(first, *(keep_writing(engine, clinic, number) for number in range(1, WRITERS)))
    seen: list[UUID] = []
    cursor: str | None = None
    while True:
        finished = writing.done()
        found, cursor = await read(clinic, cursor)
        seen += found
        if seen:
            overtaken.set()
        if finished and not found:
            late, *rest = await writing
            return seen, {late, *chain.from_iterable(rest)}


async def keep_writing(engine: AsyncEngine, clinic: Clinic, number: int) -> list[UUID]:
    committed = []
    for each in range(ALERTS_EACH):
        may_commit = asyncio.Event()
        asyncio.get_running_loop().call_later(0.002 * ((number * 7 + each * 5) % 13), may_commit.set)
        committed.append(await write(engine, clinic, asyncio.Event(), may_commit))
    return committed


async def test_a_follower_among_16_writers_sees_every_event_once_and_in_order(
    writers: AsyncEngine, clinic: Clinic
) -> None:
    seen, committed = await follow_writers(writers, clinic, by_feed)
    assert len(committed) == 1 + (WRITERS - 1) * ALERTS_EACH
    assert len(seen) == len(set(seen)), "nothing twice"
    assert set(seen) == committed, "nothing missed"
    assert seen == await in_order_of_positions(writers, clinic)


async def test_among_16_writers_a_cursor_over_ids_loses_some(writers: AsyncEngine, clinic: Clinic) -> None:
    seen, committed = await follow_writers(writers, clinic, by_id)
    assert set(seen) < committed


async def in_order_of_positions(engine: AsyncEngine, clinic: Clinic) -> Sequence[UUID]:
    async with unit_of_work(engine, clinic.organization_id) as db:
        statement = (
            select(Event.position, Event.alert_id)
            .where(Event.organization_id == clinic.organization_id)
            .order_by(Event.position)
        )
        rows = (await db.execute(statement)).all()
    assert [row.position for row in rows] == list(range(1, len(rows) + 1)), "no gaps"
    return [row.alert_id for row in rows]
