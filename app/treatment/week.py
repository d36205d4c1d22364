"""What a program week held for one patient: minutes attended, scheduled, missed, made up, and projected."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from app.ladders.wall import moment_of
from app.treatment.attendance import ATTENDED
from app.treatment.minutes import Span, by_day, cut, presence, union, week_days, week_of, without

_ABSENT: Final = frozenset({"excused", "unexcused", "made_up", "cancelled"})
_NOON, _THIRD = time(12), 2


class Part(NamedTuple):
    """What is known of one patient in one treatment session.

    `status` is the attendance's, None where there is none and the patient is merely expected. `said_ahead`:
    they told that they will not come. `away`: for when they were gone, and came back.
    """

    span: Span
    kind: str
    status: str | None
    arrived_at: datetime | None
    left_at: datetime | None
    is_make_up: bool
    said_ahead: bool
    is_cancelled: bool
    away: tuple[Span, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether it is, or was, scheduled for the patient and the program did not cancel it."""
        return not self.is_cancelled and self.status != "cancelled"

    @property
    def may_come(self) -> bool:
        """Whether the patient is still to be expected in it, as far as it is not over."""
        said_no = self.said_ahead and self.status == "expected"
        return self.counts and self.status not in _ABSENT and self.left_at is None and not said_no

    def presence(self, now: datetime) -> Sequence[Span]:
        """When the patient was in it, until `now` at the latest, as a union; nothing for no whole minute."""
        span = presence(self.span, self.arrived_at, min(self.left_at or now, now))
        if self.status not in ATTENDED or span is None:
            return ()
        return without([span], self.away) if self.away else (span,)


class Times(NamedTuple):
    """The same time for each of the five counts, as unions: nothing in any of them is there twice.

    Missed is scheduled, in sessions that are over, and not attended. Made up is what was attended in
    sessions that make up for a missed one. Projected is attended, and from now on what is still to come.
    """

    attended: Sequence[Span]
    scheduled: Sequence[Span]
    missed: Sequence[Span]
    made_up: Sequence[Span]
    projected: Sequence[Span]


class DayReport(NamedTuple):
    """The minutes of one local day."""

    date: date
    attended: int
    scheduled: int
    projected: int


class WeekReport(NamedTuple):
    """The minutes of one program week. It begins on the local day `week_of`."""

    week_of: date
    attended: int
    scheduled: int
    missed: int
    made_up: int
    projected: int
    days: Sequence[DayReport]


def times(parts: Sequence[Part], now: datetime) -> Times:
    """When the patient was, was to be, and is yet to be in these sessions, as of `now`."""
    present = [(part, span) for part in parts for span in part.presence(now)]
    attended = union(span for _, span in present)
    counted = [part for part in parts if part.counts]
    return Times(
        attended,
        union(part.span for part in counted),
        without((part.span for part in counted if part.span.end <= now), attended),
        union(span for part, span in present if part.is_make_up),
        union([*attended, *(span for _, span in remaining(parts, now))]),
    )


def remaining(parts: Iterable[Part], now: datetime) -> Sequence[tuple[Part, Span]]:
    """The sessions in which the patient is still to be expected, with what is left of each."""
    coming = [(part, Span(max(part.span.start, cut(now)), part.span.end)) for part in parts if part.may_come]
    return [(part, span) for part, span in coming if span.start < span.end]


def report(first_days: Iterable[date], of: Times, zone: ZoneInfo) -> Sequence[WeekReport]:
    """The weeks that begin on these days where the clocks show the time of `zone`: the program's."""
    daily = [by_day(spans, zone) for spans in of]
    return [_week(first, daily) for first in first_days]


def span_of(first_day: date, days: int, zone: ZoneInfo) -> Span:
    """So many local days from the beginning of the first on, in UTC."""
    last = first_day + timedelta(days=days)
    return Span(moment_of(first_day, time(), zone), moment_of(last, time(), zone))


def mid_week(first_day: date, zone: ZoneInfo) -> datetime:
    """When a running week is reckoned, in UTC: at noon of its third day, so that there is time left to act.

    The timing is a design choice (clinical.md, B, "Weekly hours").
    """
    return moment_of(first_day + timedelta(days=_THIRD), _NOON, zone)


def next_mid_week(after: datetime, week_starts_on: int, zone: ZoneInfo) -> datetime:
    """The first middle of a program week after a moment, in UTC."""
    first = week_of(after.astimezone(zone).date(), week_starts_on)
    here = mid_week(first, zone)
    return here if here > after else mid_week(first + timedelta(weeks=1), zone)


def _week(first: date, daily: Sequence[Mapping[date, int]]) -> WeekReport:
    days = week_days(first)
    by_days = [[minutes.get(day, 0) for day in days] for minutes in daily]
    attended, scheduled, missed, made_up, projected = by_days
    each_day = map(DayReport, days, attended, scheduled, projected)
    return WeekReport(
        first, sum(attended), sum(scheduled), sum(missed), sum(made_up), sum(projected), list(each_day)
    )
