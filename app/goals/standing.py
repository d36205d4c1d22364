"""How a goal stands today, and on which day that may be otherwise though nobody does anything."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from app.goals.marks import Mark
from app.goals.pace import GRACE_DAYS, Plan, value_of
from app.goals.streak import Streak, streak_of
from app.goals.terms import Terms

Closing = Literal["achieved", "not_achieved", "retired"]
Status = Literal["draft", "on_track", "behind", "achieved", "not_achieved", "retired"]
Pace = Literal["on_track", "behind"]

_DAY = timedelta(days=1)


class Standing(NamedTuple):
    """How a goal stands. What a draft does not say yet cannot be reckoned, and is None.

    `changes_on` is the next day on which time alone, or what feeds the goal, may have changed the status.
    """

    status: Status
    value: float | None
    expected: float | None
    pace: Pace | None
    streak: Streak | None
    changes_on: date | None


def stand(
    terms: Terms, marks: Sequence[Mark], today: date, *, is_agreed: bool, closed_as: Closing | None
) -> Standing:
    """How the goal stands on `today`, by the terms in force and what was done on which day.

    Somebody's closing goes before everything. Else it is achieved as soon as the target is reached, and not
    achieved when the due date and the grace are over without. Both are reckoned anew whenever entries of its
    days come late, or are withdrawn.
    """
    value, plan, streak = value_of(terms, marks), Plan.of(terms), streak_of(terms, marks, today)
    if value is None or plan is None:
        return Standing(closed_as or "draft", value, None, None, streak, None)
    pace: Pace = "behind" if plan.is_behind(value, today) else "on_track"
    status = closed_as or (_status(plan, value, today) if is_agreed else "draft")
    runs = is_agreed and closed_as is None
    changes_on = _changes_on(terms, plan, value, today) if runs else None
    return Standing(status, value, plan.expected(today), pace, streak, changes_on)


def _status(plan: Plan, value: float, day: date) -> Status:
    if plan.is_reached(value):
        return "achieved"
    if day > _over(plan):
        return "not_achieved"
    return "behind" if plan.is_behind(value, day) else "on_track"


def _over(plan: Plan) -> date:
    """The last day on which entries of the goal's days may still be on their way."""
    return plan.due_on + GRACE_DAYS * _DAY


def _changes_on(terms: Terms, plan: Plan, value: float, today: date) -> date | None:
    """The first day after today with another status.

    A goal that something feeds is looked at every day until it is over: it is not told of what comes in.
    """
    days = (_over(plan) - today).days + 1
    if days <= 0:
        return None
    if terms.fed_by is not None:
        return max(today + _DAY, plan.starts_on)
    now = _status(plan, value, today)
    # Without new entries a goal only falls behind, and is over: never the other way.
    ahead = bisect_left(
        range(1, days + 1), True, key=lambda each: _status(plan, value, today + each * _DAY) != now
    )
    return today + (ahead + 1) * _DAY if ahead < days else None
