"""Who of the demonstration came to which treatment session, when, and who told that they would not.

Pure: the same person, days and course give the same. Who has used, or has a hard time, misses more.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.demo import running, silence
from app.demo.cast import Patient, id_at
from app.demo.course import Course
from app.demo.sittings import POLICY, Sitting
from app.treatment.attendance import GATHERINGS, State, last_make_up_day, was_there
from app.treatment.policy import NoticeKind

SHORT_OF_HOURS: Final = "darius"
"""Whose last week had too few hours, for a reason of which they told in time."""
TOLD_AHEAD: Final = timedelta(days=5)
"""How long before an absence somebody tells of it at the earliest."""
JUST_MADE_UP: Final = ("quentin", "vera", "noah", "olive")
"""Who missed a group of late, and has been in the other one since."""
LATELY: Final = timedelta(days=3)
MADE_UP_BEFORE: Final = timedelta(days=4)
"""What was missed later than so long ago nobody else has made up for yet."""

_AT_BEST, _AFTER_USE, _ON_HARD_DAYS = 0.05, 0.4, 0.15
_TELLS, _IS_LATE, _LEAVES, _MAKES_UP = 0.45, 0.07, 0.05, 0.4
_REASONS: Final[Sequence[tuple[NoticeKind, str | None]]] = (
    ("work", "My shift was moved."),
    ("work", "Month-end closing."),
    ("work", None),
    ("family", "School play of my daughter."),
    ("family", None),
    ("medical", "Dentist."),
    ("legal", "Court date."),
)


class Notice(NamedTuple):
    """What somebody said ahead of an absence, and when: early enough to be excused."""

    kind: NoticeKind
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One patient's part in one session, and when it became known. `made_up_at` is when another session had
    made up for it, `makes_up_id` the missed one for which this one did."""

    id: UUID
    sitting: Sitting
    state: State
    known_at: datetime
    notice: Notice | None = None
    made_up_at: datetime | None = None
    makes_up_id: UUID | None = None


class _Fate(NamedTuple):
    """What is going to become of one session: when they come after its start, and leave before its end."""

    is_absent: bool
    notice: Notice | None
    after_start: timedelta
    before_end: timedelta | None
    makes_up: bool


class Presence:
    """How one patient comes to the sessions of their stay, as it is known at `now`."""

    def __init__(self, patient: Patient, lived: Course, zone: ZoneInfo, now: datetime) -> None:
        self._patient, self._now = patient.key, now
        today = now.astimezone(zone).date()
        self._chance = Random(f"{patient.key}/sessions/{today}")  # noqa: S311 - an invented life, no secret
        self._risk = _risk(lived, zone)
        self._short_since = today - timedelta(days=today.weekday() + 5)

    def parts(self, expected: Sequence[Sitting], others: Sequence[Sitting]) -> list[Part]:
        """Of the sessions in which the patient is expected, and of those of `others` that they came to
        instead. Both are given in order."""
        found: list[Part] = []
        lately = self._just_made_up(expected, others)
        for sitting in expected:
            fate = self._scripted(sitting, self._fate(sitting))
            if lately is not None and sitting is lately[0]:
                missed = self._new(sitting, State("unexcused"), sitting.no_show_at)
                found += self._make_up(missed, lately[1])
            elif (part := self._part(sitting, fate)) is not None:
                found += self._made_up(part, others) if fate.makes_up and fate.is_absent else [part]
        return found

    def _just_made_up(
        self, expected: Sequence[Sitting], others: Sequence[Sitting]
    ) -> tuple[Sitting, Sitting] | None:
        """The group that somebody missed of late, and the one in which they have been since."""
        if self._patient not in JUST_MADE_UP:
            return None
        since = self._now - LATELY
        missed = (each for each in expected if each.held.kind == "group" and each.no_show_at >= since)
        found = ((each, _next(others, each)) for each in missed)
        return next(((one, other) for one, other in found if other and other.span.end <= self._now), None)

    def _fate(self, sitting: Sitting) -> _Fate:
        # Every session takes as many draws: what becomes of one leaves the others as they are.
        chance = self._chance
        misses, tells, late, leaves, makes_up = (chance.random() for _ in range(5))
        notice = Notice(*chance.choice(_REASONS), sitting.span.start - _minutes(chance.uniform(50, 110) * 60))
        on_time, too_late, too_early = chance.gauss(-3, 3), chance.uniform(12, 28), chance.uniform(15, 60)
        is_late = late < _IS_LATE
        return _Fate(
            misses < self._risk.get(sitting.day, _AT_BEST),
            notice if tells < _TELLS else None,
            _minutes(too_late if is_late else min(on_time, 8)),
            _minutes(min(too_early, sitting.held.minutes / 2)) if leaves < _LEAVES and not is_late else None,
            makes_up < _MAKES_UP,
        )

    def _scripted(self, sitting: Sitting, fate: _Fate) -> _Fate:
        start = sitting.span.start
        if self._patient == silence.SILENT and start > self._now - silence.LAST_HEARD:
            return fate._replace(is_absent=True, notice=None, makes_up=False)
        if running.is_missing(sitting.held, self._patient):
            return fate._replace(is_absent=True, notice=None)
        is_in_short_week = timedelta() <= sitting.day - self._short_since < timedelta(days=5)
        if self._patient == SHORT_OF_HOURS and is_in_short_week and sitting.held.kind in GATHERINGS:
            notice = Notice("work", "Double shifts until Sunday.", start - timedelta(hours=60))
            return fate._replace(is_absent=True, notice=notice, makes_up=False)
        return fate

    def _part(self, sitting: Sitting, fate: _Fate) -> Part | None:
        """What is known by now, if anything."""
        if self._patient == silence.ON_LEAVE and sitting.span.start >= self._now - silence.AWAY_SINCE:
            return None
        if not fate.is_absent:
            return self._came(sitting, fate)
        told = fate.notice
        known_at = told.at if told else sitting.no_show_at
        state = State("excused" if told else "unexcused")
        return self._new(sitting, state, known_at, told) if known_at <= self._now else None

    def _came(self, sitting: Sitting, fate: _Fate) -> Part | None:
        span, now = sitting.span, self._now
        arrived_at = span.start + fate.after_start
        left_at = None if fate.before_end is None else span.end - fate.before_end
        if arrived_at > now:
            return None
        known = left_at if left_at is not None and left_at <= now else None
        state = was_there(span, POLICY, arrived_at, known, now)
        return self._new(sitting, state, max(arrived_at, state.left_at or arrived_at))

    def _made_up(self, missed: Part, others: Sequence[Sitting]) -> Iterator[Part]:
        """The same, and the next of the others if it is in time, and was some days ago."""
        sitting = missed.sitting
        last_day = last_make_up_day(sitting.day, POLICY)
        other = _next(others, sitting)
        is_group = sitting.held.kind == "group"
        if (
            other is None
            or not is_group
            or other.day > last_day
            or other.span.end > self._now - MADE_UP_BEFORE
        ):
            yield missed
            return
        yield from self._make_up(missed, other)

    def _make_up(self, missed: Part, other: Sitting) -> Iterator[Part]:
        state = was_there(other.span, POLICY, other.span.start, None, self._now)
        yield replace(missed, made_up_at=other.span.end)
        yield replace(self._new(other, state, other.span.end), makes_up_id=missed.id)

    def _new(self, sitting: Sitting, state: State, known_at: datetime, notice: Notice | None = None) -> Part:
        part_id = id_at(sitting.span.start, "attendance", sitting.held.key, self._patient)
        return Part(part_id, sitting, state, known_at, notice)


def _next(others: Sequence[Sitting], missed: Sitting) -> Sitting | None:
    return next((each for each in others if each.span.start > missed.span.end), None)


def _minutes(minutes: float) -> timedelta:
    return timedelta(seconds=round(60 * minutes))


def _risk(lived: Course, zone: ZoneInfo) -> Mapping[date, float]:
    """How likely it is on a day that somebody does not come, where it is likelier than usual."""
    risk: dict[date, float] = {}
    for told in lived.check_ins:
        day = told.at.astimezone(zone).date()
        used, is_hard = told.answers.get("used"), told.answers.get("mood", 10) <= 2
        for later in range(3 if used else 2 if is_hard else 0):
            on = day + timedelta(days=later)
            risk[on] = max(risk.get(on, 0), _AFTER_USE if used else _ON_HARD_DAYS)
    return risk
