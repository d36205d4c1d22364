"""Spans of time: presence within a session, overlap once, days and weeks on the wall."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.treatment.minutes import (
    Span,
    by_day,
    common,
    cut,
    length,
    present,
    union,
    week_days,
    week_of,
    without,
)

NEW_YORK = ZoneInfo("America/New_York")


def clock(text: str) -> datetime:
    """An hour and a minute, and maybe a second, of one evening."""
    hour, minute, *second = (int(part) for part in text.split(":"))
    return datetime(2026, 11, 23, hour, minute, *second, tzinfo=UTC)


def span(text: str) -> Span:
    start, end = text.split("-")
    return Span(clock(start), clock(end))


GROUP = span("18:00-21:00")


@pytest.mark.parametrize(
    ("arrived", "left", "minutes"),
    [
        ("18:00", "21:00", 180),
        ("17:40", "21:20", 180),  # early arrival counts from the start, staying on to the end
        ("18:20", "21:00", 160),
        ("18:00", "20:30", 150),
        ("18:20", "20:30", 130),
        ("18:07:59", "21:00", 173),  # arrival and leaving are cut to the minute
        ("18:00", "20:29:59", 149),
        ("18:07:10", "18:07:50", 0),
        ("18:07:59", "18:08:00", 1),
        ("18:30", None, 150),  # who never said that they left was there to the end
        (None, None, 0),
        (None, "20:00", 0),
        ("17:00", "17:30", 0),
        ("21:00", "21:30", 0),
        ("17:00", "18:00", 0),
    ],
)
def test_presence_counts_within_the_session_in_whole_minutes(
    arrived: str | None, left: str | None, minutes: int
) -> None:
    assert present(GROUP, arrived and clock(arrived), left and clock(left)) == minutes


def test_a_clock_elsewhere_says_the_same() -> None:
    here = clock("18:20").astimezone(ZoneInfo("Asia/Kathmandu"))
    assert present(GROUP, here, clock("19:00").astimezone(NEW_YORK)) == 40
    assert cut(here) == clock("18:20")


@pytest.mark.parametrize(
    ("spans", "minutes"),
    [
        ([], 0),
        (["18:00-19:00", "19:00-20:00"], 120),
        (["18:00-19:00", "18:30-19:30"], 90),
        (["18:00-21:00", "19:00-20:00"], 180),
        (["19:00-20:00", "18:00-19:30", "18:00-19:30"], 120),
        (["18:00-18:00"], 0),
        (["18:00:30-18:01:29"], 1),
    ],
)
def test_overlap_counts_once(spans: list[str], minutes: int) -> None:
    assert length(map(span, spans)) == minutes


def test_what_is_common_and_what_is_left() -> None:
    evening = [span("18:00-19:00"), span("20:00-21:00")]
    assert common(evening, [span("18:30-20:15")]) == [span("18:30-19:00"), span("20:00-20:15")]
    assert without(evening, [span("18:30-20:15")]) == [span("18:00-18:30"), span("20:15-21:00")]
    assert without(evening, [span("17:00-22:00")]) == []
    assert without([GROUP], [span("18:30-19:00"), span("20:00-20:10")]) == [
        span("18:00-18:30"), span("19:00-20:00"), span("20:10-21:00"),
    ]  # fmt: skip


some = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 60)).map(
        lambda pair: Span(
            clock("12:00") + timedelta(minutes=pair[0]), clock("12:00") + timedelta(minutes=sum(pair))
        )
    ),
    max_size=6,
)


@given(some, some)
def test_what_is_taken_and_what_is_left_make_the_whole(one: list[Span], two: list[Span]) -> None:
    assert length(common(one, two)) + length(without(one, two)) == length(one)
    assert union([*common(one, two), *without(one, two)]) == union(one)
    assert length([*one, *two]) == length(one) + length(without(two, one))


@pytest.mark.parametrize(
    ("zone", "start", "hours", "days"),
    [
        ("America/New_York", "2026-11-22T22:00", 4, {"2026-11-22": 120, "2026-11-23": 120}),
        ("America/New_York", "2026-10-31T23:00", 6, {"2026-10-31": 60, "2026-11-01": 300}),  # of 25 hours
        ("America/New_York", "2026-03-07T23:00", 24, {"2026-03-07": 60, "2026-03-08": 1380}),  # of 23
        # Midnight is skipped, or comes twice.
        ("Africa/Cairo", "2026-04-23T23:00", 2, {"2026-04-23": 60, "2026-04-24": 60}),
        ("Africa/Cairo", "2026-10-29T23:00", 3, {"2026-10-29": 120, "2026-10-30": 60}),
        ("America/Havana", "2026-03-07T23:00", 2, {"2026-03-07": 60, "2026-03-08": 60}),
        ("Pacific/Kiritimati", "2026-12-31T23:30", 1, {"2026-12-31": 30, "2027-01-01": 30}),
    ],
)  # fmt: skip
def test_minutes_belong_to_the_date_that_a_clock_shows(
    zone: str, start: str, hours: int, days: dict[str, int]
) -> None:
    begins = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = by_day([Span(begins, begins + timedelta(hours=hours))], ZoneInfo(zone))
    assert {str(day): minutes for day, minutes in found.items()} == days


@pytest.mark.parametrize("starts_on", range(7))
def test_a_week_has_seven_days_and_begins_on_its_day(starts_on: int) -> None:
    for ahead in range(14):
        day = date(2026, 11, 23) + timedelta(days=ahead)
        first = week_of(day, starts_on)
        assert first.weekday() == starts_on
        assert day in week_days(first) and len(week_days(first)) == 7
        assert week_of(first, starts_on) == first
