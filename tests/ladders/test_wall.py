"""What clocks on walls show, and when they are changed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.ladders.wall import first_change, moment_of

NEW_YORK = ZoneInfo("America/New_York")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "moment"),
    [
        ("America/New_York", "2026-01-05", time(9), "2026-01-05 14:00"),
        ("America/New_York", "2026-03-08", time(2, 30), "2026-03-08 07:30"),  # skipped: it is then 03:30
        ("America/New_York", "2026-11-01", time(1, 30), "2026-11-01 05:30"),  # shown twice: the first
        ("Australia/Lord_Howe", "2026-10-04", time(2, 15), "2026-10-03 15:45"),  # skipped: 02:45
        ("Australia/Lord_Howe", "2026-04-05", time(1, 45), "2026-04-04 14:45"),
        ("Africa/Cairo", "2026-04-24", time(), "2026-04-23 22:00"),  # midnight is skipped: 01:00
        ("America/Nuuk", "2026-03-28", time(23, 30), "2026-03-29 01:30"),  # 00:30 of the next day
    ],
)
def test_moments(zone: str, day: str, at: time, moment: str) -> None:
    found = moment_of(date.fromisoformat(day), at, ZoneInfo(zone))
    assert found == utc(moment) and found.tzinfo is UTC


@pytest.mark.parametrize(
    ("after", "until", "change"),
    [
        ("2026-02-01 00:00", "2026-03-08 06:59:59.999999", None),
        ("2026-02-01 00:00", "2026-03-08 07:00", "2026-03-08 07:00"),
        ("2026-03-08 06:59:59.999999", "2026-03-08 07:00:00.000001", "2026-03-08 07:00"),
        ("2026-03-08 07:00", "2026-11-01 05:59:59", None),
        ("2026-02-01 00:00", "2026-12-01 00:00", "2026-03-08 07:00"),  # the first of two that undo each other
        ("2026-10-31 23:59:30.5", "2026-11-20 00:00", "2026-11-01 06:00"),
        ("2026-03-08 12:00", "2026-03-08 01:00", None),
    ],
)
def test_changes_of_the_clocks(after: str, until: str, change: str | None) -> None:
    assert first_change(NEW_YORK, utc(after), utc(until)) == (change and utc(change))


def test_a_zone_that_never_changes_its_clocks() -> None:
    assert first_change(ZoneInfo("Asia/Kolkata"), utc("2026-01-01 00:00"), utc("2027-01-01 00:00")) is None
