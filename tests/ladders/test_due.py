"""By when an alert must be answered."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.ladders.calendar import ProgramCalendar, WorkCalendar
from app.ladders.due import due_at
from app.rules.rule import Severity

CHICAGO = WorkCalendar(
    ZoneInfo("America/Chicago"),
    ProgramCalendar(closed_on=(date(2026, 11, 27),)),
    frozenset({date(2026, 11, 26), date(2026, 12, 25)}),
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "minutes", "opened", "due"),
    [
        ("critical", None, "2026-11-26 12:00", "2026-11-26 12:15"),
        ("urgent", None, "2026-11-23 23:30", "2026-11-24 00:30"),
        ("high", None, "2026-11-25 12:00", "2026-11-26 12:00"),  # a holiday
        ("high", 240, "2026-11-23 12:00", "2026-11-23 16:00"),
        ("routine", 30, "2026-11-26 12:00", "2026-11-26 12:30"),
        ("routine", None, "2026-11-23 15:00", "2026-11-24 23:00"),  # Monday: Tuesday 17:00, UTC-6
        ("routine", None, "2026-11-20 15:00", "2026-11-23 23:00"),  # Friday: Monday
        ("routine", None, "2026-11-21 03:00", "2026-11-23 23:00"),  # still Friday evening in Chicago
        ("routine", None, "2026-11-20 03:00", "2026-11-20 23:00"),  # still Thursday in Chicago: Friday
        ("routine", None, "2026-11-25 15:00", "2026-11-30 23:00"),  # a holiday, closed, a weekend: Monday
        ("routine", None, "2026-12-24 15:00", "2026-12-28 23:00"),
        ("routine", None, "2026-07-06 15:00", "2026-07-07 22:00"),  # summer time, UTC-5
        ("routine", None, "2026-03-06 15:00", "2026-03-09 22:00"),  # the clocks went forward on Sunday
    ],
)
def test_due(severity: str, minutes: int | None, opened: str, due: str) -> None:
    assert due_at(Severity(severity), utc(opened), CHICAGO, minutes) == utc(due)


def test_a_day_has_24_hours_also_when_the_clocks_change() -> None:
    opened = datetime(2026, 10, 31, 12, tzinfo=CHICAGO.time_zone)  # 17:00 UTC; the next noon is 25 hours away
    assert due_at(Severity.HIGH, opened, CHICAGO) == utc("2026-11-01 17:00")
