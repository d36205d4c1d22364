"""How many days or weeks in a row it was done: by the day on which it was lived, whenever it came in."""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil
from typing import Literal, NamedTuple

from app.goals.marks import Mark, counted
from app.goals.pace import GRACE_DAYS
from app.goals.terms import Daily, Terms, Weekly

_DAY = timedelta(days=1)
_WEEK = 7


class Streak(NamedTuple):
    """Days or weeks in a row: the one that goes on, and the longest so far."""

    unit: Literal["days", "weeks"]
    current: int
    longest: int


def streak_of(terms: Terms, marks: Sequence[Mark], today: date) -> Streak | None:
    """Of a weekly goal its weeks, of a daily one or one that counts days its days; of others there is none.

    Today and the days of the grace break nothing when they are empty, nor does a week that is not over by
    more than the grace: what was done on them may not have come in yet. They count when it has.
    """
    own = counted(terms, marks)
    settled = today - timedelta(days=GRACE_DAYS)
    if isinstance(terms.cadence, Weekly):
        return Streak("weeks", *_in_weeks(terms, terms.cadence.times, own, today, settled))
    if isinstance(terms.cadence, Daily) or terms.counts == "days":
        return Streak("days", *_in_days(terms, own, today, settled))
    return None


def _in_days(terms: Terms, marks: Sequence[Mark], today: date, settled: date) -> tuple[int, int]:
    done = {mark.day for mark in marks if mark.times > 0}
    if not done:
        return 0, 0
    first, last = min(done), _last(terms, marks, today)
    days = [first + each * _DAY for each in range((last - first).days + 1)]
    return _runs([day in done for day in days], sum(day < settled for day in days))


def _in_weeks(terms: Terms, times: int, marks: Sequence[Mark], today: date, settled: date) -> tuple[int, int]:
    first, last = terms.starts_on, _last(terms, marks, today)
    if first is None:
        return 0, 0
    done = [0] * ((last - first).days // _WEEK + 1)
    for mark in marks:
        done[(mark.day - first).days // _WEEK] += mark.times
    lengths = [_length(terms, first + each * _WEEK * _DAY) for each in range(len(done))]
    ends = [first + (each * _WEEK + length - 1) * _DAY for each, length in enumerate(lengths)]
    enough = [count >= ceil(times * length / _WEEK) for count, length in zip(done, lengths, strict=True)]
    return _runs(enough, sum(end < settled for end in ends))


def _length(terms: Terms, first: date) -> int:
    """Days of the week that begins on `first`: the last one may be cut short by the due date."""
    return min(_WEEK, (terms.due_on - first).days + 1) if terms.due_on else _WEEK


def _last(terms: Terms, marks: Sequence[Mark], today: date) -> date:
    """The last day to look at: today, or a day of somebody who is ahead of it in another zone."""
    last = max([today, *(mark.day for mark in marks)])
    return min(last, terms.due_on) if terms.due_on else last


def _runs(done: Sequence[bool], settled: int) -> tuple[int, int]:
    """The run that goes on and the longest; an empty place breaks one only among the first `settled`."""
    current = longest = 0
    for place, is_done in enumerate(done):
        if is_done:
            current += 1
        elif place < settled:
            current = 0
        longest = max(longest, current)
    return current, longest
