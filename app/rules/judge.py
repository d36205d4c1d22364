"""Whether a condition holds: true, false or unknown (Kleene's three values), and what that rests on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice
from operator import eq, ge, gt, le, lt, ne
from statistics import median
from typing import Any, NamedTuple

from app.rules.conditions import (
    AllOf,
    AnyOf,
    Change,
    Condition,
    Count,
    Not,
    Run,
    Silence,
    Threshold,
    Total,
    is_low,
)
from app.rules.history import History, Pause, paused
from app.rules.reading import Reading
from app.rules.signals import COUNTED

ENOUGH_FOR_A_MEDIAN = 3
DAY = timedelta(days=1)

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": ge, ">": gt, "<=": le, "<": lt, "==": eq, "!=": ne,
}  # fmt: skip


class Outcome(NamedTuple):
    """The truth of a condition (`None` is unknown), the readings and pauses that it looked at, and the
    readings that decided it.

    Looking at `looked_at` and `pauses` alone gives the same outcome again. `decisive` are the readings whose
    values entered the comparison; silence and a low total have none, as no answer brings them about.
    `measured` is what was found: the earlier value of a change, the count, the day since which there is
    silence, the sum. `parts` are the outcomes of combined conditions.
    """

    truth: bool | None
    looked_at: Sequence[Reading] = ()
    decisive: Sequence[Reading] = ()
    measured: float | date | None = None
    parts: tuple[tuple[Condition, "Outcome"], ...] = ()
    pauses: Sequence[Pause] = ()


def judge(condition: Condition, history: History, now: datetime) -> Outcome:
    """The outcome of `condition` at `now`, over a history that ends there."""
    match condition.kind:
        case "threshold":
            return _threshold(condition, history)
        case "change":
            return _change(condition, history)
        case "count":
            return _count(condition, history, now)
        case "run":
            return _run(condition, history)
        case "silence":
            return _silence(condition, history, now)
        case "total":
            return _total(condition, history, now)
        case "all" | "any":
            return _combined(condition, history, now)
        case "not":
            return _negated(condition, history, now)


def compares(value: float | str, op: str, against: float | str) -> bool | None:
    """Whether a reading's value compares so; unknown when one is a number and the other a code."""
    if isinstance(value, str) is not isinstance(against, str):
        return None
    return _COMPARISONS[op](value, against)


def _threshold(condition: Threshold, history: History) -> Outcome:
    latest = history.current(condition.signal)[-1:]
    if not latest:
        return Outcome(None)
    return Outcome(compares(latest[0].value, condition.op, condition.value), latest, latest)


def _count(condition: Count, history: History, now: datetime) -> Outcome:
    first = history.local_day(now) - timedelta(days=condition.window_days - 1)
    looked_at, hits = [], []
    for reading in history.current(condition.signal):
        if reading.day < first or (holds := compares(reading.value, condition.op, condition.value)) is None:
            continue
        looked_at.append(reading)
        if holds:
            hits.append(reading)
    count = len(hits) if condition.per == "reading" else len({reading.day for reading in hits})
    truth = count >= condition.at_least if looked_at else None
    return Outcome(truth, looked_at, hits, count)


def _change(condition: Change, history: History) -> Outcome:
    numbers = [r for r in history.current(condition.signal) if not isinstance(r.value, str)]
    if not numbers:
        return Outcome(None)
    latest, earlier = numbers[-1], _earlier(condition, numbers)
    if len(earlier) < (ENOUGH_FOR_A_MEDIAN if condition.against == "median" else 1):
        return Outcome(None, (*earlier, latest))
    sign = 1 if condition.direction == "rise" else -1
    if condition.against == "median":
        compared, reference = earlier, median(map(_number, earlier))
    else:
        best = min(earlier, key=lambda reading: sign * _number(reading))
        compared, reference = [best], _number(best)
    changed = sign * (_number(latest) - reference)
    return Outcome(changed >= condition.by, (*earlier, latest), (*compared, latest), reference)


def _earlier(condition: Change, numbers: Sequence[Reading]) -> Sequence[Reading]:
    """The readings before the latest that the change is measured against."""
    *earlier, latest = numbers
    match condition.against:
        case "baseline":
            return earlier[:1]
        case "previous":
            return earlier[-1:]
        case "best_of_last":
            return earlier[-(condition.n or 1) :]
        case "median":
            first = latest.day - timedelta(days=condition.window_days or 0)
            return [reading for reading in earlier if reading.day >= first]


def _run(condition: Run, history: History) -> Outcome:
    last = history.current(condition.signal)[-condition.n :]
    answers = [compares(reading.value, condition.op, condition.value) for reading in last]
    if False in answers:
        return Outcome(False, last, [r for r, holds in zip(last, answers, strict=True) if holds is False])
    if None in answers or len(last) < condition.n:
        return Outcome(None, last)
    return Outcome(True, last, last)


def _silence(condition: Silence, history: History, now: datetime) -> Outcome:
    latest = _heard(condition, history)
    since = silent_since(condition, history)
    if since is None:
        return Outcome(None)
    # Two moments of one zone are subtracted by their wall clocks: that loses the hour of summer time.
    now = now.astimezone(UTC)
    pauses = history.pauses_of(condition.signal, since, now)
    silent = now - since - paused(pauses, since, now) >= length_of(condition)
    day = latest[0].day if latest and latest[0].at == since else history.local_day(since)
    return Outcome(silent, latest, () if silent else latest, day, pauses=pauses)


def silent_since(condition: Silence, history: History) -> datetime | None:
    """Where its silence begins, the pauses not considered: with the last word, or with the stay."""
    starts = [reading.at for reading in _heard(condition, history)]
    if history.enrolled_at is not None:
        starts.append(history.enrolled_at)
    return max(starts, default=None)


def _heard(condition: Silence, history: History) -> Sequence[Reading]:
    """The last reading that breaks a silence, if any: that a session was not attended breaks none."""
    readings = history.current(condition.signal)
    last = readings[-1:]
    if not last or last[0].value or condition.signal not in COUNTED:
        return last
    return tuple(islice((reading for reading in reversed(readings) if reading.value), 1))


def length_of(condition: Silence) -> timedelta:
    """For how long nothing must have been heard."""
    return timedelta(days=condition.days or 0, hours=condition.hours or 0)


def _total(condition: Total, history: History, now: datetime) -> Outcome:
    first, last = window_of(condition, history, now)
    summed = [r for r in history.current(condition.signal) if r.day >= first]
    if condition.project:
        summed += [r for r in history.scheduled(condition.signal) if r.at > now and r.day <= last]
    summed = [r for r in summed if not isinstance(r.value, str)]
    if is_low(condition):
        return _low_total(condition, history, summed, first, last)
    if not summed:
        return Outcome(None)
    total = sum(map(_number, summed))
    return Outcome(compares(total, condition.op, condition.value), summed, summed, total)


def _low_total(
    condition: Total, history: History, summed: Sequence[Reading], first: date, last: date
) -> Outcome:
    """That much was lacking is known only of days on which it was to be expected, all of them in the stay."""
    start, end = history.midnight(first), history.midnight(last + DAY)
    pauses = history.pauses_of(condition.signal, start, end)
    enrolled_at = history.enrolled_at
    is_zero_known = condition.signal in COUNTED and enrolled_at is not None
    if not (summed or is_zero_known) or (enrolled_at is not None and first < history.local_day(enrolled_at)):
        return Outcome(None, pauses=pauses)
    # With one check-in on every day that asks for one it would hold as well: that is the calendar's doing.
    days = round((end - start - paused(pauses, start, end)) / DAY)
    if pauses and (any(each.is_leave for each in pauses) or compares(days, condition.op, condition.value)):
        return Outcome(None, pauses=pauses)
    total = sum(map(_number, summed))
    holds = compares(total, condition.op, condition.value)
    return Outcome(holds, summed, () if holds else summed, total, pauses=pauses)


def window_of(condition: Total, history: History, now: datetime) -> tuple[date, date]:
    """The first and the last day that are summed; the days still to come are when a week is projected."""
    today = history.local_day(now)
    if condition.window_days is not None:
        return today - timedelta(days=condition.window_days - 1), today
    first = today - timedelta(days=(today.weekday() - history.week_starts_on) % 7)
    return first, first + timedelta(days=6) if condition.project else today


def _combined(condition: AllOf | AnyOf, history: History, now: datetime) -> Outcome:
    outcomes = tuple((part, judge(part, history, now)) for part in condition.conditions)
    truths = [outcome.truth for _, outcome in outcomes]
    settles = condition.kind == "any"  # one true settles `any`, one false settles `all`
    truth = settles if settles in truths else None if None in truths else not settles
    return Outcome(
        truth,
        _distinct(outcome.looked_at for _, outcome in outcomes),
        _distinct(outcome.decisive for _, outcome in outcomes if outcome.truth is truth),
        parts=outcomes,
        pauses=tuple(dict.fromkeys(pause for _, outcome in outcomes for pause in outcome.pauses)),
    )


def _negated(condition: Not, history: History, now: datetime) -> Outcome:
    inner = judge(condition.condition, history, now)
    truth = None if inner.truth is None else not inner.truth
    parts = ((condition.condition, inner),)
    return Outcome(truth, inner.looked_at, inner.decisive, parts=parts, pauses=inner.pauses)


def _distinct(readings: Iterable[Sequence[Reading]]) -> Sequence[Reading]:
    """Each reading once: they come from one history, so the same reading is the same object."""
    return tuple({id(reading): reading for reading in chain.from_iterable(readings)}.values())


def _number(reading: Reading) -> float:
    assert not isinstance(reading.value, str)
    return reading.value
