"""A patient's hours of treatment as they travel."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.hours_examples import WEEK
from app.sentences import sentence
from app.treatment.forecast import Forecast, Kind
from app.treatment.reckoning import Reckoned
from app.treatment.requirement import HoursRule, Requirement
from app.treatment.week import DayReport

_HOUR: Final = 60
_NUMBERED: Final = range(2, 21)
"""The numbers that have words of their own in the catalogue."""


class AppliedRule(BaseModel):
    """One of the rules that apply to a week; null: it says nothing of that."""

    kind: Literal["payer", "program", "level_of_care"]
    name: str
    minimum_hours: float | None
    maximum_hours: float | None
    daily_minimum_minutes: int | None
    minimum_days: int | None
    evidence: Literal["published", "recalled"] | None = Field(description="Null: the organization's own.")
    citation: str

    @classmethod
    def of(cls, rule: HoursRule) -> Self:
        """A rule as it was applied."""
        kind = "payer" if rule.payer else "program" if rule.code == "program" else "level_of_care"
        return cls.model_validate(
            {**rule.model_dump(include=cls.model_fields.keys() - {"kind"}), "kind": kind}
        )


class Required(BaseModel):
    """What a week must have: the strictest of the rules that apply on its first day."""

    minimum_hours: float
    maximum_hours: float | None
    daily_minimum_minutes: int | None
    minimum_days: int | None
    source: str = Field(description="The rule that sets the minimum.")
    maximum_source: str | None = Field(description="The rule that sets the maximum.")
    all: list[AppliedRule] = Field(description="Every rule that applies.")

    @classmethod
    def of(cls, requirement: Requirement) -> Self:
        """A requirement with each of its rules."""
        rules = [AppliedRule.of(rule) for rule in requirement.all]
        return cls.model_validate({**requirement._asdict(), "all": rules})


class DayRead(BaseModel):
    """The minutes of one local day."""

    date: date
    attended_minutes: int
    scheduled_minutes: int
    short_of_daily_minimum: int | None = Field(
        description="Minutes that the day lacks, with what is still to come. Null: no minimum a day, or no "
        "session on it."
    )

    @classmethod
    def of(cls, day: DayReport, minimum: int | None) -> Self:
        """A day against the daily minimum in minutes, if there is one."""
        is_a_day = day.attended > 0 or day.scheduled > 0
        lacks = max(0, minimum - day.projected) if minimum is not None and is_a_day else None
        return cls(
            date=day.date, attended_minutes=day.attended, scheduled_minutes=day.scheduled,
            short_of_daily_minimum=lacks,
        )  # fmt: skip


class WeekRead(BaseModel):
    """One program week. Time in two sessions at once counts once; all are whole minutes."""

    model_config = ConfigDict(json_schema_extra={"examples": [WEEK]})

    week_of: date = Field(description="Its first day, where the program is.")
    attended_minutes: int
    scheduled_minutes: int = Field(description="Of the sessions that the patient is, or was, to come to.")
    missed_minutes: int = Field(description="Scheduled, over, and not attended, for whatever reason.")
    made_up_minutes: int = Field(description="The part of the attended in sessions that make up for another.")
    projected_minutes: int = Field(description="Attended, and what is still to come.")
    treatment_days: int = Field(description="Days on which the daily minimum was attended, else any minutes.")
    days: list[DayRead]
    required: Required | None = Field(description="Null: nobody was, or is, in a program in that week.")
    sentence: str | None = Field(description="How the week stands, in plain words for the patient.")

    @classmethod
    def of(cls, reckoned: Reckoned, locale: str, overrides: Mapping[str, str]) -> Self:
        """A reckoned week, with its sentence in this language or in the program's own words."""
        week, requirement, outlook = reckoned
        minimum = requirement.daily_minimum_minutes if requirement else None
        return cls(
            week_of=week.week_of,
            attended_minutes=week.attended,
            scheduled_minutes=week.scheduled,
            missed_minutes=week.missed,
            made_up_minutes=week.made_up,
            projected_minutes=week.projected,
            treatment_days=sum(day.attended >= (minimum or 1) for day in week.days),
            days=[DayRead.of(day, minimum) for day in week.days],
            required=Required.of(requirement) if requirement else None,
            sentence=worded(outlook, locale, overrides) if outlook else None,
        )


class HoursRead(BaseModel):
    """A patient's hours of treatment, week by week, the earliest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"weeks": [WEEK]}]})

    weeks: list[WeekRead]


def worded(forecast: Forecast, locale: str, overrides: Mapping[str, str]) -> str:
    """A forecast in one plain sentence: "Two more groups reach nine hours." """
    goal, minutes = _time(forecast.goal, locale), _time(forecast.minutes, locale)
    text = sentence(
        f"hours.{_key(forecast)}", locale, overrides=overrides, goal=goal, minutes=minutes,
        count=_number(forecast.further, locale),
    )  # fmt: skip
    return text[:1].upper() + text[1:]


def _key(forecast: Forecast) -> str:
    if forecast.kind is Kind.MORE:
        noun = "group" if forecast.are_groups else "session"
        return f"more.{noun}.{_plural(forecast.further)}"
    return "was_none" if forecast.kind is Kind.WAS_SHORT and not forecast.minutes else forecast.kind


def _time(minutes: int, locale: str) -> str:
    """So many minutes in words: "nine hours", "seven hours and 30 minutes"."""
    hours, rest = divmod(minutes, _HOUR)
    of_hours = sentence(f"hours.time.hour.{_plural(hours)}", locale, count=_number(hours, locale))
    of_minutes = sentence(f"hours.time.minute.{_plural(rest)}", locale, count=rest)
    if not rest:
        return of_hours
    return sentence("hours.time.both", locale, hours=of_hours, minutes=of_minutes) if hours else of_minutes


def _number(count: int, locale: str) -> str:
    return sentence(f"hours.number.{count}", locale) if count in _NUMBERED else str(count)


def _plural(count: int) -> str:
    return "one" if count == 1 else "other"
