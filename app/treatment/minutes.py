"""Minutes of treatment: presence within a session, spans without overlap, days and program weeks.

Everything is reckoned in whole minutes that have passed, whatever the clocks on the wall did meanwhile: every
moment is cut to its minute, so that an arrival at 18:07:59 is one at 18:07.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.ladders.wall import first_change

_MINUTE, _DAY, _WEEK = timedelta(minutes=1), timedelta(days=1), 7
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


class Span(NamedTuple):
    """The time from `start` up to, and without, `end`. Both aware."""

    start: datetime
    end: datetime


def cut(moment: datetime) -> datetime:
    """The start of the minute that holds this moment, in UTC."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def presence(scheduled: Span, arrived_at: datetime | None, left_at: datetime | None) -> Span | None:
    """The part of a session in which somebody was there; None when there is no whole minute of it.

    Who came early is there from its start, who stayed on is there to its end, and so is who never said that
    they left: for a session in progress, give the present moment.
    """
    if arrived_at is None:
        return None
    start = max(cut(scheduled.start), cut(arrived_at))
    end = cut(scheduled.end) if left_at is None else min(cut(scheduled.end), cut(left_at))
    return Span(start, end) if start < end else None


def present(
    scheduled: Span, arrived_at: datetime | None, left_at: datetime | None, away: Iterable[Span] = ()
) -> int:
    """Whole minutes for which somebody was in a session: as `presence` says, 0 without an arrival. `away`
    are the times in between for which they were gone."""
    span = presence(scheduled, arrived_at, left_at)
    return 0 if span is None else length(without([span], away))


def union(spans: Iterable[Span]) -> Sequence[Span]:
    """The same time with nothing in it twice: cut to minutes, apart from each other, the first first."""
    joined: list[Span] = []
    for start, end in sorted(Span(cut(start), cut(end)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, end))
        else:
            joined.append(Span(start, end))
    return joined


def common(some: Iterable[Span], others: Iterable[Span]) -> Sequence[Span]:
    """The time that lies in some of these and in some of the others, as a union."""
    one, two = union(some), union(others)
    found: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(two):
        start, end = max(one[i].start, two[j].start), min(one[i].end, two[j].end)
        if start < end:
            found.append(Span(start, end))
        if one[i].end <= two[j].end:
            i += 1
        else:
            j += 1
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> Sequence[Span]:
    """The time of these that lies in none of `taken`, as a union."""
    gone = union(taken)
    begins = [_FIRST, *(span.end for span in gone)]
    ends = [*(span.start for span in gone), _LAST]
    return common(spans, map(Span, begins, ends))


def length(spans: Iterable[Span]) -> int:
    """Whole minutes of these spans, overlap counted once."""
    return sum((end - start) // _MINUTE for start, end in union(spans))


def by_day(spans: Iterable[Span], zone: ZoneInfo) -> dict[date, int]:
    """Whole minutes by the date that a clock in this zone shows, overlap counted once; no day has 0."""
    minutes: Counter[date] = Counter()
    for span in union(spans):
        for start, end in _on_the_wall(span, zone):
            minutes[start.date()] += (end - start) // _MINUTE
    return dict(minutes)


def week_of(day: date, week_starts_on: int) -> date:
    """The first day of the program week that holds this day. 0 is Monday, 6 is Sunday."""
    return day - timedelta(days=(day.weekday() - week_starts_on) % _WEEK)


def week_days(first: date) -> Sequence[date]:
    """The seven days of the program week that begins on this day."""
    return [first + timedelta(days=days) for days in range(_WEEK)]


def _on_the_wall(span: Span, zone: ZoneInfo) -> Iterator[Span]:
    # As naive local time, in parts through which the offset and the date stay what they are.
    start, end = span
    while start < end:
        until = first_change(zone, start, end) or end
        offset = start.astimezone(zone).utcoffset() or timedelta()
        yield from _days(Span((start + offset).replace(tzinfo=None), (until + offset).replace(tzinfo=None)))
        start = until


def _days(span: Span) -> Iterator[Span]:
    start, end = span
    while start < end:
        midnight = min(end, datetime.combine(start.date(), time()) + _DAY)
        yield Span(start, midnight)
        start = midnight
