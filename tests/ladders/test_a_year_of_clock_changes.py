"""A year with both changes of the clocks, in six zones of both hemispheres, against a walk through the year.

Every time of day that is asked about is tried where the clocks jump over it and where they show it twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from app.ladders.calendar import ProgramCalendar, WorkCalendar, asked_pauses
from app.ladders.due import due_at
from app.ladders.on_call import Override, Rotation, Schedule, on_call, shifts
from app.ladders.reminders import upcoming
from app.rules.rule import Severity
from tests.ladders.walked_year import WalkedYear, first_from

# Which changes of the clocks 2026 brings, as hours that the wall gains: the test would be vain without them.
ZONES = {
    "America/New_York": [1, -1],
    "Europe/Berlin": [1, -1],
    "Australia/Lord_Howe": [-0.5, 0.5],
    "America/Santiago": [-1, 1],
    "Africa/Cairo": [1, -1],
    "Asia/Kolkata": [],
}
# Half past is skipped in one spring or another, and shown twice in one autumn or another.
TRYING = [time(0, 30), time(1, 45), time(2, 15), time(2, 30), time(8), time(19), time(23, 30)]
HOLIDAYS = frozenset({date(2026, 1, 1), date(2026, 4, 6), date(2026, 10, 26), date(2026, 12, 25)})
CLOSED = (date(2026, 3, 9), date(2026, 9, 7), date(2026, 12, 24))
ANA, BEN, CLARA = (UUID(int=n) for n in (1, 2, 3))


@pytest.fixture(scope="module", params=ZONES)
def year(request: pytest.FixtureRequest) -> WalkedYear:
    return WalkedYear(
        ZoneInfo(request.param), datetime(2025, 12, 20, tzinfo=UTC), datetime(2027, 1, 12, tzinfo=UTC)
    )


def asked_in_2026(year: WalkedYear, every: int) -> list[int]:
    first, last = year.place(datetime(2026, 1, 1, tzinfo=UTC)), year.place(datetime(2027, 1, 1, tzinfo=UTC))
    return [place for place in year.places_to_ask(every) if first <= place < last]


def calendar(year: WalkedYear, **settings: object) -> WorkCalendar:
    return WorkCalendar(year.zone, ProgramCalendar.model_validate(settings), HOLIDAYS)


def test_the_year_has_the_changes_that_it_is_about(year: WalkedYear) -> None:
    gained = [year.walls[jump] - year.walls[jump - 1] for jump in year.jumps()]
    assert [(more - timedelta(minutes=5)) / timedelta(hours=1) for more in gained] == ZONES[year.zone.key]


@pytest.mark.parametrize(
    ("quiet_from", "quiet_until"),
    [
        (time(20), time(8)),
        (time(23, 30), time(2, 30)),
        (time(1, 45), time(6)),
        (time(0, 30), time(2, 15)),
        (time(2, 30), time(0, 30)),
    ],
)
@pytest.mark.parametrize("working_days", [False, True])
def test_quiet_hours(year: WalkedYear, quiet_from: time, quiet_until: time, working_days: bool) -> None:
    closed = HOLIDAYS.union(CLOSED)

    def may_page(wall: datetime) -> bool:
        shown = (wall.hour, wall.minute)
        begins, ends = (quiet_from.hour, quiet_from.minute), (quiet_until.hour, quiet_until.minute)
        quiet = begins <= shown < ends if begins < ends else not ends <= shown < begins
        works = wall.isoweekday() <= 5 and wall.date() not in closed
        return not quiet and (works or not working_days)

    kept = calendar(year, quiet_from=quiet_from, quiet_until=quiet_until, closed_on=CLOSED)
    first = year.next_where(may_page)
    for place in asked_in_2026(year, every=97):
        found = kept.allowed_from(year.at(place), quiet_hours=True, working_days=working_days)
        expected = first[place]
        assert expected is not None and found == year.at(expected), year.at(place)


def test_working_days_alone_run_from_midnight_to_midnight(year: WalkedYear) -> None:
    # Sundays, on which most zones change their clocks, and Fridays, on which Cairo does.
    kept = calendar(year, working_days=(4, 6), closed_on=CLOSED)
    closed = HOLIDAYS.union(CLOSED)
    first = year.next_where(lambda wall: wall.isoweekday() in (5, 7) and wall.date() not in closed)
    for place in asked_in_2026(year, every=97):
        found = kept.allowed_from(year.at(place), quiet_hours=False, working_days=True)
        expected = first[place]
        assert expected is not None and found == year.at(expected), year.at(place)


@pytest.mark.parametrize("digest_at", TRYING, ids=str)
def test_digests(year: WalkedYear, digest_at: time) -> None:
    kept = calendar(year, working_days=(0, 1, 4, 5, 6), digest_at=digest_at, closed_on=CLOSED)
    closed = HOLIDAYS.union(CLOSED)
    working = [day for day in year.days[1:-1] if day.isoweekday() not in (3, 4) and day not in closed]
    digests = [year.when(day, digest_at) for day in working]
    for place in asked_in_2026(year, every=151):
        assert kept.digest_from(year.at(place)) == first_from(digests, year.at(place)), year.at(place)


def test_routine_is_due_at_the_end_of_the_next_working_day(year: WalkedYear) -> None:
    kept = calendar(year, working_days=(0, 1, 2, 3, 6), closed_on=CLOSED)
    closed = HOLIDAYS.union(CLOSED)
    working = [day for day in year.days if day.isoweekday() not in (5, 6) and day not in closed]
    for place in asked_in_2026(year, every=97):
        today = year.walls[place].date()
        expected = year.when(next(day for day in working if day > today), time(17))
        assert due_at(Severity.ROUTINE, year.at(place), kept) == expected, year.at(place)


@pytest.mark.parametrize("check_in_days", [(0, 1, 2, 3, 4), (0, 2, 4, 6), (6,), (4,)], ids=str)
def test_days_without_check_in(year: WalkedYear, check_in_days: tuple[int, ...]) -> None:
    settings = ProgramCalendar(check_in_days=check_in_days)
    for number, low in enumerate(asked_in_2026(year, every=499)[::13]):
        high = low + 1 + number % 7 * 577
        spells = year.spells_where(lambda wall: wall.isoweekday() - 1 not in check_in_days, low, high)
        expected = [(year.at(begin), year.at(end)) for begin, end in spells]
        assert asked_pauses(settings, year.zone, year.at(low), year.at(high)) == expected


@pytest.mark.parametrize("hand_over", TRYING, ids=str)
@pytest.mark.parametrize("starts_on", [date(2026, 1, 4), date(2026, 1, 2)])  # a Sunday, a Friday
def test_who_is_on_call(year: WalkedYear, hand_over: time, starts_on: date) -> None:
    turns = (ANA, None, BEN)
    days = [day for day in year.days if day >= starts_on and day.isoweekday() == starts_on.isoweekday()]
    hand_overs = [year.when(day, hand_over) for day in days]
    overrides = [
        Override(starts_at=begins, ends_at=begins + timedelta(hours=hours), member=member)
        for begins, hours, member in [
            (hand_overs[12] - timedelta(hours=30), 60, CLARA),
            (hand_overs[13] - timedelta(hours=1), 3, None),
            (hand_overs[13], 24 * 9, CLARA),
            (hand_overs[13] + timedelta(hours=5), 24, BEN),
        ]
    ]
    schedule = Schedule(
        Rotation(starts_on=starts_on, hand_over=hand_over, members=turns), overrides, year.zone
    )

    def expected(moment: datetime) -> UUID | None:
        member = None
        for week, begins in enumerate(hand_overs):
            if begins <= moment:
                member = turns[week % 3]
        for override in overrides:
            if override.starts_at <= moment < override.ends_at:
                member = override.member
        return member

    places = asked_in_2026(year, every=997)[::7]
    edges = [edge for override in overrides for edge in (override.starts_at, override.ends_at)]
    for moment in [year.at(place) for place in places] + hand_overs[:-1] + edges:
        for asked in (moment, moment - timedelta(seconds=1)):
            shift = on_call(schedule, asked)
            assert (shift.member if shift else None) == expected(asked), asked
            assert (shift is None) == (asked < hand_overs[0])
            assert shift is None or shift.starts_at <= asked < shift.ends_at

    everybody = shifts(schedule, year.at(0), hand_overs[-1])
    assert (everybody[0].starts_at, everybody[-1].ends_at) == (year.at(0), hand_overs[-1])
    assert [shift.ends_at for shift in everybody[:-1]] == [shift.starts_at for shift in everybody[1:]]
    for shift in everybody:
        assert expected(shift.starts_at) == expected(shift.ends_at - timedelta(seconds=1)) == shift.member


def test_a_week_on_call_has_an_hour_more_or_less_where_the_clocks_change(year: WalkedYear) -> None:
    rotation = Rotation(starts_on=date(2026, 1, 5), hand_over=time(9), members=(ANA, BEN))
    schedule = Schedule(rotation, (), year.zone)
    weeks = [on_call(schedule, datetime(2026, 1, 8, 12, tzinfo=UTC) + timedelta(weeks=n)) for n in range(51)]
    hours = [(week.ends_at - week.starts_at) / timedelta(hours=1) for week in weeks if week]
    assert len(hours) == 51
    assert [168 - each for each in hours if each != 168] == ZONES[year.zone.key]


@pytest.mark.parametrize("remind_at", TRYING, ids=str)
def test_reminders(year: WalkedYear, remind_at: time) -> None:
    settings = ProgramCalendar(remind_at=remind_at, check_in_days=(0, 2, 4, 5, 6))
    starts_on, ends_on = date(2026, 1, 8), date(2026, 12, 20)
    leaves = [
        (datetime(2026, 4, 22, 23, 30, tzinfo=UTC), datetime(2026, 4, 29, 6, tzinfo=UTC)),
        (datetime(2026, 12, 10, 3, tzinfo=UTC), None),
    ]
    asked = [day for day in year.days if day.isoweekday() not in (2, 4) and starts_on <= day <= ends_on]
    when = {day: year.when(day, remind_at) for day in asked}
    away = {day for day, at in when.items() for begin, end in leaves if at >= begin and (not end or at < end)}
    wanted = [day for day in asked if day not in away]
    for number, place in enumerate(asked_in_2026(year, every=499)[::5]):
        now, today = year.at(place), year.walls[place].date()
        last = [None, today, today - timedelta(days=1), today - timedelta(days=9)][number % 4]
        open_days = [day for day in wanted if last is None or day > last]
        coming = [day for day in open_days if today <= day < today + timedelta(days=7) and when[day] >= now]
        reminders = upcoming(
            now,
            year.zone,
            settings,
            starts_on=starts_on,
            ends_on=ends_on,
            leaves=leaves,
            last_check_in_day=last,
        )
        assert [(reminder.day, reminder.at, reminder.missed_days) for reminder in reminders] == [
            (day, when[day], sum(other < day for other in open_days)) for day in coming
        ], now
