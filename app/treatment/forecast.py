"""What a week still needs: how many more sessions reach the minimum, or how much is not even planned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.treatment.minutes import Span, common, length, union, week_days
from app.treatment.requirement import Requirement
from app.treatment.week import Part, WeekReport, remaining, span_of, times


class Kind(StrEnum):
    """How a week stands; each has its sentence in the catalogue."""

    OVER_MAXIMUM = "over_maximum"
    PLANNED_OVER_MAXIMUM = "planned_over_maximum"
    REACHED = "reached"
    MORE = "more"
    SHORT = "short"
    PLANNED = "planned"
    NOTHING = "nothing"
    ATTENDED = "attended"
    WAS_SHORT = "was_short"
    WAS_NOTHING = "was_nothing"


class Forecast(NamedTuple):
    """How a week stands against `goal`, in minutes: its minimum or, when it is over that, its maximum.

    `minutes` is what the plan lacks (`short`), what it comes to (`planned…`), else what was attended.
    `further` is how many more sessions, the next ones first, reach the goal (`more`); whether all are groups.
    """

    kind: Kind
    goal: int
    minutes: int
    further: int = 0
    are_groups: bool = False


def forecast(
    week: WeekReport, requirement: Requirement, parts: Sequence[Part], zone: ZoneInfo, now: datetime
) -> Forecast:
    """How a week stands as of `now`; `parts` are at least those that touch it, `zone` is the program's."""
    today = now.astimezone(zone).date()
    if week_days(week.week_of)[-1] < today:
        return _past(week, requirement)
    if week.week_of <= today and (reached := _attained(week, requirement)):
        return reached
    goal, maximum = requirement.minimum_minutes, requirement.maximum_minutes
    if not week.projected:
        return Forecast(Kind.NOTHING, goal, 0)
    if week.projected < goal:
        return Forecast(Kind.SHORT, goal, goal - week.projected)
    if week.week_of <= today and week.attended < goal:
        return _more(week, goal, parts, zone, now)
    if maximum is not None and week.projected > maximum:
        return Forecast(Kind.PLANNED_OVER_MAXIMUM, maximum, week.projected)
    return Forecast(Kind.PLANNED, goal, week.projected)


def _past(week: WeekReport, requirement: Requirement) -> Forecast:
    if attained := _attained(week, requirement):
        return attained
    goal = requirement.minimum_minutes
    if not week.scheduled and not week.attended:
        return Forecast(Kind.WAS_NOTHING, goal, 0)
    return Forecast(Kind.WAS_SHORT if goal else Kind.ATTENDED, goal, week.attended)


def _attained(week: WeekReport, requirement: Requirement) -> Forecast | None:
    """What was attended settles it, unless more is planned than the maximum."""
    goal, maximum = requirement.minimum_minutes, requirement.maximum_minutes
    if maximum is not None and week.attended > maximum:
        return Forecast(Kind.OVER_MAXIMUM, maximum, week.attended)
    if not week.attended or week.attended < goal or (maximum is not None and week.projected > maximum):
        return None
    return Forecast(Kind.REACHED if goal else Kind.ATTENDED, goal, week.attended)


def _more(week: WeekReport, goal: int, parts: Sequence[Part], zone: ZoneInfo, now: datetime) -> Forecast:
    """How many of the sessions to come, in their order, bring what was attended up to the goal."""
    days = [span_of(week.week_of, len(week.days), zone)]
    reached = common(times(parts, now).attended, days)
    counted: list[str] = []
    for part, span in sorted(remaining(parts, now), key=_soonest_then_longest):
        if length(reached) >= goal:
            break
        with_it = union([*reached, *common([span], days)])
        if length(with_it) > length(reached):
            counted.append(part.kind)
        reached = with_it
    return Forecast(Kind.MORE, goal, week.attended, len(counted), all(kind == "group" for kind in counted))


def _soonest_then_longest(coming: tuple[Part, Span]) -> tuple[datetime, timedelta]:
    start, end = coming[1]
    return start, start - end
