"""GET /v1/alerts/stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import psycopg
import pytest
from fastapi import FastAPI

from app import clock
from app.main import create_app
from app.routers import feed
from app.settings import Settings
from tests.feed.following import all_after
from tests.feed.raising import craves, is_not_safe
from tests.feed.streaming import PATH, server_errors, serving, streaming
from tests.feed.watching import colleague_elsewhere, connections_taken, until
from tests.people import Clinic, Person, client_for, open_clinics, token_for


@pytest.fixture
async def url(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as url:
        yield url


async def test_what_happens_is_told_while_it_happens(clinic: Clinic, url: str) -> None:
    async with streaming(url, clinic.clara) as stream:
        assert stream.response.headers["Content-Type"].startswith("text/event-stream")
        assert "no-store" in stream.response.headers["Cache-Control"]
        first = await stream.frame()
        assert (first.retry, first.data) == (feed.RETRY_MILLISECONDS, None)
        await craves(clinic.ana)
        opened = await stream.item()
        await craves(clinic.ana)
        repeated = await stream.item()
    items, _ = await all_after(clinic.clara, None)
    assert [opened.data, repeated.data] == items
    assert [opened.event, repeated.event] == ["alert.opened", "alert.repeated"]


async def test_it_is_told_soon(clinic: Clinic, url: str) -> None:
    async with streaming(url, clinic.clara) as stream:
        await stream.frame()
        await asyncio.sleep(0.3)
        for _ in range(5):
            await craves(clinic.ana)
            began = clock.stopwatch()
            await stream.item()
            assert clock.stopwatch() - began < 0.45, "sooner than by reading twice a second"


async def test_a_stream_goes_on_behind_the_last_event_that_was_seen(clinic: Clinic, url: str) -> None:
    for _ in range(3):
        await craves(clinic.ana)
    async with streaming(url, clinic.clara) as stream:
        seen = [await stream.item() for _ in range(2)]
    last = {"Last-Event-ID": seen[-1].id}
    async with streaming(url, clinic.clara, headers=last, after="latest") as stream:
        assert (await stream.item()).data["position"] == 3
    async with streaming(url, clinic.clara, after=seen[0].id) as stream:
        assert [(await stream.item()).data["position"] for _ in range(2)] == [2, 3]


async def test_ids_are_cursors_of_the_feed(clinic: Clinic, url: str) -> None:
    await craves(clinic.ana)
    await craves(clinic.ana)
    async with streaming(url, clinic.clara) as stream:
        first = await stream.item()
    items, _ = await all_after(clinic.clara, first.id)
    assert [each["position"] for each in items] == [2]


async def test_latest_begins_with_what_comes_next(clinic: Clinic, url: str) -> None:
    await craves(clinic.ana)
    async with streaming(url, clinic.clara, after="latest") as stream:
        await stream.frame()
        await is_not_safe(clinic.ben)
        assert (await stream.item()).data["patient_id"] == str(clinic.ben.id)


async def test_more_than_one_reading_holds_comes_in_order(
    clinic: Clinic, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "STREAM_PAGE", 2)
    for _ in range(7):
        await craves(clinic.ana)
    async with streaming(url, clinic.clara) as stream:
        assert [(await stream.item()).data["position"] for _ in range(7)] == list(range(1, 8))


async def test_an_idle_stream_holds_no_connection_and_gives_signs_of_life(
    clinic: Clinic, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fastapi.routing._PING_INTERVAL", 0.2)  # 15 seconds
    async with streaming(url, clinic.clara) as stream:
        await stream.frame()
        await asyncio.sleep(0.1)
        assert clinic.app.state.engine.pool.checkedout() == 0
        with connections_taken(clinic.app) as taken:
            comments = [(await stream.frame()).comment for _ in range(3)]
        assert comments == ["ping"] * 3
        assert taken == []


async def test_what_somebody_may_see_is_asked_again_at_each_reading(
    clinic: Clinic, url: str, psql: psycopg.Connection
) -> None:
    async with streaming(url, clinic.clara) as stream, streaming(url, clinic.sam) as other:
        await craves(clinic.ana)
        assert (await stream.item()).data["position"] == 1
        psql.execute("delete from program_staff where staff_member_id = %s", [clinic.clara.id])
        await craves(clinic.ana)
        assert [(await other.item()).data["position"] for _ in range(2)] == [1, 2]
        with pytest.raises(TimeoutError):
            await stream.frame(0.5)


async def test_nobody_is_told_of_what_is_not_theirs(clinic: Clinic, url: str) -> None:
    carl = await colleague_elsewhere(clinic)
    async with streaming(url, carl) as near, streaming(url, clinic.dmitri) as far:
        await near.frame()
        await far.frame()
        await craves(clinic.ana)
        await craves(clinic.ivan)
        told = await far.item()
        assert told.data["patient_id"] == str(clinic.ivan.id)
        with pytest.raises(TimeoutError):
            await near.frame(0.5)


async def test_it_ends_with_the_access_token(clinic: Clinic, url: str) -> None:
    await craves(clinic.ana)
    person = short_lived(clinic, clinic.clara, seconds=2)
    began = clock.stopwatch()
    async with streaming(url, person) as stream:
        frames = await stream.rest()
    assert clock.stopwatch() - began < 3.5
    assert [each.event for each in frames] == [None, "alert.opened", None]
    assert frames[-1].id == frames[1].id, "where to go on"


def short_lived(clinic: Clinic, person: Person, seconds: int) -> Person:
    issued = clock.now() - timedelta(minutes=10) + timedelta(seconds=seconds)
    token = token_for(
        clinic.app, organization_id=person.organization_id, id=person.id, role=person.role,
        credential_id=person.credential_id, now=issued,
    )  # fmt: skip
    return Person(
        person.id, person.role, person.organization_id, person.program_id, person.credential_id,
        client_for(clinic.app, token),
    )  # fmt: skip


async def test_it_ends_when_the_process_is_on_its_way_out(settings: Settings, own_database: str) -> None:
    application = create_app(settings, own_database)
    async with (
        application.router.lifespan_context(application),
        open_clinics(application) as clinic,
        serving(application) as url,
        streaming(url, clinic.clara) as stream,
    ):
        await craves(clinic.ana)
        told = await stream.item()
        application.state.draining.begin()
        assert [each.id for each in await stream.rest(2)] == [told.id]
        async with streaming(url, clinic.clara) as late:
            assert [each.event for each in await late.rest(2)] == [None, None], "a new one ends at once"


async def test_it_ends_when_the_database_goes_away(settings: Settings, own_database: str) -> None:
    """The client comes back with its cursor, and misses nothing."""
    application = create_app(settings, own_database)
    async with (
        application.router.lifespan_context(application),
        open_clinics(application) as clinic,
        serving(application) as url,
    ):
        async with streaming(url, clinic.clara) as stream:
            await craves(clinic.ana)
            told = await stream.item()
            await application.state.engine.dispose()
            with server_errors() as errors, psycopg.connect(own_database, autocommit=True) as superuser:
                superuser.execute(BREAK)
                assert [each.data for each in await stream.rest()] == []
                superuser.execute("drop view event; alter table event_away rename to event")
                assert errors == [], "it ends, and does not break"
        async with streaming(url, clinic.clara, after=told.id) as stream:
            assert (await stream.item()).data["position"] == 2


# Whoever reads it loses their connection, as when the server goes away in the middle of a reading.
BREAK = """
    begin;
    alter table event rename to event_away;
    create function hang_up() returns boolean language plpgsql security definer as
      $$ begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(1); return true; end $$;
    create view event as select * from event_away where hang_up();
    grant select on event to handrail_service;
    insert into event_away (organization_id, position, type, alert_id, sequence, patient_id, occurred_at)
      select organization_id, 2, 'alert.repeated', alert_id, 2, patient_id, occurred_at from event_away;
    update feed_head set position = 2 where position = 1;
    commit;
"""


async def test_a_person_holds_only_so_many_streams(clinic: Clinic, url: str) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(feed.STREAMS):
            stream = await stack.enter_async_context(streaming(url, clinic.clara))
            assert stream.response.status_code == 200
            await stream.frame()
        async with streaming(url, clinic.clara) as refused:
            assert refused.response.status_code == 429
            assert int(refused.response.headers["Retry-After"]) > 0
        async with streaming(url, clinic.sam) as other:
            assert other.response.status_code == 200
    await until(lambda: clinic.clara.id not in feed._open)
    async with streaming(url, clinic.clara) as again:
        assert again.response.status_code == 200


async def test_a_refused_stream_takes_no_place(clinic: Clinic, url: str) -> None:
    for _ in range(feed.STREAMS + 1):
        async with streaming(url, clinic.clara, after="nonsense") as stream:
            assert stream.response.status_code == 422
    await until(lambda: clinic.clara.id not in feed._open)


@pytest.mark.parametrize("after", ["nonsense", "AAAAAAAAAAc"])
async def test_a_cursor_that_is_none_is_refused_before_the_stream(clinic: Clinic, after: str) -> None:
    for asked in ({"params": {"after": after}}, {"headers": {"Last-Event-ID": after}}):
        reply = await clinic.clara.client.get(PATH, **asked)
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["code"] in {"bad_cursor", "cursor_ahead"}


async def test_whose_data_was_disclosed_is_written_down(
    clinic: Clinic, url: str, psql: psycopg.Connection
) -> None:
    await craves(clinic.ana)
    async with streaming(url, clinic.clara) as stream:
        await stream.item()
    found = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s and resource = 'event'", [clinic.clara.id]
    ).fetchall()
    assert found == [([clinic.ana.id],)]


async def test_who_may_not_read_alerts_has_no_stream(clinic: Clinic) -> None:
    for person in (clinic.ana, clinic.ben, clinic.adele, clinic.olga):
        assert (await person.client.get(PATH)).status_code == 403
    assert (await clinic.nobody.get(PATH)).status_code == 401
