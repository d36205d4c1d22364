"""Where a goal should stand by now, and whether it lags behind that.

The choices made here are the design's own [D]; no source gives them.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, fsum
from typing import Final, NamedTuple, Self

from app.goals.marks import Mark, counted
from app.goals.terms import ByDate, Cadence, Daily, Once, Terms, Weekly

GRACE_DAYS: Final = 2
"""So many days before today may still be without their entries: these may wait on a phone that is offline."""
TOLERANCE: Final = 0.1
"""Part of the way from baseline to target by which a goal may lag without being behind."""
SLIVER: Final = 1e-6
"""What separates two numbers: sums of decimal fractions are not exact."""


class Plan(NamedTuple):
    """What pace is reckoned from."""

    baseline: float
    target: float
    starts_on: date
    due_on: date
    cadence: Cadence

    @classmethod
    def of(cls, terms: Terms) -> Self | None:
        """The plan in these terms. None while a draft lacks a part of it, or is due before it starts.

        Without a cadence it is one by date.
        """
        measure, starts_on, due_on = terms.measure, terms.starts_on, terms.due_on
        if measure is None or measure.baseline is None or measure.target is None:
            return None
        if starts_on is None or due_on is None or due_on < starts_on:
            return None
        cadence = terms.cadence or ByDate(kind="by_date")
        return cls(measure.baseline, measure.target, starts_on, due_on, cadence)

    @property
    def way(self) -> float:
        """From baseline to target; negative when the number is to go down."""
        return self.target - self.baseline

    def expected(self, day: date) -> float:
        """Where the value should be on `day`, if all goes evenly."""
        return self.baseline + self._share(day) * self.way

    def _share(self, day: date) -> float:
        """How much of the way should lie behind, 0 to 1.

        By date and daily it grows from day to day, today not being over; by the week it grows with each week
        that is over; and of what is done once nothing is expected until its due date is over.
        """
        gone, days = (day - self.starts_on).days, (self.due_on - self.starts_on).days
        if gone <= 0 or gone > days:
            return float(gone > 0)
        match self.cadence:
            case Once():
                return 0.0
            case Daily():
                return gone / (days + 1)
            case Weekly():
                return gone // 7 / ceil((days + 1) / 7)
            case ByDate():
                return gone / days

    def shortfall(self, value: float, day: date) -> float:
        """By how much the value lags behind what was expected on `day`; negative when it is ahead."""
        lag = self.expected(day) - value
        return lag if self.way >= 0 else -lag

    def is_reached(self, value: float) -> bool:
        """Whether the value is at the target or beyond."""
        lag = self.target - value
        return (lag if self.way >= 0 else -lag) <= SLIVER

    def is_behind(self, value: float, today: date) -> bool:
        """Whether the value lags behind the day before the grace by more than the tolerance."""
        settled = today - timedelta(days=GRACE_DAYS)
        return self.shortfall(value, settled) > TOLERANCE * abs(self.way) + SLIVER


def value_of(terms: Terms, marks: Sequence[Mark]) -> float | None:
    """Where the goal stands: from the baseline on, by the marks of its days. None without a baseline."""
    measure = terms.measure
    if measure is None or measure.baseline is None:
        return None
    own = counted(terms, marks)
    if terms.counts == "latest":
        return own[-1].last if own else measure.baseline
    if terms.counts == "days":
        gained = float(sum(mark.times > 0 for mark in own))
    else:
        gained = fsum(mark.total for mark in own)
    return round(measure.baseline + (-gained if measure.direction == "decrease" else gained), 6)
