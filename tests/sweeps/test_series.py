"""Further sessions of a series are planned day by day, and free places given to those who wait."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import unit_of_work
from app.queries import session_series as stored
from app.services import session_series
from tests.api.scheduling import DAY, NOW, WEEK, added, changed, end_stay, patients, places, took
from tests.sweeps.ward import Ward

NEW_YORK = ZoneInfo("America/New_York")
AHEAD = timedelta(weeks=26)


def days(ward: Ward, of: dict[str, Any]) -> list[date]:
    """The days on which a series has sessions."""
    rows = ward.rows("select local_date from treatment_session where series_id = %s order by 1", of["id"])
    return [day for (day,) in rows]


def looked_at(ward: Ward, of: dict[str, Any]) -> tuple[datetime | None, date]:
    ((extend_at, until),) = ward.rows(
        "select extend_at, planned_until from session_series where id = %s", of["id"]
    )
    return extend_at, until


async def plans(ward: Ward, now: datetime) -> None:
    """What a sweep does with series, and nothing else of it."""
    find, act = sweeps.KINDS["series"]
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        for series_id in await find(db, now, 500):
            assert await act(db, series_id, now)


async def test_it_is_planned_as_far_ahead_as_ever(ward: Ward) -> None:
    made = await added(ward.clinic, recurrence="FREQ=DAILY", audience="places")
    first = date(2026, 11, 24)
    today = NOW.date()
    assert days(ward, made)[-1] == today + AHEAD
    await plans(ward, NOW + DAY - timedelta(seconds=1))
    assert days(ward, made)[-1] == today + AHEAD, "not yet"
    for later in (1, 2, 9, 40):  # also when nobody has swept for a while
        await plans(ward, NOW + later * DAY)
        found = days(ward, made)
        assert found == [first + n * DAY for n in range(len(found))], "each once, and none left out"
        assert found[-1] == today + later * DAY + AHEAD
        assert looked_at(ward, made) == (NOW + (later + 1) * DAY, found[-1])


async def test_over_every_change_of_the_clocks_the_group_is_at_six(ward: Ward) -> None:
    made = await added(ward.clinic, recurrence="FREQ=WEEKLY;BYDAY=SU,MO", audience="places")
    for later in range(0, 371, 70):
        await plans(ward, NOW + later * DAY)
    starts = [
        at.astimezone(NEW_YORK)
        for (at,) in ward.rows(
            "select starts_at from treatment_session where series_id = %s order by 1", made["id"]
        )
    ]
    assert {at.utcoffset() for at in starts} == {timedelta(hours=-5), timedelta(hours=-4)}
    assert {(at.hour, at.minute) for at in starts} == {(18, 0)}
    assert {at.weekday() for at in starts} == {6, 0}
    assert (starts[-1] - starts[0]).days > 500


async def test_what_is_planned_later_is_as_the_series_is_by_then(ward: Ward) -> None:
    made = await added(ward.clinic, audience="places", room="Room 3")
    await changed(ward.clinic, made, NOW + DAY, title="Coping skills", room="Room 5")
    await plans(ward, NOW + 2 * WEEK)
    *_, last = ward.rows(
        "select title, room, is_exception, created_at, reckon_at - starts_at from treatment_session"
        " where series_id = %s order by starts_at",
        made["id"],
    )
    assert last == ("Coping skills", "Room 5", False, NOW + 2 * WEEK, timedelta(minutes=30))
    # To plan further is no change for who reads it.
    assert ward.value("select row_version from session_series where id = %s", made["id"]) == 2


async def test_a_series_that_ends_is_looked_at_no_more(ward: Ward) -> None:
    made = await added(ward.clinic, recurrence="FREQ=WEEKLY;COUNT=28")
    assert len(days(ward, made)) == 26
    await plans(ward, NOW + 3 * WEEK)
    assert len(days(ward, made)) == 28
    assert looked_at(ward, made)[0] is None
    ended = await added(ward.clinic, last_day="2027-06-01")
    await plans(ward, NOW + 4 * WEEK)
    assert (days(ward, ended)[-1], looked_at(ward, ended)[0]) == (date(2027, 6, 1), None)


async def test_two_sweeps_at_the_same_time_plan_each_session_once(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    series = [await added(ward.clinic, recurrence="FREQ=DAILY", audience="places") for _ in range(4)]
    for later in (1, 2, 5):
        now = NOW + later * DAY
        await asyncio.gather(
            sweeps.sweep(ward.engine, now), sweeps.sweep(another_engine, now), sweeps.sweep(ward.engine, now)
        )
        for made in series:
            assert len(days(ward, made)) == (NOW.date() + later * DAY + AHEAD - date(2026, 11, 23)).days
    assert ward.value("select (facts ->> 'failures')::int from pulse where name = 'sweep'") == 0


async def test_one_who_comes_second_does_not_wait(ward: Ward, another_engine: AsyncEngine) -> None:
    series_id, now = UUID((await added(ward.clinic, audience="places"))["id"]), NOW + DAY
    async with unit_of_work(ward.engine, ward.organization_id) as one:
        assert await stored.due(one, now, 500) == [series_id]
        assert await session_series.look(one, series_id, now)
        async with unit_of_work(another_engine, ward.organization_id) as other:
            assert not await session_series.look(other, series_id, now), "somebody else is at it"
    async with unit_of_work(another_engine, ward.organization_id) as late:
        assert not await session_series.look(late, series_id, now), "it is done"


async def test_one_that_cannot_be_read_stops_no_other(ward: Ward) -> None:
    broken, whole = [await added(ward.clinic, audience="places") for _ in range(2)]
    ward.psql.execute("update session_series set recurrence = 'FREQ=YEARLY' where id = %s", [broken["id"]])
    assert await ward.sweep(NOW + WEEK) == {"failures": 1}
    assert (len(days(ward, broken)), len(days(ward, whole))) == (26, 27)


async def test_the_place_of_whoever_was_discharged_goes_to_the_next(ward: Ward) -> None:
    made = await added(ward.clinic, recurrence="FREQ=WEEKLY;COUNT=8", capacity=1)
    ana, ben = ward.clinic.ana, ward.clinic.ben
    people = [ana, ben, *await patients(ward.clinic, 1)]
    for person in people:
        await took(ward.clinic, made, person)
    await end_stay(ward.clinic, ana, NOW + DAY)
    await ward.sweep(NOW + 2 * DAY)
    assert await places(ward.clinic, made) == [
        (str(ben.id), "placed", None), (str(people[2].id), "waiting", 1)
    ]  # fmt: skip
    rows = "select first_day, placed_at from series_place where patient_id = %s"
    assert ward.rows(rows, ben.id) == [(date(2026, 11, 25), NOW + 2 * DAY)]
    assert ward.rows("select status, left_on from series_place where patient_id = %s", ana.id) == [
        ("left", date(2026, 11, 25))
    ]
    await ward.sweep(NOW + 8 * WEEK)
    assert looked_at(ward, made)[0] is None, "the last session was on January 12"


async def test_what_is_due_is_found_by_the_partial_index(ward: Ward) -> None:
    made = await added(ward.clinic, audience="places")
    ward.psql.execute(
        "insert into session_series select (jsonb_populate_record(s, jsonb_build_object("
        " 'id', gen_random_uuid(), 'extend_at', null))).* from session_series s, generate_series(1, 2000)"
    )
    ward.psql.execute("analyze session_series")
    plan = "\n".join(
        line
        for (line,) in ward.rows(
            "explain select id from session_series where organization_id = %s and extend_at <= %s"
            " order by extend_at limit 500",
            ward.organization_id, NOW + DAY,
        )
    )  # fmt: skip
    assert "Index Scan using ix_session_series_extend" in plan, plan
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        assert [str(each) for each in await stored.due(db, NOW + DAY, 500)] == [made["id"]]
