"""What an API process knows of the feeds' heads, and when it says that it does not know."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from psycopg.conninfo import conninfo_to_dict

from app.main import create_app
from app.settings import Settings
from app.watermark import Head, Watermark, committed
from tests.feed.raising import craves
from tests.feed.watching import trusted_head, until
from tests.people import Clinic, add_organization, open_clinics


@pytest.fixture
async def lone_app(settings: Settings, own_database: str) -> AsyncIterator[FastAPI]:
    """An application on a database of its own, for breaking it."""
    application = create_app(settings, own_database)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


async def head_past(app: FastAPI, organization_id: UUID, position: int) -> Head:
    watermark: Watermark = app.state.watermark
    await until(lambda: (watermark.head(organization_id) or Head(0, 0)).position > position)
    return await trusted_head(app, organization_id)


def listeners(superuser: psycopg.Connection) -> list[int]:
    rows = superuser.execute(
        "select pid from pg_stat_activity"
        " where application_name = 'handrail watermark' and datname = current_database()"
    )
    return [row[0] for row in rows.fetchall()]


async def test_a_head_is_known_soon_after_it_was_asked_for(clinic: Clinic) -> None:
    assert clinic.app.state.watermark.head(clinic.organization_id) is None
    assert await trusted_head(clinic.app, clinic.organization_id) == Head(0, 0)


async def test_a_change_of_another_process_is_heard_of(clinic: Clinic, psql: psycopg.Connection) -> None:
    await trusted_head(clinic.app, clinic.organization_id)
    bump(psql, clinic.organization_id, notify=True)
    async with asyncio.timeout(0.4):  # sooner than the next reading would come by itself
        await clinic.app.state.watermark.passing(clinic.organization_id, 0)


async def test_a_change_that_nobody_tells_of_is_read(clinic: Clinic, psql: psycopg.Connection) -> None:
    await trusted_head(clinic.app, clinic.organization_id)
    bump(psql, clinic.organization_id, notify=False)
    async with asyncio.timeout(2):
        assert await head_past(clinic.app, clinic.organization_id, 0) == Head(1, 0)


def bump(psql: psycopg.Connection, organization_id: UUID, *, notify: bool) -> None:
    with psql.transaction():
        psql.execute(
            "update feed_head set position = position + 1 where organization_id = %s", [organization_id]
        )
        if notify:
            psql.execute("select pg_notify('handrail_feed', %s)", [str(organization_id)])


async def test_nonsense_on_the_channel_harms_nobody(clinic: Clinic, psql: psycopg.Connection) -> None:
    await trusted_head(clinic.app, clinic.organization_id)
    for payload in ("", "x", "00000000-0000-0000-0000-000000000000"):
        psql.execute("select pg_notify('handrail_feed', %s)", [payload])
    bump(psql, clinic.organization_id, notify=True)
    assert await head_past(clinic.app, clinic.organization_id, 0) == Head(1, 0)


async def test_right_after_a_commit_of_this_process_nothing_older_is_trusted(clinic: Clinic) -> None:
    watermark: Watermark = clinic.app.state.watermark
    for count in range(1, 31):
        await trusted_head(clinic.app, clinic.organization_id)
        await craves(clinic.ana)
        head = watermark.head(clinic.organization_id)
        assert head is None or head.position >= count
        assert (await trusted_head(clinic.app, clinic.organization_id)).position == count


async def test_a_reading_that_began_before_a_doubt_does_not_dispel_it(clinic: Clinic) -> None:
    watermark: Watermark = clinic.app.state.watermark
    await trusted_head(clinic.app, clinic.organization_id)
    watched = watermark._watched[clinic.organization_id]
    began, doubts = watched.confirmed_at, watched.doubts
    committed(clinic.organization_id)
    watched.confirm(Head(0, 0), doubts, began)
    assert watermark.head(clinic.organization_id) is None


async def test_one_organization_says_nothing_of_another(clinic: Clinic) -> None:
    await trusted_head(clinic.app, clinic.dmitri.organization_id)
    await craves(clinic.ana)
    assert clinic.app.state.watermark.head(clinic.dmitri.organization_id) == Head(0, 0)


async def test_it_survives_the_loss_of_its_connection(
    lone_app: FastAPI, superuser: psycopg.Connection
) -> None:
    organization_id, _ = await add_organization(lone_app, "Riverside")
    await trusted_head(lone_app, organization_id)
    (lost,) = listeners(superuser)
    superuser.execute("select pg_terminate_backend(%s)", [lost])
    await until(lambda: lone_app.state.watermark.head(organization_id) is None)
    bump(superuser, organization_id, notify=True)
    assert await head_past(lone_app, organization_id, 0) == Head(1, 0)
    assert listeners(superuser) != [lost]


async def test_while_the_database_is_away_nothing_is_trusted(lone_app: FastAPI, own_database: str) -> None:
    async with open_clinics(lone_app) as clinic:
        await craves(clinic.ana)
        listed = await clinic.clara.client.get("/v1/alerts")
        tag = {"If-None-Match": listed.headers["ETag"]}
        await trusted_head(lone_app, clinic.organization_id)
        keep_out(own_database, True)
        await until(lambda: lone_app.state.watermark.head(clinic.organization_id) is None)
        assert (await clinic.clara.client.get("/v1/alerts", headers=tag)).status_code == 503
        keep_out(own_database, False)
        await trusted_head(lone_app, clinic.organization_id)
        assert (await clinic.clara.client.get("/v1/alerts", headers=tag)).status_code == 304


def keep_out(own_database: str, out: bool) -> None:
    """Let nobody in, and send away who is: as near to a lost server as one database of it comes."""
    name = conninfo_to_dict(own_database)["dbname"]
    with psycopg.connect(own_database, dbname="postgres", autocommit=True) as outside:
        outside.execute(f"alter database {name} allow_connections {not out}")
        outside.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


async def test_a_server_that_hangs_is_not_trusted_and_not_waited_for(
    lone_app: FastAPI, superuser: psycopg.Connection
) -> None:
    organization_id, _ = await add_organization(lone_app, "Riverside")
    await trusted_head(lone_app, organization_id)
    (stuck,) = listeners(superuser)
    os.kill(stuck, signal.SIGSTOP)
    try:
        bump(superuser, organization_id, notify=False)
        await asyncio.sleep(2.1)
        assert lone_app.state.watermark.head(organization_id) in {None, Head(1, 0)}
        assert await head_past(lone_app, organization_id, 0) == Head(1, 0)
        assert len(set(listeners(superuser)) - {stuck}) == 1
    finally:
        os.kill(stuck, signal.SIGCONT)


async def test_it_stops_at_once_also_when_the_server_hangs(
    settings: Settings, own_database: str, superuser: psycopg.Connection
) -> None:
    application = create_app(settings, own_database)
    stuck: list[int] = []
    try:
        async with asyncio.timeout(6):
            async with application.router.lifespan_context(application):
                organization_id, _ = await add_organization(application, "Riverside")
                await trusted_head(application, organization_id)
                stuck = listeners(superuser)
                for pid in stuck:
                    os.kill(pid, signal.SIGSTOP)
                await asyncio.sleep(0.6)  # a reading is under way
    finally:
        for pid in stuck:
            os.kill(pid, signal.SIGCONT)


async def test_who_waits_is_woken_by_the_position_and_by_nothing_less(clinic: Clinic) -> None:
    watermark: Watermark = clinic.app.state.watermark
    waiting = asyncio.create_task(watermark.passing(clinic.organization_id, 1))
    await craves(clinic.ana)
    await head_past(clinic.app, clinic.organization_id, 0)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await craves(clinic.ana)
    await asyncio.wait_for(waiting, 5)


async def test_who_is_not_asked_about_any_more_is_forgotten(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    watermark: Watermark = clinic.app.state.watermark
    waiting = asyncio.create_task(watermark.passing(clinic.organization_id, 0))
    await trusted_head(clinic.app, clinic.dmitri.organization_id)
    monkeypatch.setattr("app.watermark._WATCHED_SECONDS", 0.0)
    await asyncio.sleep(1.2)
    assert clinic.dmitri.organization_id not in watermark._watched
    assert clinic.organization_id in watermark._watched, "somebody waits"
    waiting.cancel()
