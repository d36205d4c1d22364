"""Whether somebody is asked to note something on a goal today."""

from collections.abc import Sequence
from datetime import date

from app.goals.marks import Mark
from app.goals.terms import Daily, Terms, Weekly

_WEEK = 7


def entry_due(terms: Terms, marks: Sequence[Mark], today: date) -> bool:
    """Whether an entry of today is asked for: every day of a daily goal on which nothing was done, and of a
    weekly one while its week has too few.

    Nothing is asked outside of the goal's days, nor what is read from check-ins and attendance, nor for
    something that may be done whenever it suits.
    """
    if terms.fed_by is not None or terms.starts_on is None or not terms.holds(today):
        return False
    if isinstance(terms.cadence, Daily):
        return not any(mark.times for mark in marks if mark.day == today)
    if isinstance(terms.cadence, Weekly):
        week = (today - terms.starts_on).days // _WEEK
        done = sum(mark.times for mark in marks if (mark.day - terms.starts_on).days // _WEEK == week)
        return done < terms.cadence.times
    return False
