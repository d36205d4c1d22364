"""A patient's program weeks, each with what it requires of them and how it stands."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.treatment.forecast import Forecast, forecast
from app.treatment.minutes import week_days
from app.treatment.requirement import Care, HoursRule, Requirement, required
from app.treatment.week import Part, WeekReport, report, times


class Stay(NamedTuple):
    """Somebody's time in a program, from its first day to its last; without that, it goes on."""

    starts_on: date
    ends_on: date | None
    care: Care

    def touches(self, first_day: date) -> bool:
        """Whether some of the week that begins on this day lies in it."""
        return self.starts_on <= week_days(first_day)[-1] and (
            self.ends_on is None or first_day <= self.ends_on
        )

    def fills(self, first_day: date) -> bool:
        """Whether the whole of the week that begins on this day lies in it, and it goes on after."""
        return self.starts_on <= first_day and (
            self.ends_on is None or week_days(first_day)[-1] < self.ends_on
        )


class Case(NamedTuple):
    """What the weeks of one patient are reckoned from: their stays, when they were born, the organization's
    rules of their payers, oldest first, and at least the sessions that touch the weeks."""

    stays: Sequence[Stay]
    born_on: date | None
    own_rules: Sequence[HoursRule]
    parts: Sequence[Part]


class Reckoned(NamedTuple):
    """One week; outside of every stay nothing is required in it."""

    week: WeekReport
    requirement: Requirement | None
    forecast: Forecast | None


def reckon(first_days: Iterable[date], case: Case, zone: ZoneInfo, now: datetime) -> list[Reckoned]:
    """The weeks that begin on these days where the clocks show the time of `zone`, as of `now`.

    What a week requires is decided by its first day, the age of the patient on it included: a rule that
    changes in mid-week, or a birthday, counts from the next week on. Of two stays in a week the later one
    decides.
    """
    weeks = report(first_days, times(case.parts, now), zone)
    return [_reckoned(week, case, zone, now) for week in weeks]


def _reckoned(week: WeekReport, case: Case, zone: ZoneInfo, now: datetime) -> Reckoned:
    stays = sorted(
        (each for each in case.stays if each.touches(week.week_of)), key=lambda each: each.starts_on
    )
    if not stays:
        return Reckoned(week, None, None)
    requirement = required(stays[-1].care, case.born_on, week.week_of, case.own_rules)
    return Reckoned(week, requirement, forecast(week, requirement, case.parts, zone, now))
