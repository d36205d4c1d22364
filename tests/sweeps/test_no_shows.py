"""Who has not come to a session, and who was there to its end: sweeps at the same time, sweeps that die, big
rosters, and everything that may come in between."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import unit_of_work
from app.services import no_shows, rosters
from app.services.rosters import Item
from app.treatment.recording import Said
from tests.sweeps.ward import HOUR, Resident, Ward, day, local
from tests.treatment.sessions import Timetable

MONDAY = date(2026, 11, 2)
MINUTE = timedelta(minutes=1)


def table(ward: Ward) -> Timetable:
    return Timetable.of(ward.clinic)


def clock(hours: float, on: date = MONDAY) -> datetime:
    return Timetable.of_nobody().moment(on, f"{int(hours):02}:{int(hours % 1 * 60 + 0.5):02}")


async def group_of(ward: Ward, number: int, **more: object) -> tuple[UUID, list[Resident]]:
    """A group on Monday at 18:00 and so many who are expected in it."""
    people = [await ward.admit() for _ in range(number)]
    places = tuple(each.id for each in people)
    group = await table(ward).group(clock(18), places=places, capacity=None, **more)  # type: ignore[arg-type]  # as it takes them
    return group, people


def known(ward: Ward, group: UUID) -> Counter[tuple[str, int]]:
    """How many have which status, after how many changes."""
    return Counter(ward.rows("select status, revision from attendance where session_id = %s", group))


def missed(ward: Ward) -> Counter[tuple[str, str, int]]:
    """How many alerts there are of missed sessions, by rule and status, and how often each was found."""
    return Counter(ward.rows("select rule, status, occurrences from alert where rule like 'session.%%'", *()))


def due(ward: Ward, group: UUID) -> datetime | None:
    moment: datetime | None = ward.value("select reckon_at from treatment_session where id = %s", group)
    return moment


async def comes(ward: Ward, group: UUID, resident: Resident, now: datetime) -> None:
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        item = Item(resident.id, Said("arrived"))
        await rosters.record_one(db, ward.actor(ward.clinic.clara), group, item, now)


async def test_a_session_is_seen_to_twice_and_then_no_more(ward: Ward) -> None:
    group, (ana, _) = await group_of(ward, 2)
    await comes(ward, group, ana, clock(18))
    await ward.sweep(clock(18.5) - MINUTE)
    assert known(ward, group) == {("arrived", 1): 1}
    await ward.sweep(clock(18.5))
    assert known(ward, group) == {("arrived", 1): 1, ("unexcused", 1): 1}
    assert due(ward, group) == clock(21)
    await ward.sweep(clock(21) - MINUTE)
    assert known(ward, group)["arrived", 1] == 1
    await ward.sweep(clock(21))
    assert known(ward, group) == {("attended", 2): 1, ("unexcused", 1): 1}
    assert due(ward, group) is None
    assert missed(ward) == {("session.missed", "open", 1): 1}
    before = ward.value("select row_version from treatment_session where id = %s", group)
    assert before == 1, "nobody has changed the session itself"


async def test_a_worker_that_was_down_sees_to_both_at_once(ward: Ward) -> None:
    group, (ana, _) = await group_of(ward, 2)
    await comes(ward, group, ana, clock(18))
    await ward.sweep(clock(23))
    assert known(ward, group) == {("attended", 2): 1, ("unexcused", 1): 1}
    assert due(ward, group) is None


async def test_whoever_is_placed_or_enrolled_after_the_grace_is_not_missing(ward: Ward) -> None:
    group, _ = await group_of(ward, 1)
    await ward.sweep(clock(18.5))
    late = await ward.admit(now=clock(19))
    ward.psql.execute(
        "insert into series_place (organization_id, id, series_id, patient_id, status, first_day, asked_at,"
        " asked_by, placed_at) select organization_id, %s, series_id, %s, 'placed', local_date, %s, %s, %s"
        " from treatment_session where id = %s",
        [late.id, late.id, clock(19), late.id, clock(19), group],
    )
    await ward.sweep(clock(21))
    assert known(ward, group) == {("unexcused", 1): 1}


async def test_two_sweeps_at_the_same_time_do_it_once(ward: Ward, another_engine: AsyncEngine) -> None:
    groups = [(await group_of(ward, 3))[0] for _ in range(4)]
    for now in (clock(18.5), clock(21)):
        await asyncio.gather(
            sweeps.sweep(ward.engine, now), sweeps.sweep(another_engine, now), sweeps.sweep(ward.engine, now)
        )
        await ward.sweep(now)
    for group in groups:
        assert known(ward, group) == {("unexcused", 1): 3}
        assert due(ward, group) is None
    assert missed(ward) == {("session.missed", "open", 1): 12}


async def test_one_who_comes_second_does_not_wait(ward: Ward, another_engine: AsyncEngine) -> None:
    group, _ = await group_of(ward, 1)
    async with unit_of_work(ward.engine, ward.organization_id) as one:
        assert await no_shows.reckon(one, group, clock(18.5))
        async with unit_of_work(another_engine, ward.organization_id) as other:
            assert not await no_shows.reckon(other, group, clock(18.5)), "somebody else is at it"
    async with unit_of_work(another_engine, ward.organization_id) as late:
        assert not await no_shows.reckon(late, group, clock(18.5)), "it is done"
    assert missed(ward) == {("session.missed", "open", 1): 1}


async def test_a_sweep_that_dies_leaves_nothing_half_done(ward: Ward) -> None:
    group, _ = await group_of(ward, 3)

    async def killed() -> None:
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            assert await no_shows.reckon(db, group, clock(18.5))
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await killed()
    assert known(ward, group) == {} and missed(ward) == {}
    assert due(ward, group) == clock(18.5)
    await ward.sweep(clock(18.5) + MINUTE)
    assert known(ward, group) == {("unexcused", 1): 3}


async def test_a_big_roster_is_seen_to_bit_by_bit(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(no_shows, "BATCH", 4)
    group, people = await group_of(ward, 10)
    for each in people[:6]:
        await comes(ward, group, each, clock(18))
    ward.psql.execute("update attendance set status = 'expected' where patient_id = %s", [people[0].id])
    moments = [clock(18.5) + minutes * MINUTE for minutes in range(3)]
    found = []
    for now in moments:
        await ward.sweep(now)
        found.append(sum(count for (status, _), count in known(ward, group).items() if status == "unexcused"))
    assert found == [4, 5, 5]
    for minutes in range(3):
        await ward.sweep(clock(21) + minutes * MINUTE)
    assert sum(count for (status, _), count in known(ward, group).items() if status == "attended") == 5
    assert due(ward, group) is None


async def test_whose_stay_ends_while_the_sweep_waits_is_not_missed(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    group, (ana, _) = await group_of(ward, 2)
    with ward.psql.transaction():  # a check-in of hers is being written
        ward.psql.execute("select 1 from patient where id = %s for no key update", [ana.id])
        sweeping = asyncio.create_task(sweeps.sweep(another_engine, clock(18.5)))
        await asyncio.sleep(0.3)
        assert not sweeping.done()
        ward.psql.execute("update enrollment set ends_on = %s where patient_id = %s", [MONDAY, ana.id])
        ward.psql.execute("update enrollment set status = 'discharged' where patient_id = %s", [ana.id])
    await sweeping
    assert known(ward, group) == {("unexcused", 1): 1}, "her stay was over when the sweep came to her"


async def test_a_sweep_leaves_a_session_to_the_next_in_which_somebody_is_being_recorded(
    ward: Ward, another_engine: AsyncEngine
) -> None:
    group, (ana, _) = await group_of(ward, 2)
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        item = Item(ana.id, Said("arrived"))
        await rosters.record_one(db, ward.actor(ward.clinic.clara), group, item, clock(18.5))
        await asyncio.wait_for(sweeps.sweep(another_engine, clock(18.5)), 2)
        assert known(ward, group) == {}
    await ward.sweep(clock(18.5) + MINUTE)
    assert known(ward, group) == {("arrived", 1): 1, ("unexcused", 1): 1}


async def test_nobody_misses_what_is_cancelled(ward: Ward) -> None:
    group, _ = await group_of(ward, 2)
    ward.psql.execute("update treatment_session set status = 'cancelled' where id = %s", [group])
    await ward.sweep(clock(18.5))
    assert known(ward, group) == {} and due(ward, group) is None


async def test_nobody_misses_what_was_entered_when_it_was_over(ward: Ward) -> None:
    people = [await ward.admit()]
    over = await table(ward).group(clock(18), places=(people[0].id,), created_at=clock(22))
    begun = await table(ward).group(clock(18), places=(people[0].id,), created_at=clock(18.25))
    await ward.sweep(clock(18.5))
    assert due(ward, begun) == clock(18.75), "people know of it from then on"
    await ward.sweep(clock(18.75))
    assert known(ward, begun) == {("unexcused", 1): 1}
    await ward.sweep(clock(23))
    assert known(ward, over) == {} and due(ward, over) is None


async def test_who_is_away_is_not_missing(ward: Ward) -> None:
    group, (ana, ben, cleo, _) = await group_of(ward, 4)
    await ward.is_away(ana, MONDAY, day(5), clock(10))
    await ward.is_away(ben, MONDAY, None, clock(10))
    await ward.changes_stay(cleo, clock(12), status="discharged")
    await ward.sweep(clock(18.5))
    assert known(ward, group) == {("unexcused", 1): 1}


async def test_nobody_is_told_of_an_alert_that_has_closed_itself(ward: Ward) -> None:
    group, (ana,) = await group_of(ward, 1)
    morning = local(ana, MONDAY, 9)
    later = await table(ward).group(morning, places=(ana.id,))
    await ward.sweep(morning + HOUR)
    assert missed(ward) == {("session.missed", "open", 1): 1}
    assert ward.value("select timer_at from alert where rule = 'session.missed'") is not None
    await comes(ward, later, ana, morning + 3 * HOUR)
    assert missed(ward) == {("session.missed", "resolved", 1): 1}
    told = ward.value("select count(*) from alert_entry")
    for hours in (5, 8):
        await ward.sweep(morning + hours * HOUR)
    assert ward.value("select count(*) from alert_entry") == told
    assert ward.value("select timer_at from alert where rule = 'session.missed'") is None
    assert known(ward, group) == {}


async def test_a_session_that_cannot_be_seen_to_stops_no_other(ward: Ward) -> None:
    broken, (ana,) = await group_of(ward, 1)
    fine, _ = await group_of(ward, 1)
    ward.psql.execute("update patient set time_zone = 'Atlantis/Capital' where id = %s", [ana.id])
    facts = await ward.sweep(clock(18.5))
    assert facts["failures"] >= 1
    assert known(ward, fine) == {("unexcused", 1): 1} and known(ward, broken) == {}
    ward.psql.execute("update patient set time_zone = 'America/New_York' where id = %s", [ana.id])
    await ward.sweep(clock(18.5) + MINUTE)
    assert known(ward, broken) == {("unexcused", 1): 1}


async def test_an_organization_sees_to_its_own(ward: Ward) -> None:
    group, _ = await group_of(ward, 1)
    async with unit_of_work(ward.engine, ward.clinic.dmitri.organization_id) as db:
        assert not await no_shows.reckon(db, group, clock(18.5))
    assert known(ward, group) == {}
