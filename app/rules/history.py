"""A patient's readings, in order, as they stood at some moment."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from typing import NamedTuple, Self
from zoneinfo import ZoneInfo

from app.rules.reading import Reading, Source
from app.rules.signals import WITHDRAWN

_AT = attrgetter("at")
_START = attrgetter("start")
_ORDER = attrgetter("at", "received_at", "source.id", "source.revision")


class Pause(NamedTuple):
    """Time in which nothing is asked of the person, from `start` to before `end`; without an end, for good.

    Either a leave of absence, or days on which the program asks for no check-in.
    """

    start: datetime
    end: datetime | None
    is_leave: bool


class History:
    """The readings of one patient, by signal.

    `enrolled_at` is where silence starts to count, `time_zone` decides which day a moment belongs to,
    `week_starts_on` is the first weekday of the program's week (0 is Monday), `scheduled` holds readings
    that are planned and still to come: only a projected total looks at them. `pauses` may lie in the past and
    in the future, and may overlap.
    """

    __slots__ = ("_revised", "_scheduled", "_series", "enrolled_at", "pauses", "time_zone", "week_starts_on")

    def __init__(
        self,
        readings: Iterable[Reading],
        *,
        enrolled_at: datetime | None,
        time_zone: ZoneInfo,
        week_starts_on: int = 0,
        scheduled: Iterable[Reading] = (),
        pauses: Iterable[Pause] = (),
    ) -> None:
        self.enrolled_at = enrolled_at.astimezone(UTC) if enrolled_at else None
        self.time_zone = time_zone
        self.week_starts_on = week_starts_on
        self.pauses = _in_order(pauses)
        self._series = _by_signal(readings)
        self._scheduled = _by_signal(scheduled)
        self._revised = frozenset(
            signal for signal, series in self._series.items() if any(r.source.revision for r in series)
        )

    def of(self, signal: str) -> Sequence[Reading]:
        """Every reading of `signal`, oldest first."""
        return self._series.get(signal, ())

    def current(self, signal: str) -> Sequence[Reading]:
        """The readings that count: of an answer that was revised, only the newest revision's; and none of
        what was withdrawn since."""
        readings = self.of(signal)
        if signal not in self._revised and WITHDRAWN not in self._series:
            return readings
        newest = {
            (r.source.kind, r.source.id): r
            for r in sorted((*readings, *self.of(WITHDRAWN)), key=attrgetter("source.revision"))
        }
        return tuple(r for r in readings if newest[r.source.kind, r.source.id] is r)

    def scheduled(self, signal: str) -> Sequence[Reading]:
        """The planned readings of `signal`, soonest first."""
        return self._scheduled.get(signal, ())

    def pauses_of(self, signal: str, since: datetime, until: datetime | None = None) -> Sequence[Pause]:
        """The pauses since a moment, or until another, in which no `signal` is to be expected, soonest first.

        On a leave that is anything; the program's calendar says it of check-ins only.
        """
        return tuple(
            pause
            for pause in self.pauses
            if (pause.is_leave or signal == "check_in")
            and (until is None or pause.start < until)
            and (pause.end is None or pause.end > since)
        )

    def until(self, moment: datetime, ending_with: Source | None = None) -> Self:
        """The same history without the readings lived after `moment`.

        With `ending_with`, that source's readings are the last: what came later in order, though of the same
        moment, is left out too. Otherwise one of two answers given in the same second would never be the
        latest.
        """
        if ending_with is None and all(series[-1].at <= moment for series in self._series.values()):
            return self
        seen = copy(self)
        seen._series = {signal: _cut(series, moment, ending_with) for signal, series in self._series.items()}
        return seen

    def signals_from(self, source: Source) -> frozenset[str]:
        """The signals in which `source` has a reading."""
        return frozenset(
            signal
            for signal, series in self._series.items()
            if any(reading.source == source for reading in reversed(series))
        )

    def ends_with(self, source: Source, at: datetime) -> bool:
        """Whether every other reading was lived before `at`, when `source` was."""
        return all(series[-1].source == source or series[-1].at < at for series in self._series.values())

    def local_day(self, moment: datetime) -> date:
        """The date of `moment` where the person lives."""
        return moment.astimezone(self.time_zone).date()

    def midnight(self, day: date) -> datetime:
        """When `day` begins where the person lives, in UTC."""
        return datetime.combine(day, time(), self.time_zone).astimezone(UTC)


def paused(pauses: Iterable[Pause], since: datetime, until: datetime) -> timedelta:
    """How much of the time between two moments lies in these pauses, soonest first; overlaps count once."""
    total, counted_to = timedelta(), since
    for pause in pauses:
        begins, ends = max(pause.start, counted_to), min(pause.end or until, until)
        if ends > begins:
            total += ends - begins
            counted_to = ends
    return total


def _in_order(pauses: Iterable[Pause]) -> tuple[Pause, ...]:
    """In UTC, as two moments of one zone are compared by their wall clocks; without those of no length."""
    in_utc = [
        Pause(start.astimezone(UTC), end.astimezone(UTC) if end else None, is_leave)
        for start, end, is_leave in pauses
    ]
    return tuple(
        sorted((pause for pause in in_utc if pause.end is None or pause.end > pause.start), key=_START)
    )


def _by_signal(readings: Iterable[Reading]) -> Mapping[str, tuple[Reading, ...]]:
    series: defaultdict[str, list[Reading]] = defaultdict(list)
    for reading in readings:
        series[reading.signal].append(reading)
    return {signal: tuple(sorted(unordered, key=_ORDER)) for signal, unordered in series.items()}


def _cut(series: tuple[Reading, ...], moment: datetime, ending_with: Source | None) -> tuple[Reading, ...]:
    end = bisect_right(series, moment, key=_AT)
    if ending_with is not None:
        for index in range(end - 1, -1, -1):
            if series[index].at < moment:
                break
            if series[index].source == ending_with:
                return series[: index + 1]
    return series[:end]
