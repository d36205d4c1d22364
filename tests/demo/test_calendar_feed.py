"""The demonstration's calendars in a calendar program, on both sides of the next change of the clocks."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from app import clock
from app.database import unit_of_work
from app.demo.cast import LAKESIDE, RIVERSIDE, Organization, id_of
from app.demo.timetable import Held, timetable
from app.main import create_app
from app.services import session_series
from tests.calendars.reading import seen, wall
from tests.demo.conftest import Demonstration

DAY: Final = timedelta(days=1)
AROUND: Final = 10 * DAY


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def next_change(zone: ZoneInfo, after: datetime) -> date:
    """The first day on which clocks in the zone are put forward or back."""
    day = after.astimezone(zone).date()
    while midnight(day, zone).utcoffset() == midnight(day + DAY, zone).utcoffset():
        day += DAY
    return day


def series_of(organization: Organization, who: str, since: date) -> Sequence[Held]:
    """In which somebody is expected, or which they lead."""
    program = next((each.program for each in organization.patients if each.key == who), None)
    return [
        held
        for held in timetable(organization, since)
        if who in held.facilitators or (who in held.places if held.places else held.program == program)
    ]


def on_the_wall(held: Held, since: date, first: date, last: date, zone: ZoneInfo) -> set[tuple[str, str]]:
    """When its sessions of these days begin and end by the timetable; none is on while the clocks change."""
    starts = [
        datetime.combine(day, held.starts, zone) for day in held.dates(since, last + DAY) if day >= first
    ]
    return {(wall(each, zone.key), wall(each + timedelta(minutes=held.minutes), zone.key)) for each in starts}


async def subscribed(
    demo: Demonstration, organization: Organization, who: str, now: datetime, series: Sequence[UUID]
) -> str:
    """What a calendar program reads of somebody at that moment; the worker has planned on until then."""
    app = create_app(demo.settings, demo.url)
    app.state.clock = lambda: now
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://handrail.test") as client,
    ):
        for each in series:
            async with unit_of_work(app.state.engine, organization.id) as db:
                await session_series.look(db, each, now)
        form = {"grant_type": "password", "username": who, "password": demo.password(who)}
        token = (await client.post("/v1/auth/token", data=form)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        made = await client.post("/v1/calendar-feeds", json={}, headers=headers)
        reply = await client.get(made.json()["url"].removeprefix(demo.settings.dashboard))
    assert reply.status_code == 200, reply.text
    return reply.text


@pytest.mark.parametrize(
    ("organization", "who"),
    [
        pytest.param(RIVERSIDE, "ana", id="a patient"),
        pytest.param(LAKESIDE, "dmitri", id="a counselor by the other ocean"),
    ],
)
def test_every_session_is_at_its_wall_time_before_and_after(
    own_demo: Demonstration, organization: Organization, who: str
) -> None:
    zone, since = ZoneInfo(organization.time_zone), own_demo.one("select min(starts_on) from enrollment")
    change = next_change(zone, clock.now())
    now = max(midnight(change - AROUND, zone).astimezone(UTC), clock.now())
    held = series_of(organization, who, since)
    text = asyncio.run(
        subscribed(own_demo, organization, who, now, [id_of("series", each.key) for each in held])
    )
    first, last = now.astimezone(zone).date() + DAY, change + AROUND
    entries = seen(text, midnight(first, zone), midnight(last + DAY, zone), zone.key)
    expected = set().union(*(on_the_wall(each, since, first, last, zone) for each in held))
    assert {(each.starts, each.ends) for each in entries} == expected
    assert len(entries) == len(expected) > 10
    assert len({starts.split()[-1] for starts, _ in expected}) == 2, "both sides of the change"
    assert {each.title for each in entries} == {"Appointment"}
    assert [each.title for each in held if each.title in text] == []
