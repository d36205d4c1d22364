"""A calendar program: reads what we write as it would, with `icalendar` and `recurring_ical_events`."""

from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar


class Entry(NamedTuple):
    """What somebody sees of an appointment on a clock in their zone."""

    title: str
    starts: str
    ends: str
    status: str


def read(text: bytes | str) -> Calendar:
    """The one calendar in it, without a fault in it or in an entry. Raises `ValueError`."""
    calendar = Calendar.from_ical(text)
    assert calendar.errors == []
    assert [each.errors for each in calendar.events if each.errors] == []
    return calendar


def seen(text: bytes | str, first: datetime, last: datetime, zone: str = "UTC") -> list[Entry]:
    """What stands between two moments, the first first."""
    found: list[Any] = recurring_ical_events.of(read(text), skip_bad_series=False).between(first, last)
    entries = [
        Entry(str(each["SUMMARY"]), wall(each.start, zone), wall(each.end, zone), str(each["STATUS"]))
        for each in sorted(found, key=lambda each: each.start)
    ]
    assert all(each.start.tzinfo is not None for each in found)
    return entries


def wall(moment: datetime, zone: str) -> str:
    """As a clock there shows it: `2026-11-09 18:00 CST`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M %Z}"


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
