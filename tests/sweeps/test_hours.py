"""By the middle of the week somebody looks whether its hours will suffice."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest

from app import sweeps
from app.database import unit_of_work
from app.queries import hours as stored
from app.services import hours
from tests.people import Clinic
from tests.sweeps.ward import DAY, HOUR, NEW_YORK, SECOND, Resident, Ward
from tests.treatment.recorded import record
from tests.treatment.sessions import Timetable

BEFORE = date(2026, 11, 4)
"""The Wednesday on which the residents of these stories begin."""
MONDAY = date(2026, 11, 9)
"""The first day of their first whole week."""
WEEK = timedelta(days=7)


def at(day: date, hour: float = 12, zone: str = NEW_YORK) -> datetime:
    wall = datetime(day.year, day.month, day.day, int(hour), int(hour % 1 * 60), tzinfo=ZoneInfo(zone))
    return wall.astimezone(UTC)


def of_week(number: int, monday: date = MONDAY) -> date:
    """0 is Monday."""
    return monday + timedelta(days=number)


WEDNESDAY_NOON = at(of_week(2))


class Board:
    """The sessions of the ward's program, and how its weeks stood. Only this kind is swept, and only here:
    most of these stories share their database with others."""

    def __init__(self, ward: Ward) -> None:
        self.ward = ward
        self.timetable = Timetable(ward.engine, ward.organization_id, ward.clinic.program_id)

    async def sweep(self, now: datetime) -> None:
        engine, organization_id = self.ward.engine, self.ward.organization_id
        async with unit_of_work(engine, organization_id) as db:
            found = await stored.due(db, now, 100)
        for each in found:
            async with unit_of_work(engine, organization_id) as db:
                assert await hours.look(db, each, now)

    async def groups(
        self, who: Resident, *days: int, minutes: int = 180, monday: date = MONDAY
    ) -> list[UUID]:
        return [
            await self.timetable.group(at(of_week(each, monday), 18), minutes, places=(who.id,))
            for each in days
        ]

    def attends(self, who: Resident, group: UUID, day: int, monday: date = MONDAY) -> None:
        start = at(of_week(day, monday), 18)
        record(self.ward.psql, group, who.id, "attended", start, start + 3 * HOUR)

    def due(self, who: Resident) -> datetime | None:
        moment: datetime | None = self.ward.value(
            "select hours_due_at from enrollment where id = %s", who.stay_id
        )
        return moment

    def standings(self, who: Resident) -> list[tuple[Any, ...]]:
        return self.ward.rows(
            "select week_of, required_minutes, projected_minutes, shortfall_minutes, at from hours_standing"
            " where enrollment_id = %s order by week_of",
            who.stay_id,
        )

    def alerts(self, who: Resident) -> list[str]:
        """The rules that found something by how a week stood."""
        return [
            rule
            for (rule,) in self.ward.rows(
                "select a.rule from alert a join alert_occurrence o on o.alert_id = a.id"
                " where a.patient_id = %s and o.source_kind = 'hours'",
                who.id,
            )
        ]


@pytest.fixture
def ward(clinic: Clinic, psql: psycopg.Connection) -> Ward:
    return Ward(clinic, psql)


@pytest.fixture
def board(ward: Ward) -> Board:
    return Board(ward)


async def test_a_stay_is_first_looked_at_in_the_middle_of_a_week(ward: Ward, board: Board) -> None:
    early = await ward.admit(date(2026, 11, 3))
    late = await ward.admit(BEFORE, now=at(BEFORE, 12))
    coming = await ward.admit(date(2026, 11, 27), now=at(BEFORE, 12))
    assert board.due(early) == at(date(2026, 11, 4))
    assert board.due(late) == WEDNESDAY_NOON
    assert board.due(coming) == at(date(2026, 12, 2))


async def test_a_week_that_will_be_short_is_told_at_noon_of_its_third_day(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    monday, *_ = await board.groups(ana, 0, 3)
    board.attends(ana, monday, 0)
    await board.sweep(WEDNESDAY_NOON - SECOND)
    assert board.standings(ana) == []
    await board.sweep(WEDNESDAY_NOON)
    assert board.standings(ana) == [(MONDAY, 540, 360, 180, WEDNESDAY_NOON)]
    assert board.due(ana) == WEDNESDAY_NOON + WEEK
    await board.sweep(WEDNESDAY_NOON + HOUR)
    assert len(board.standings(ana)) == 1


async def test_a_week_that_suffices_is_known_too(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    groups = await board.groups(ana, 0, 1, 3, 4)
    board.attends(ana, groups[0], 0)
    await board.sweep(WEDNESDAY_NOON)
    assert board.standings(ana) == [(MONDAY, 540, 540, 0, WEDNESDAY_NOON)]
    assert board.alerts(ana) == []


async def test_every_week_is_looked_at_once(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    for weeks in range(3):
        await board.groups(ana, 3, monday=MONDAY + weeks * WEEK)
    for each in range(2 * 21):
        await board.sweep(at(of_week(0), 0) + each * 12 * HOUR)
    assert [each[0] for each in board.standings(ana)] == [MONDAY + weeks * WEEK for weeks in range(3)]


async def test_the_rules_look_at_it(ward: Ward, board: Board) -> None:
    ana, ben = await ward.admit(BEFORE), await ward.admit(BEFORE)
    await board.groups(ana, 0)
    await board.groups(ben, 1, 2, 3, 4)
    await board.sweep(at(of_week(1), 0))
    await board.sweep(WEDNESDAY_NOON)
    assert board.alerts(ana) == ["hours.low"]
    assert board.alerts(ben) == []


async def test_of_the_week_that_a_stay_begins_or_ends_in_nothing_is_said(ward: Ward, board: Board) -> None:
    mid_week, leaving = await ward.admit(of_week(1)), await ward.admit(BEFORE)
    for each in (mid_week, leaving):
        await board.groups(each, 3)
    await ward.changes_stay(leaving, at(of_week(0)), ends_on=of_week(6))
    await board.sweep(WEDNESDAY_NOON)
    for each in (mid_week, leaving):
        assert board.standings(each) == []
        assert board.due(each) == WEDNESDAY_NOON + WEEK


async def test_the_first_week_of_who_was_there_from_its_first_day_is_looked_at(
    ward: Ward, board: Board
) -> None:
    from_the_first = await ward.admit(MONDAY)
    await board.groups(from_the_first, 3)
    await board.sweep(WEDNESDAY_NOON)
    assert len(board.standings(from_the_first)) == 1


async def test_who_goes_on_after_the_week_is_looked_at(ward: Ward, board: Board) -> None:
    staying = await ward.admit(of_week(-1))
    await board.groups(staying, 3)
    await ward.changes_stay(staying, at(of_week(0)), ends_on=of_week(7))
    await board.sweep(WEDNESDAY_NOON)
    assert len(board.standings(staying)) == 1


@pytest.mark.parametrize(
    ("first", "back"),
    [(0, 1), (2, None), (6, 9), (-3, 0), (7, 9)],
    ids=["in it", "open", "from its end", "until it", "after it"],
)
async def test_a_week_with_a_leave_is_not_told_short(
    ward: Ward, board: Board, first: int, back: int | None
) -> None:
    ana = await ward.admit(date(2026, 11, 3))
    await board.groups(ana, 4)
    back_on = None if back is None else of_week(back)
    await ward.is_away(ana, of_week(first), back_on, at(date(2026, 11, 5)))
    await board.sweep(WEDNESDAY_NOON)
    touches = first < 7 and (back is None or back > 0)
    assert bool(board.standings(ana)) != touches


async def test_a_leave_that_was_withdrawn_is_none(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    await board.groups(ana, 4)
    leave = await ward.is_away(ana, of_week(1), of_week(3), at(BEFORE, 13))
    await ward.is_back(ana, leave, at(BEFORE, 14))
    await board.sweep(WEDNESDAY_NOON)
    assert len(board.standings(ana)) == 1


async def test_where_no_sessions_are_kept_nobody_is_short(ward: Ward, board: Board) -> None:
    ana, ben = await ward.admit(BEFORE), await ward.admit(BEFORE)
    await board.sweep(WEDNESDAY_NOON)
    assert board.standings(ana) == []
    assert board.due(ana) == WEDNESDAY_NOON + WEEK
    await board.groups(ben, 1, monday=MONDAY + WEEK)
    await board.sweep(WEDNESDAY_NOON + WEEK)
    assert board.standings(ana) == [(MONDAY + WEEK, 540, 0, 540, WEDNESDAY_NOON + WEEK)]


async def test_a_week_that_the_program_cancelled_is_short(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    (group,) = await board.groups(ana, 3)
    ward.psql.execute("update treatment_session set status = 'cancelled' where id = %s", [group])
    await board.sweep(WEDNESDAY_NOON)
    assert board.standings(ana) == [(MONDAY, 540, 0, 540, WEDNESDAY_NOON)]


async def test_the_payer_may_ask_for_more(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    await board.groups(ana, 3, 4, 5)
    ward.psql.execute(
        "insert into payer_rule (organization_id, id, payer, name, level_of_care, first_day, minimum_hours,"
        " citation, created_at, created_by)"
        " values (%s, gen_random_uuid(), 'blue', 'Blue', '2.1', '2026-01-01', 10.5, 'x', now(), %s)",
        [ward.organization_id, ward.clinic.adele.id],
    )
    await ward.changes_stay(ana, at(BEFORE), payer="blue")
    await board.sweep(WEDNESDAY_NOON)
    assert board.standings(ana) == [(MONDAY, 630, 540, 90, WEDNESDAY_NOON)]


async def test_a_stay_that_is_over_is_never_looked_at_again(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    await ward.changes_stay(ana, at(of_week(1)), status="completed")
    assert board.due(ana) is None
    await ward.changes_stay(ana, at(of_week(3)), status="active")
    assert board.due(ana) == WEDNESDAY_NOON + WEEK


async def test_one_that_is_over_and_still_has_a_moment_loses_it(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    ward.psql.execute(
        "update enrollment set status = 'completed', ends_on = %s where id = %s", [of_week(1), ana.stay_id]
    )
    await board.sweep(WEDNESDAY_NOON)
    assert board.due(ana) is None and board.standings(ana) == []


async def test_who_is_put_on_leave_and_comes_back_keeps_the_moment(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    await ward.changes_stay(ana, at(of_week(0)), status="on_leave")
    await ward.changes_stay(ana, at(of_week(1)), status="active")
    assert board.due(ana) == at(BEFORE)


async def test_a_late_sweep_looks_at_the_week_that_is_running(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    for weeks in (0, 1):
        await board.groups(ana, 5, monday=MONDAY + weeks * WEEK)
    tuesday = at(of_week(8))
    await board.sweep(tuesday)
    assert board.standings(ana) == []
    assert board.due(ana) == WEDNESDAY_NOON + WEEK
    friday = at(of_week(11))
    await board.sweep(friday)
    assert board.standings(ana) == [(MONDAY + WEEK, 540, 180, 360, friday)]
    assert board.due(ana) == WEDNESDAY_NOON + 2 * WEEK


async def test_weeks_are_those_of_the_program(ward: Ward, board: Board) -> None:
    """They begin on Saturdays in Los Angeles, where it is nine when it is noon in New York."""
    ward.psql.execute(
        "update program set time_zone = 'America/Los_Angeles', week_starts_on = 5 where id = %s",
        [ward.clinic.program_id],
    )
    ana = await ward.admit(BEFORE)
    monday_noon = at(MONDAY, 12, "America/Los_Angeles")
    assert board.due(ana) == monday_noon
    await board.groups(ana, 0)
    await board.sweep(monday_noon - SECOND)
    assert board.standings(ana) == []
    await board.sweep(monday_noon)
    assert board.standings(ana) == [(of_week(-2), 540, 180, 360, monday_noon)]


async def test_noon_stays_noon_when_the_clocks_change(ward: Ward, board: Board) -> None:
    ana = await ward.admit(date(2026, 10, 14))
    await board.sweep(at(date(2026, 10, 21)))
    await board.sweep(at(date(2026, 10, 28)))
    after = board.due(ana)
    assert after == at(date(2026, 11, 4)) == at(date(2026, 10, 28)) + WEEK + HOUR


async def test_two_at_once_keep_one_standing(ward: Ward, board: Board) -> None:
    residents = [await ward.admit(BEFORE) for _ in range(4)]
    for each in residents:
        await board.groups(each, 3)
    await board.sweep(at(of_week(1)))

    async def look(each: Resident) -> bool:
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            return await hours.look(db, each.stay_id, WEDNESDAY_NOON)

    done = await asyncio.gather(*(look(each) for each in residents * 2))
    assert sum(done) == 4
    assert [len(board.standings(each)) for each in residents] == [1] * 4


async def test_somebody_else_is_at_it(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    async with unit_of_work(ward.engine, ward.organization_id) as other:
        assert await stored.claim(other, ana.stay_id, WEDNESDAY_NOON) is not None
        async with unit_of_work(ward.engine, ward.organization_id) as db:
            assert await hours.look(db, ana.stay_id, WEDNESDAY_NOON) is False


async def test_a_moment_that_was_set_back_tells_no_week_twice(ward: Ward, board: Board) -> None:
    ana = await ward.admit(BEFORE)
    await board.groups(ana, 3)
    await board.sweep(WEDNESDAY_NOON)
    ward.psql.execute("update enrollment set hours_due_at = %s where id = %s", [WEDNESDAY_NOON, ana.stay_id])
    await board.sweep(WEDNESDAY_NOON + DAY)
    assert len(board.standings(ana)) == 1
    assert board.due(ana) == WEDNESDAY_NOON + WEEK


async def test_only_what_is_due_is_found_the_longest_waiting_first(ward: Ward, board: Board) -> None:
    residents = [await ward.admit(BEFORE) for _ in range(3)]
    for each, moment in zip(residents, (2, 1, 3), strict=True):
        ward.psql.execute(
            "update enrollment set hours_due_at = %s where id = %s", [at(of_week(moment)), each.stay_id]
        )
    async with unit_of_work(ward.engine, ward.organization_id) as db:
        found = await stored.due(db, WEDNESDAY_NOON, 10)
        assert list(found) == [residents[1].stay_id, residents[0].stay_id]
        assert list(await stored.due(db, WEDNESDAY_NOON, 1)) == [residents[1].stay_id]


def test_the_sweep_knows_of_it() -> None:
    assert sweeps.KINDS["hours"] == (stored.due, hours.look)
