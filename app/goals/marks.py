"""What was done on which day, whether somebody entered it or it was read from check-ins or attendance."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby
from math import fsum
from operator import attrgetter
from typing import Literal, NamedTuple
from uuid import UUID

from app.goals.terms import FedBy, Terms

Source = Literal["check_in", "attendance"]


class Reading(NamedTuple):
    """One value of what feeds a goal: meetings, sessions, minutes; of `used`, 1 without use and 0 with it."""

    source: Source
    id: UUID
    at: datetime
    day: date
    value: float


class Mark(NamedTuple):
    """What was done on one day: the sum, the last value, and how many times something was done."""

    day: date
    total: float
    last: float
    times: int


def marks_of(fed_by: FedBy, readings: Iterable[Reading]) -> list[Mark]:
    """One mark for each day with readings, in order.

    A day with use in any of its check-ins is a day with use. A day of which nothing was said has no mark.
    """
    in_order = sorted(readings, key=attrgetter("day", "at", "id"))
    return [_mark(fed_by, day, list(of_day)) for day, of_day in groupby(in_order, key=attrgetter("day"))]


def _mark(fed_by: FedBy, day: date, readings: Sequence[Reading]) -> Mark:
    values = [each.value for each in readings]
    if fed_by == "used":
        least = min(values)
        return Mark(day, least, least, int(least > 0))
    total = fsum(values)
    times = sum(value > 0 for value in values) if fed_by == "session.minutes" else int(total)
    return Mark(day, total, values[-1], times)


def counted(terms: Terms, marks: Iterable[Mark]) -> list[Mark]:
    """The marks of the goal's own days, in order."""
    return sorted(mark for mark in marks if terms.holds(mark.day))
