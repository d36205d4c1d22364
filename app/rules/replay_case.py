"""One patient's answers as a replay goes through them, and the history that grows as they come in."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from app.rules.history import _ORDER, History, Pause
from app.rules.reading import Reading, Source

PLANNED_SIGNAL = "session.minutes"
"""What the sessions to come are planned readings of."""
NEAR = timedelta(days=9)
"""How far plans are looked at: beyond the end of any week that is running."""


class Answer(NamedTuple):
    """One revision of an answer: when it was lived and when it came, in UTC, and what it tells.

    One that is not `evaluated` is history only: it was given under another program.
    """

    source: Source
    at: datetime
    received_at: datetime
    readings: Sequence[Reading]
    evaluated: bool = True


class Stay(NamedTuple):
    """A patient's stay in the program, by its first and its last day; without an end it goes on."""

    starts_on: date
    ends_on: date | None = None

    def includes(self, day: date) -> bool:
        """Whether the patient was in the program on that day."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


class Planned(NamedTuple):
    """A reading to come, by the plans as they stand now, and the attendance that settles it, if any does."""

    reading: Reading
    attendance_id: UUID | None


@dataclass(frozen=True, slots=True)
class Case:
    """One patient: every answer in the order in which it came, the stays, oldest first, the times in which
    silence does not count, and what was planned."""

    patient_id: UUID
    answers: Sequence[Answer]
    stays: Sequence[Stay]
    time_zone: ZoneInfo
    week_starts_on: int = 0
    pauses: Sequence[Pause] = ()
    planned: Sequence[Planned] = ()

    def local_day(self, moment: datetime) -> date:
        """The date of `moment` where the patient lives."""
        return moment.astimezone(self.time_zone).date()

    def stay_on(self, day: date) -> Stay | None:
        """The stay that counts on a day: the latest that has begun, or else the first."""
        begun = [stay for stay in self.stays if stay.starts_on <= day]
        return begun[-1] if begun else next(iter(self.stays), None)


class Known(History):
    """A history that grows as answers come in. What was asked of it is remembered until then."""

    __slots__ = ("_case", "_current", "_latest", "_newest", "_now", "_settled")

    def __init__(self, case: Case) -> None:
        super().__init__(
            (), enrolled_at=None, time_zone=case.time_zone, week_starts_on=case.week_starts_on,
            pauses=case.pauses,
        )  # fmt: skip
        self._case = case
        self._current: dict[str, Sequence[Reading]] = {}
        self._latest: datetime | None = None
        self._newest: tuple[Source, frozenset[str]] | None = None
        self._now: datetime | None = None
        self._settled: frozenset[UUID] = frozenset()

    def add(self, answer: Answer) -> None:
        """One more answer has come."""
        grown = dict(self._series)
        for reading in answer.readings:
            series = grown.get(reading.signal, ())
            place = bisect_right(series, _ORDER(reading), key=_ORDER)
            grown[reading.signal] = (*series[:place], reading, *series[place:])
            if reading.source.revision:
                self._revised |= {reading.signal}
            self._latest = max(self._latest or reading.at, reading.at)
            if reading.signal == PLANNED_SIGNAL:
                self._settled |= {answer.source.id}
        self._series, self._current = grown, {}
        self._newest = answer.source, frozenset(reading.signal for reading in answer.readings)

    def scheduled(self, signal: str) -> Sequence[Reading]:
        """The planned readings of the next days of which nothing was known yet, soonest first."""
        if signal != PLANNED_SIGNAL or self._now is None:
            return ()
        return [
            reading
            for reading, attendance_id in self._case.planned
            if self._now < reading.at < self._now + NEAR and attendance_id not in self._settled
        ]

    def stay_at(self, moment: datetime) -> Stay | None:
        """The stay that counts at `moment`: from now on silence is counted from its start."""
        self._now = moment
        stay = self._case.stay_on(self._case.local_day(moment))
        start = datetime.combine(stay.starts_on, time(), self.time_zone) if stay else None
        self.enrolled_at = start.astimezone(UTC) if start else None
        return stay

    def current(self, signal: str) -> Sequence[Reading]:
        """The readings that count, worked out once until another answer comes."""
        if signal not in self._current:
            self._current[signal] = super().current(signal)
        return self._current[signal]

    def signals_from(self, source: Source) -> frozenset[str]:
        """The signals in which `source` has a reading."""
        if self._newest is not None and self._newest[0] == source:
            return self._newest[1]
        return super().signals_from(source)

    def until(self, moment: datetime, ending_with: Source | None = None) -> Self:
        """The same history as it was at `moment`: this very one, good until the next answer, where it can."""
        if ending_with is None and (self._latest is None or self._latest <= moment):
            return self
        seen = super().until(moment, ending_with)
        seen._current = {}
        return seen
