"""The unit of work: all or nothing, one tenant only, and a clean connection for whoever comes next."""

import asyncio
import random
import secrets
import time
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.database import SERVICE_ROLE, Db, engine_for, unit_of_work
from app.errors import Conflict, KeptConflict, Unavailable

RIVERSIDE, LAKESIDE = uuid7(), uuid7()


@pytest.fixture
async def engine(own_database: str) -> AsyncIterator[AsyncEngine]:
    """An engine with a single connection: what one unit leaves on it, the next would meet."""
    with psycopg.connect(own_database, autocommit=True) as superuser:
        superuser.execute("create table scratch (word text)")
        superuser.execute(f"grant select, insert on scratch to {SERVICE_ROLE}")
    engine = engine_for(own_database, pool_size=1)
    yield engine
    await engine.dispose()


async def write(db: Db, word: str) -> None:
    await (await db.driver()).execute("insert into scratch values (%s)", [word])


async def words(engine: AsyncEngine) -> list[str]:
    async with unit_of_work(engine, None) as db:
        rows = await (await db.driver()).execute("select word from scratch order by 1")
        return [word for (word,) in await rows.fetchall()]


async def tenant(db: Db) -> str | None:
    found: str | None = await db.scalar(text("select current_setting('app.organization_id', true)"))
    return found


async def test_the_end_of_the_block_keeps_it(engine: AsyncEngine) -> None:
    async with unit_of_work(engine, RIVERSIDE) as db:
        await write(db, "kept")
    assert await words(engine) == ["kept"]


async def test_an_exception_keeps_nothing(engine: AsyncEngine) -> None:
    async def unit() -> None:
        async with unit_of_work(engine, RIVERSIDE) as db:
            await write(db, "lost")
            db.at_commit("insert into scratch values (%s)", ["lost, too"])
            raise Conflict("planted", "Planted.")

    with pytest.raises(Conflict):
        await unit()
    assert await words(engine) == []


async def test_a_kept_conflict_keeps_it_and_is_raised(engine: AsyncEngine) -> None:
    async def unit() -> None:
        async with unit_of_work(engine, RIVERSIDE) as db:
            await write(db, "kept")
            db.at_commit("insert into scratch values (%s)", ["kept, too"])
            raise KeptConflict("planted", "Planted.")

    with pytest.raises(KeptConflict):
        await unit()
    assert await words(engine) == ["kept", "kept, too"]


async def test_a_kept_conflict_that_cannot_be_kept_says_so(engine: AsyncEngine) -> None:
    async def unit() -> None:
        async with unit_of_work(engine, RIVERSIDE) as db:
            await write(db, "lost")
            db.at_commit("select 1 / %s", [0])
            raise KeptConflict("planted", "Planted.")

    with pytest.raises(psycopg.Error):
        await unit()
    assert await words(engine) == []


async def test_words_for_the_commit_alone_are_sent(engine: AsyncEngine) -> None:
    async with unit_of_work(engine, RIVERSIDE) as db:
        db.at_commit("insert into scratch values (%s)", ["second"], last=True)
        db.at_commit("insert into scratch values (%s)", ["first"])
    assert await words(engine) == ["first", "second"]


async def test_a_unit_that_was_not_used_takes_no_connection(engine: AsyncEngine) -> None:
    async with unit_of_work(engine, RIVERSIDE), unit_of_work(engine, LAKESIDE):
        assert await words(engine) == []


async def test_the_tenant_is_set_by_every_first_use(engine: AsyncEngine) -> None:
    async with unit_of_work(engine, RIVERSIDE) as db:
        assert await tenant(db) == str(RIVERSIDE)
    async with unit_of_work(engine, LAKESIDE) as db, db.pipeline() as driver:
        rows = await driver.execute("select current_setting('app.organization_id')")
    assert await rows.fetchall() == [(str(LAKESIDE),)]


@pytest.mark.parametrize("end", ["commit", "rollback", "cancel", "error in SQL"])
async def test_the_tenant_does_not_pass_to_the_next_user(engine: AsyncEngine, end: str) -> None:
    async def unit() -> None:
        async with unit_of_work(engine, RIVERSIDE) as db:
            assert await tenant(db) == str(RIVERSIDE)
            if end == "rollback":
                raise Conflict("planted", "Planted.")
            if end == "cancel":
                raise asyncio.CancelledError
            if end == "error in SQL":
                await (await db.driver()).execute("select 1 / 0")

    if end == "commit":
        await unit()
    else:
        with pytest.raises((Conflict, asyncio.CancelledError, psycopg.Error)):
            await unit()
    async with engine.connect() as connection:
        left = await connection.scalar(text("select current_setting('app.organization_id', true)"))
        assert left == ""
    async with unit_of_work(engine, None) as db:
        assert await tenant(db) == ""
        rows = await (await db.driver()).execute("select session_user, current_user")
        assert (await rows.fetchall())[0][1] == SERVICE_ROLE


@pytest.mark.parametrize("hostile", ["x'; set role postgres; --", "", "00000000-0000-0000-0000-00000000000"])
async def test_only_a_uuid_can_be_a_tenant(engine: AsyncEngine, hostile: str) -> None:
    db = Db(engine, hostile)  # type: ignore[arg-type]  # the attempt is the test
    with pytest.raises(ValueError, match="UUID"):
        await db.driver()
    await db.close()


async def test_a_task_cancelled_at_any_moment_leaves_a_clean_connection(
    engine: AsyncEngine, own_database: str
) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    moments = random.Random(seed)
    done = 0
    with psycopg.connect(own_database, autocommit=True) as superuser:
        for number in range(60):
            task = asyncio.create_task(_slow_unit(engine, RIVERSIDE, f"word {number}"))
            await asyncio.sleep(moments.uniform(0, 0.04))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            done += not task.cancelled()
            await _comes_to_rest(superuser)
            async with asyncio.timeout(5), unit_of_work(engine, LAKESIDE) as db:
                assert await tenant(db) == str(LAKESIDE)
            await _all_or_nothing(superuser, f"word {number}")
    assert 0 < done < 60, f"{done} of 60 were done before they were cancelled: the moments are not spread"


async def _slow_unit(engine: AsyncEngine, organization_id: UUID, word: str) -> None:
    async with unit_of_work(engine, organization_id) as db:
        async with db.pipeline() as driver:
            await driver.execute("insert into scratch values (%s)", [word])
            await driver.execute("select pg_sleep(0.005)")
        await write(db, word)
        await db.scalar(text("select pg_sleep(0.005)"))
        db.at_commit("select pg_sleep(%s)", [0.005])
        db.at_commit("insert into scratch values (%s)", [word])


async def _comes_to_rest(superuser: psycopg.Connection) -> None:
    """No connection of the engine's is in a transaction, now or a moment later."""
    for _ in range(100):
        busy = superuser.execute(
            "select state from pg_stat_activity where application_name = 'handrail' and state <> 'idle'"
            " and datname = current_database()"
        ).fetchall()
        if not busy:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"a connection was left {busy}")


async def _all_or_nothing(superuser: psycopg.Connection, word: str) -> None:
    kept = superuser.execute("select count(*) from scratch where word = %s", [word]).fetchall()[0][0]
    assert kept in {0, 3}, f"{kept} of 3 words"


async def test_who_gets_no_connection_is_told_soon(engine: AsyncEngine) -> None:
    async with unit_of_work(engine, RIVERSIDE) as holder:
        await holder.driver()
        started = time.perf_counter()
        db = Db(engine, LAKESIDE)
        with pytest.raises(Unavailable):
            await db.driver()
        assert time.perf_counter() - started < 3
    assert await words(engine) == []


async def test_waiting_for_a_connection_counts_as_time_spent(engine: AsyncEngine) -> None:
    """A unit that got its connection late and then meets a slow server still ends within five seconds."""

    async def hold() -> None:
        async with unit_of_work(engine, RIVERSIDE) as db:
            await db.scalar(text("select pg_sleep(1.6)"))

    async def crawl() -> None:
        async with unit_of_work(engine, LAKESIDE) as db:
            for _ in range(9):
                await (await db.driver()).execute("select pg_sleep(1)")

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0.05)
    started = time.perf_counter()
    with pytest.raises((Unavailable, psycopg.OperationalError)):
        await crawl()
    assert time.perf_counter() - started < 5
    await holder
    assert await words(engine) == []
