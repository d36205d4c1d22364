"""The hours of ten thousand random weeks against somebody who walks through every minute with a pencil.

The counter below shares no code with what it checks. A minute is a number: those since 1970. Whether it
counts is asked of each minute by itself, and which day it belongs to of a clock on the wall.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.treatment.minutes import Span
from app.treatment.week import Part, report, times

WEEKS = 10_000
EXAMPLES = 500
A_WEEK = 96
"""Random bytes that one week is made of: of zeros it is the plainest."""
BYTES = A_WEEK * WEEKS // EXAMPLES
# Mondays of weeks with a change of clocks: at two, at midnight, by half an hour; and of plain ones.
PLACES = [
    (ZoneInfo("UTC"), date(2026, 6, 1)),
    (ZoneInfo("America/New_York"), date(2026, 10, 26)),
    (ZoneInfo("America/New_York"), date(2027, 3, 8)),
    (ZoneInfo("America/Chicago"), date(2026, 10, 26)),
    (ZoneInfo("America/Phoenix"), date(2026, 10, 26)),
    (ZoneInfo("Europe/London"), date(2026, 10, 19)),
    (ZoneInfo("America/Santiago"), date(2026, 8, 31)),
    (ZoneInfo("America/Santiago"), date(2027, 3, 29)),
    (ZoneInfo("America/Havana"), date(2026, 10, 26)),
    (ZoneInfo("Africa/Cairo"), date(2026, 4, 20)),
    (ZoneInfo("Australia/Lord_Howe"), date(2026, 9, 28)),
    (ZoneInfo("Australia/Lord_Howe"), date(2027, 3, 29)),
    (ZoneInfo("Asia/Kathmandu"), date(2026, 6, 1)),
    (ZoneInfo("Pacific/Kiritimati"), date(2026, 12, 28)),
]
STATUSES = [
    None, "attended", "late", "left_early", "arrived", "unexcused", "excused", "made_up", "expected",
    "cancelled",
]  # fmt: skip
CAME = {"attended", "late", "left_early", "arrived"}
WILL_NOT_COME = {"excused", "unexcused", "made_up", "cancelled"}


class Story(NamedTuple):
    """Some sessions of one patient, around a week that begins on a local day; and what time it is."""

    zone: ZoneInfo
    first: date
    parts: list[Part]
    now: datetime


class Bytes:
    """Random numbers, in the order in which they are asked for; zeros when there are no more."""

    def __init__(self, content: bytes) -> None:
        self._rest = iter(content)

    def below(self, bound: int) -> int:
        value = next(self._rest, 0)
        if bound > 256:
            value = value * 256 + next(self._rest, 0)
        return value % bound


def made_from(content: bytes) -> Story:
    take = Bytes(content)
    zone, monday = PLACES[take.below(len(PLACES))]
    first = monday + timedelta(days=take.below(7))
    midnight = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    now = midnight + timedelta(minutes=take.below(9 * 1440) - 1440, seconds=take.below(60))
    parts: list[Part] = []
    for _ in range(take.below(7) + 1):
        part = a_part(take, midnight, now, parts[-1] if parts else None)
        if take.below(8) == 7:  # corrected: what was recorded first says no more
            part = part._replace(**a_record(take, part.span, now))
        parts.append(part)
    return Story(zone, first, parts, now)


def a_part(take: Bytes, midnight: datetime, now: datetime, before: Part | None) -> Part:
    start = midnight + timedelta(minutes=5 * take.below(1728 + 576) - 1440)
    if before is not None and take.below(4) == 3:  # at the same time as another
        start = before.span.start + timedelta(minutes=take.below(60) - 20)
    if take.below(8) == 7:  # over the edge of the week, or of a day of it
        start = midnight + timedelta(days=take.below(8), minutes=-take.below(40))
    if take.below(8) == 7:  # in progress
        start = now.replace(second=0) - timedelta(minutes=take.below(40))
    span = Span(start, start + timedelta(minutes=take.below(180) + 5))
    chance = take.below(8)
    return Part(span, "group", is_make_up=chance == 0, is_cancelled=chance == 1, **a_record(take, span, now))  # type: ignore[misc]  # a record names no other fields


def a_record(take: Bytes, span: Span, now: datetime) -> dict[str, object]:
    """When they came and went: early, late, for no time at all, not yet gone, or gone for a while and back.
    Nobody comes tomorrow."""
    status = STATUSES[take.below(len(STATUSES))]
    arrived = left = None
    away: tuple[Span, ...] = ()
    if status in CAME and span.start <= now:
        arrived = span.start + timedelta(minutes=take.below(60) - 20, seconds=take.below(60))
        if (how := take.below(5)) != 4:
            left = max(arrived, span.end + timedelta(minutes=20 - take.below(60), seconds=13 * how))
        if take.below(3) == 2:
            gone = arrived + timedelta(minutes=take.below(90), seconds=take.below(60))
            away = (Span(gone, gone + timedelta(minutes=take.below(40), seconds=17)),)
    elif status in CAME:
        status = None
    return {
        "status": status, "arrived_at": arrived, "left_at": left, "said_ahead": take.below(4) == 3,
        "away": away,
    }  # fmt: skip


def number(moment: datetime) -> int:
    return int(moment.timestamp() // 60)


def minutes(span: Span) -> Iterator[int]:
    return iter(range(number(span.start), number(span.end)))


def is_there(part: Part, minute: int, now: int) -> bool:
    if part.status not in CAME or part.arrived_at is None or minute >= now:
        return False
    if any(number(gone) <= minute < number(back) for gone, back in part.away):
        return False
    return minute >= number(part.arrived_at) and (part.left_at is None or minute < number(part.left_at))


def is_to_come(part: Part, minute: int, now: int) -> bool:
    if minute < now or part.status in WILL_NOT_COME or part.is_cancelled or part.left_at is not None:
        return False
    return not (part.status == "expected" and part.said_ahead)


def walked(story: Story) -> tuple[dict[str, Counter[date]], set[str]]:
    """Minutes by day, one by one; and what was met on the way."""
    now = number(story.now)
    attended: set[int] = set()
    scheduled: set[int] = set()
    over: set[int] = set()
    made_up: set[int] = set()
    to_come: set[int] = set()
    met = set()
    for part in story.parts:
        is_on = not part.is_cancelled and part.status != "cancelled"
        for minute in minutes(part.span):
            if is_there(part, minute, now):
                met.add("twice" if minute in attended else "once")
                attended.add(minute)
                if part.is_make_up:
                    made_up.add(minute)
            if is_on:
                scheduled.add(minute)
                if part.span.end <= story.now:
                    over.add(minute)
            if is_to_come(part, minute, now):
                to_come.add(minute)
    days = {
        minute: datetime.fromtimestamp(minute * 60, story.zone).date()
        for minute in attended | scheduled | to_come
    }
    sets = {
        "attended": attended, "scheduled": scheduled, "missed": over - attended, "made_up": made_up,
        "projected": attended | to_come,
    }  # fmt: skip
    return {name: Counter(days[minute] for minute in found) for name, found in sets.items()}, met


def check(story: Story) -> set[str]:
    """Equal in everything, or it raises. What the story had in it."""
    counted, met = walked(story)
    (week,) = report([story.first], times(story.parts, story.now), story.zone)
    days = [story.first + timedelta(days=each) for each in range(7)]
    for name, by_day in counted.items():
        assert getattr(week, name) == sum(by_day[day] for day in days), name
    assert [day.date for day in week.days] == days
    for day in week.days:
        assert day[1:] == tuple(counted[name][day.date] for name in ("attended", "scheduled", "projected"))
    outside = counted["scheduled"].keys() - set(days)
    offsets = {datetime(day.year, day.month, day.day, 12, tzinfo=story.zone).utcoffset() for day in days}
    return met | {
        *(name for name, by_day in counted.items() if any(by_day[day] for day in days)),
        *(f"status {part.status}" for part in story.parts),
        *(["outside the week"] if outside else []),
        *(["clocks changed"] if len(offsets) > 1 else []),
        *(["away"] if any(part.away for part in story.parts) else []),
        *(["cancelled"] if any(part.is_cancelled for part in story.parts) else []),
        *(["in progress"] if any(p.span.start < story.now < p.span.end for p in story.parts) else []),
    }


def test_ten_thousand_weeks_are_counted_as_by_hand() -> None:
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=BYTES, max_size=BYTES))
    def weeks(content: bytes) -> None:
        for start in range(0, BYTES, A_WEEK):
            story = made_from(content[start : start + A_WEEK])
            seen.update(check(story))
            seen["weeks"] += 1

    weeks()
    assert seen["weeks"] >= WEEKS
    rare = {what: count for what, count in seen.items() if count < WEEKS // 50}
    assert not rare, "each of these is there in many weeks"
    assert seen.keys() >= {
        "twice", "attended", "scheduled", "missed", "made_up", "projected", "outside the week",
        "clocks changed", "cancelled", "in progress", "away", *(f"status {status}" for status in STATUSES),
    }  # fmt: skip
