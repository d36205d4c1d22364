"""While the demonstration runs people come to their sessions; what passed while it was off they attended."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock, sweeps
from app.database import engine_for, unit_of_work
from app.demo import desk
from app.demo.cast import LAKESIDE, RIVERSIDE, id_of
from tests.demo.conftest import Demonstration

MINUTE = timedelta(minutes=1)


def work(demo: Demonstration, *steps: Callable[[AsyncEngine], Awaitable[Any]]) -> None:
    async def run() -> None:
        engine = engine_for(demo.url)
        try:
            for step in steps:
                await step(engine)
        finally:
            await engine.dispose()

    asyncio.run(run())


def next_group(demo: Demonstration) -> tuple[UUID, datetime]:
    """The next of Riverside's evening groups that has not begun."""
    ((session_id, starts_at),) = demo.rows(
        "select s.id, s.starts_at from treatment_session s where starts_at > now() + interval '1 h'"
        f" and series_id in ('{id_of('series', 'evening-a')}', '{id_of('series', 'evening-b')}')"
        " order by starts_at limit 1"
    )
    return session_id, starts_at


def known(demo: Demonstration, session_id: UUID) -> dict[str, int]:
    found = f"select status, count(*) from attendance where session_id = '{session_id}' group by 1"
    return dict(demo.rows(found))


def awaited(demo: Demonstration, session_id: UUID) -> int:
    """How many are expected in it and have said nothing."""
    found: list[UUID] = []

    async def look(engine: AsyncEngine) -> None:
        async with unit_of_work(engine, RIVERSIDE.id) as db:
            found.extend(await desk._awaited(db, session_id))

    work(demo, look)
    return len(found)


def test_they_come_one_after_the_other_and_few_stay_away(own_demo: Demonstration) -> None:
    session_id, starts_at = next_group(own_demo)
    before = sum(known(own_demo, session_id).values())  # who told ahead that they will not
    expected = awaited(own_demo, session_id)
    work(own_demo, lambda engine: desk.receive(engine, RIVERSIDE, starts_at - 4 * MINUTE))
    assert sum(known(own_demo, session_id).values()) == before
    work(own_demo, lambda engine: desk.receive(engine, RIVERSIDE, starts_at + 2 * MINUTE))
    assert known(own_demo, session_id).get("arrived", 0) <= expected
    work(own_demo, lambda engine: desk.receive(engine, RIVERSIDE, starts_at + 9 * MINUTE))
    came = known(own_demo, session_id)["arrived"]
    assert expected - 5 <= came <= expected
    times = f"select count(distinct arrived_at) from attendance where session_id = '{session_id}'"
    assert own_demo.one(times) > 2
    assert {source for (source,) in own_demo.rows(
        f"select source from attendance where session_id = '{session_id}' and status = 'arrived'"
    )} == {"staff"}  # fmt: skip

    over = starts_at + timedelta(hours=3)
    for moment in (starts_at + 31 * MINUTE, over):
        work(own_demo, lambda engine, at=moment: sweeps.sweep(engine, at))  # type: ignore[misc]  # bound now
    after = known(own_demo, session_id)
    assert after["attended"] == came
    assert after.get("unexcused", 0) == expected - came


def test_what_a_visitor_plans_is_left_to_them(own_demo: Demonstration) -> None:
    session_id, starts_at = next_group(own_demo)
    with psycopg.connect(own_demo.url) as connection:
        connection.execute(
            "insert into session_series select (json_populate_record(r, json_build_object('id', %s::text))).*"
            " from session_series r where id = (select series_id from treatment_session where id = %s)",
            (str(other := id_of("series", "a visitor's")), session_id),
        )
        moved = "series_id = %s where series_id = (select series_id from treatment_session where id = %s)"
        for table in ("series_place", "treatment_session"):
            connection.execute(f"update {table} set {moved}", (other, session_id))  # type: ignore[arg-type]  # fixed text
    assert awaited(own_demo, session_id) > 5
    work(own_demo, lambda engine: desk.receive(engine, RIVERSIDE, starts_at + 9 * MINUTE))
    assert "arrived" not in known(own_demo, session_id)


def test_what_passed_while_it_was_off_they_have_attended(own_demo: Demonstration) -> None:
    later = clock.now() + timedelta(days=2)
    passed = f"from treatment_session where ends_at between now() + interval '4 h' and '{later}'"
    assert own_demo.one(f"select count(*) {passed}") > 4

    async def start_again(engine: AsyncEngine) -> None:
        for organization in (RIVERSIDE, LAKESIDE):
            async with unit_of_work(engine, organization.id) as db:
                await desk.catch_up(db, organization, later)

    work(own_demo, start_again, start_again, lambda engine: sweeps.sweep(engine, later))
    missed = (
        f"select count(*) from attendance where status = 'unexcused' and session_id in (select id {passed})"
    )
    assert own_demo.one(missed) == 0
    came = f"select count(*) from attendance where status = 'attended' and session_id in (select id {passed})"
    assert own_demo.one(came) > 15
    assert own_demo.one(f"select count(*) {passed} and reckon_at < '{later}'") == 0
    entries = "select count(*) from attendance_entry"
    assert own_demo.one(entries) == own_demo.one("select sum(revision) from attendance")


def test_a_database_that_is_away_does_not_end_it(own_demo: Demonstration) -> None:
    async def run() -> None:
        engine = engine_for("postgresql://nobody@127.0.0.1:1/nowhere")
        task = asyncio.create_task(desk.keep(engine))
        await asyncio.sleep(0.3)
        assert not task.done()
        task.cancel()
        await asyncio.wait({task})

    asyncio.run(run())
