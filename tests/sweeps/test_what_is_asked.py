"""Silence counts only while something is asked of the patient, by the clocks where the patient lives."""

from datetime import date, datetime

import pytest

from tests.sweeps.ward import (
    DAY,
    HOUR,
    MISSED,
    MONDAY,
    SECOND,
    Ward,
    checks_in_daily,
    day,
    is_heard_weekly,
    local,
)

WORKDAYS = (0, 1, 2, 3, 4)


async def test_a_planned_leave_pauses_and_on_return_the_silence_goes_on(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 9)
    await is_heard_weekly(ward, nora, 9)
    await ward.is_away(nora, day(10), day(17), last + HOUR)
    await ward.sweeps_until(last + 2 * HOUR, local(nora, day(17)))
    assert ward.told(nora) == []
    await ward.just_in_time(last + 3 * DAY + 7 * DAY, nora, MISSED)
    # The scores, too: ten days from the 9th, and seven of leave.
    await ward.sweep(local(nora, day(25)))  # thinned out, when the leave is out of the window
    await ward.just_in_time(local(nora, day(9), 12) + 17 * DAY, nora, "gad7.overdue", "phq9.overdue")


async def test_a_leave_without_an_end_pauses_until_somebody_ends_it(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 4)
    await ward.changes_stay(nora, last + 12 * HOUR, status="on_leave")
    await ward.sweeps_until(last + 13 * HOUR, last + 30 * DAY, every=DAY)
    assert ward.told(nora) == []
    assert ward.due(nora) is None, "nothing will come of waiting"
    back = last + 31 * DAY
    await ward.changes_stay(nora, back, status="active")
    await ward.sweep(back)
    await ward.just_in_time(back + 3 * DAY - 12 * HOUR, nora, MISSED)


async def test_a_leave_that_is_known_afterwards_only(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 4)
    await ward.sweep(last + 2 * DAY)
    await ward.is_away(nora, day(6), day(7), last + 3 * DAY - SECOND)
    await ward.sweep(last + 3 * DAY)
    assert ward.told(nora) == []
    await ward.just_in_time(last + 4 * DAY, nora, MISSED)


async def test_who_comes_back_early_is_watched_from_then_on(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 4)
    await ward.changes_stay(nora, last + HOUR, status="on_leave", back_on=day(28))
    await ward.sweep(last + 2 * HOUR)
    back = last + 49 * HOUR
    await ward.changes_stay(nora, back, status="active")
    await ward.just_in_time(back + 71 * HOUR, nora, MISSED)


async def test_a_leave_that_is_called_off_or_ended_early_pauses_no_longer(ward: Ward) -> None:
    nora, ben = await ward.admit(), await ward.admit()
    for each in (nora, ben):
        last = await checks_in_daily(ward, each, 2, 4)
    called_off = await ward.is_away(nora, day(7), day(28), last)
    ended = await ward.is_away(ben, day(6), day(28), last)
    await ward.sweep(last + HOUR)
    noon = local(ben, day(6), 12)
    await ward.is_back(nora, called_off, noon)
    await ward.is_back(ben, ended, noon)
    await ward.sweep(noon)
    await ward.just_in_time(last + 3 * DAY, nora, MISSED)
    await ward.just_in_time(last + 3 * DAY + 12 * HOUR, ben, MISSED)


async def test_weekends_do_not_count_where_nothing_is_asked_on_them(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.asks_on(WORKDAYS, local(nora, MONDAY, 10))
    last = await checks_in_daily(ward, nora, 2, 5)  # until Thursday evening
    await is_heard_weekly(ward, nora, 5)
    await ward.sweep(last + 3 * DAY)
    assert ward.told(nora) == []
    await ward.just_in_time(local(nora, day(9)), nora, "checkin.thinning")  # three since Tuesday
    await ward.just_in_time(last + 5 * DAY, nora, MISSED)  # Tuesday evening


async def test_a_calendar_that_is_changed_meanwhile(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 5)
    await ward.sweep(last + DAY)
    await ward.asks_on(WORKDAYS, last + 3 * DAY - SECOND)
    await ward.sweep(last + 3 * DAY)
    assert ward.told(nora) == []
    await ward.asks_on(range(7), last + 3 * DAY + HOUR)
    await ward.sweep(last + 3 * DAY + HOUR)
    assert [each.rule for each in ward.told(nora)] == [MISSED]


@pytest.mark.parametrize(
    ("zone", "midnight"),
    [
        ("Pacific/Honolulu", "2026-11-02T10:00+00:00"), ("Asia/Tokyo", "2026-11-01T15:00+00:00"),
        ("Asia/Kathmandu", "2026-11-01T18:15+00:00"),
    ],
)  # fmt: skip
async def test_the_patients_midnight_counts_and_not_the_programs(
    ward: Ward, zone: str, midnight: str
) -> None:
    admitted = datetime.fromisoformat("2026-11-01T12:00+00:00")
    nora = await ward.admit(MONDAY, zone, now=admitted)
    await ward.sweep(admitted)
    begins = datetime.fromisoformat(midnight)
    await ward.just_in_time(begins + 3 * DAY, nora, MISSED)
    # Of the days of the stay the first window of seven is full with the seventh.
    await ward.just_in_time(begins + 6 * DAY, nora, "checkin.thinning")


async def test_who_moves_is_watched_by_the_clocks_there(ward: Ward) -> None:
    nora = await ward.admit()
    await ward.sweep(local(nora, MONDAY, 10))
    moved = await ward.moves(nora, "Asia/Tokyo", local(nora, MONDAY, 11))
    await ward.sweep(local(nora, MONDAY, 11))
    await ward.just_in_time(local(moved, MONDAY) + 3 * DAY, moved, MISSED)


@pytest.mark.parametrize(
    ("first", "hours_of_the_week"),
    [(date(2026, 10, 29), 169), (date(2027, 3, 11), 167), (date(2026, 11, 2), 168)],
)
async def test_days_of_silence_are_24_hours_and_windows_go_by_the_calendar(
    ward: Ward, first: date, hours_of_the_week: int
) -> None:
    nora = await ward.admit(first)
    begins = local(nora, first)
    await ward.sweep(begins + 9 * HOUR)
    await ward.just_in_time(begins + 3 * DAY, nora, MISSED)
    # The clocks are changed in the week: its last day begins an hour later, or earlier.
    window = begins + (hours_of_the_week - 24) * HOUR
    await ward.just_in_time(window, nora, "checkin.thinning")
    await ward.just_in_time(begins + 7 * DAY, nora, "checkin.missed_7_days")


async def test_discharge_ends_it(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 4)
    await ward.sweep(last + HOUR)
    await ward.changes_stay(nora, last + 3 * DAY - SECOND, status="discharged")
    assert ward.due(nora) is None
    await ward.sweeps_until(last + 3 * DAY, last + 20 * DAY, every=2 * DAY)
    await ward.checks_in(nora, last + 20 * DAY)
    await ward.sweep(last + 30 * DAY)
    assert ward.told(nora) == []
    assert ward.due(nora) is None


async def test_a_moment_left_behind_in_a_stay_that_is_over_is_cleared_and_tells_nothing(ward: Ward) -> None:
    nora = await ward.admit()
    ward.psql.execute(
        "update enrollment set status = 'discharged', ends_on = starts_on, absence_due_at = %s where id = %s",
        [local(nora, day(9)), nora.stay_id],
    )
    await ward.sweep(local(nora, day(20)))
    assert ward.told(nora) == []
    assert ward.due(nora) is None


async def test_a_stay_that_goes_on_is_watched_again(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 4)
    await ward.changes_stay(nora, last + HOUR, status="completed")
    await ward.sweep(last + 3 * DAY)
    again = last + 4 * DAY
    await ward.changes_stay(nora, again, status="active")
    await ward.sweep(again)
    assert [each.rule for each in ward.told(nora)] == [MISSED, "checkin.thinning"]


async def test_another_stay_begins_another_silence(ward: Ward) -> None:
    nora = await ward.admit()
    last = await checks_in_daily(ward, nora, 2, 2)
    await ward.just_in_time(last + 3 * DAY, nora, MISSED)
    await ward.resolves(nora, MISSED, last + 3 * DAY + HOUR)
    await ward.changes_stay(nora, last + 4 * DAY, status="completed")
    stay = nora._replace(stay_id=await ward.admit_again(nora, day(9), local(nora, day(9), 9)))
    await ward.sweep(local(nora, day(9), 10))
    await ward.just_in_time(local(nora, day(9)) + 3 * DAY, stay, MISSED)
