"""When a phone reminds of the check-in."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.ladders.calendar import ProgramCalendar
from app.ladders.reminders import Reminder, upcoming

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # Monday, 10:00 in New York; 19:00 there is 00:00 UTC
DAILY = ProgramCalendar()


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def asked(now: datetime = NOW, calendar: ProgramCalendar = DAILY, **said: Any) -> list[Reminder]:
    usual: dict[str, Any] = {
        "starts_on": date(2026, 11, 2),
        "ends_on": None,
        "leaves": [],
        "last_check_in_day": date(2026, 11, 22),
        "days": 3,
    }
    return upcoming(now, NEW_YORK, calendar, **{**usual, **said})


def days(reminders: list[Reminder]) -> list[tuple[int, int]]:
    """Day of the month and missed days of each."""
    return [(reminder.day.day, reminder.missed_days) for reminder in reminders]


def test_the_coming_days() -> None:
    assert asked() == [
        Reminder(utc("2026-11-24 00:00"), date(2026, 11, 23), 0),
        Reminder(utc("2026-11-25 00:00"), date(2026, 11, 24), 1),
        Reminder(utc("2026-11-26 00:00"), date(2026, 11, 25), 2),
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"days": 7}, [(23, 0), (24, 1), (25, 2), (26, 3), (27, 4), (28, 5), (29, 6)]),
        ({"days": 1}, [(23, 0)]),
        ({"last_check_in_day": date(2026, 11, 23)}, [(24, 0), (25, 1)]),
        ({"last_check_in_day": date(2026, 11, 24)}, [(25, 0)]),  # a phone from further east
        ({"last_check_in_day": date(2026, 11, 20)}, [(23, 2), (24, 3), (25, 4)]),
        ({"last_check_in_day": None}, [(23, 21), (24, 22), (25, 23)]),
        ({"last_check_in_day": date(2026, 10, 1)}, [(23, 21), (24, 22), (25, 23)]),  # an earlier stay's
        ({"starts_on": date(2026, 11, 24), "last_check_in_day": None}, [(24, 0), (25, 1)]),
        ({"starts_on": date(2026, 12, 24), "last_check_in_day": None}, []),
        ({"ends_on": date(2026, 11, 24)}, [(23, 0), (24, 1)]),
        ({"ends_on": date(2026, 11, 1)}, []),
        ({"now": utc("2026-11-24 00:00")}, [(23, 0), (24, 1), (25, 2)]),
        ({"now": utc("2026-11-24 00:00:01")}, [(24, 1), (25, 2)]),
        ({"now": utc("2026-11-24 05:00")}, [(24, 1), (25, 2), (26, 3)]),  # midnight in New York
        ({"calendar": ProgramCalendar(remind_at=None)}, []),
        ({"calendar": ProgramCalendar(check_in_days=(0, 2, 4)), "days": 5}, [(23, 0), (25, 1), (27, 2)]),
        # Away until Wednesday noon: reminded on Wednesday evening, and nothing was missed.
        ({"leaves": [(utc("2026-11-23 12:00"), utc("2026-11-25 17:00"))]}, [(25, 0)]),
        ({"leaves": [(utc("2026-11-24 22:00"), None)]}, [(23, 0)]),
        ({"leaves": [(utc("2026-11-25 00:00"), utc("2026-11-26 00:00"))]}, [(23, 0), (25, 1)]),
    ],
)
def test_who_is_reminded_when(said: dict[str, Any], found: list[tuple[int, int]]) -> None:
    assert days(asked(**said)) == found


def test_seven_o_clock_stays_seven_o_clock_when_the_clocks_change() -> None:
    found = asked(utc("2026-10-31 12:00"), starts_on=date(2026, 10, 1), last_check_in_day=None)
    assert [reminder.at for reminder in found] == [
        utc("2026-10-31 23:00"),
        utc("2026-11-02 00:00"),
        utc("2026-11-03 00:00"),
    ]


def test_a_skipped_time_comes_later_and_a_repeated_one_once() -> None:
    night = ProgramCalendar(remind_at=time(2, 30))
    spring = asked(utc("2026-03-08 05:30"), night, starts_on=date(2026, 3, 1), last_check_in_day=None, days=1)
    assert [reminder.at for reminder in spring] == [utc("2026-03-08 07:30")]
    night = ProgramCalendar(remind_at=time(1, 30))
    autumn = asked(
        utc("2026-11-01 05:45"), night, starts_on=date(2026, 10, 1), last_check_in_day=None, days=2
    )
    assert [reminder.at for reminder in autumn] == [utc("2026-11-02 06:30")]


def test_a_reminder_that_the_clocks_put_on_the_next_day_stays_announced() -> None:
    """In Nuuk Saturday ends at 23:00 when the clocks are put forward."""
    late = ProgramCalendar(remind_at=time(23, 30))
    for now in ("2026-03-29 00:30", "2026-03-29 01:15"):
        found = upcoming(
            utc(now), ZoneInfo("America/Nuuk"), late,
            starts_on=date(2026, 3, 28), ends_on=None, leaves=[], last_check_in_day=None,
        )  # fmt: skip
        assert found[0] == Reminder(utc("2026-03-29 01:30"), date(2026, 3, 28), 0)


def test_nobody_is_reminded_of_a_day_twice() -> None:
    found = asked(days=60)
    assert len({reminder.day for reminder in found}) == len(found) == 60
    assert all(later.at - sooner.at >= timedelta(hours=23) for sooner, later in pairwise(found))
