"""How many hours a week of treatment must have: by the payer, by the program, by the level of care.

All numbers are dated data (`data/payer_rules.json`, with evidence and citation) or the program's own; none
stands in code.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict

from app.ladders.wall import Day

Ages = tuple[int, int | None]
"""Whole years that somebody may have: at least, and at most; without the second, any number."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HoursRule(_Frozen):
    """What one payer, a program, or a level of care by itself requires of a week, for some ages, from a day
    on until another, both included. None means that it says nothing of it. Ages are whole years on the day.
    """

    code: str
    payer: str | None
    name: str
    level_of_care: str
    minimum_age: int | None = None
    maximum_age: int | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    minimum_hours: Decimal | None = None
    maximum_hours: Decimal | None = None
    daily_minimum_minutes: int | None = None
    minimum_days: int | None = None
    evidence: Literal["published", "recalled"] | None = None
    citation: str


class _AdultFromAge(_Frozen):
    years: int
    evidence: str
    citation: str


class _Shipped(_Frozen):
    note: str
    adult_from_age: _AdultFromAge
    rules: tuple[HoursRule, ...]


_SHIPPED: Final = _Shipped.model_validate_json(
    (files("app.treatment") / "data" / "payer_rules.json").read_bytes()
)
SHIPPED: Final[Sequence[HoursRule]] = _SHIPPED.rules
"""The rules that come with Handrail, those of payers and those of levels of care."""
PAYERS: Final = frozenset(rule.payer for rule in SHIPPED if rule.payer is not None)
"""The codes of the payers whose rules come with Handrail."""
_ADULT: Final = _SHIPPED.adult_from_age.years


class Care(NamedTuple):
    """Where and on whose account somebody is treated; hours are those that the program sets itself."""

    program: str
    level_of_care: str
    population: str
    minimum_hours: Decimal
    maximum_hours: Decimal
    payer: str | None


class Requirement(NamedTuple):
    """What a week must have: the strictest of the rules in `all`, and which of them sets the minimum."""

    minimum_hours: Decimal
    maximum_hours: Decimal | None
    daily_minimum_minutes: int | None
    minimum_days: int | None
    source: str
    maximum_source: str | None
    all: Sequence[HoursRule]

    @property
    def minimum_minutes(self) -> int:
        """Minutes that a week must have at least."""
        return int(self.minimum_hours * 60)

    @property
    def maximum_minutes(self) -> int | None:
        """Minutes that a week may have at most."""
        return None if self.maximum_hours is None else int(self.maximum_hours * 60)


def age_on(day: date, born_on: date) -> int:
    """Whole years on a day. Who was born on 29 February is a year older on 1 March."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def required(
    care: Care,
    born_on: date | None,
    day: date,
    own: Sequence[HoursRule],
    shipped: Sequence[HoursRule] = SHIPPED,
) -> Requirement:
    """What holds on a day for somebody who is treated so. `own` are the organization's rules, oldest first.

    Three may apply: the rule of their payer on that day; the program's own hours when its population is that
    of their age, else the rule of the level of care for their age; and when none of those says anything, the
    program's own hours all the same. The strictest binds: the highest minimum and the lowest maximum; of
    equals the payer's is named. Of unknown age somebody is what the program's population is.
    """
    ages = _ages(care, born_on, day)
    rules = [*_of_payer(care, ages, day, own, shipped), *_of_care(care, ages, day, shipped)]
    if not any(rule.minimum_hours is not None for rule in rules):
        rules.append(_of_program(care))
    minima = [rule for rule in rules if rule.minimum_hours is not None]
    maxima = [rule for rule in rules if rule.maximum_hours is not None]
    lowest = max(minima, key=lambda rule: rule.minimum_hours or 0)
    highest = min(maxima, key=lambda rule: rule.maximum_hours or 0) if maxima else None
    return Requirement(
        lowest.minimum_hours or Decimal(),
        highest.maximum_hours if highest else None,
        max((rule.daily_minimum_minutes for rule in rules if rule.daily_minimum_minutes), default=None),
        max((rule.minimum_days for rule in rules if rule.minimum_days), default=None),
        lowest.name,
        highest.name if highest else None,
        tuple(rules),
    )


def in_force(rules: Iterable[HoursRule], day: date) -> Iterator[HoursRule]:
    """Those that hold on a day. A payer's later rule for the same level of care and ages, by its first day
    and then by its place here, takes the place of an earlier one for good: also when it has ended."""
    newest: dict[tuple[object, ...], HoursRule] = {}
    for rule in sorted(rules, key=lambda each: each.first_day or date.min):
        if rule.first_day is None or rule.first_day <= day:
            key = (rule.payer or rule.code, rule.level_of_care, rule.minimum_age, rule.maximum_age)
            newest[key] = rule
    for rule in newest.values():
        if rule.last_day is None or day <= rule.last_day:
            yield rule


def _ages(care: Care, born_on: date | None, day: date) -> Ages:
    if born_on is not None:
        age = age_on(day, born_on)
        return age, age
    return (_ADULT, None) if care.population == "adults" else (0, _ADULT - 1)


def _of_payer(
    care: Care, ages: Ages, day: date, own: Sequence[HoursRule], shipped: Sequence[HoursRule]
) -> Iterator[HoursRule]:
    if care.payer is not None:
        theirs = [rule for rule in (*shipped, *own) if rule.payer == care.payer]
        yield from _fitting(theirs, care, ages, day)


def _of_care(care: Care, ages: Ages, day: date, shipped: Sequence[HoursRule]) -> Iterator[HoursRule]:
    lowest, _ = ages
    if (care.population == "adults") == (lowest >= _ADULT):
        yield _of_program(care)
    else:
        yield from _fitting([rule for rule in shipped if rule.payer is None], care, ages, day)


def _of_program(care: Care) -> HoursRule:
    return HoursRule(
        code="program",
        payer=None,
        name=care.program,
        level_of_care=care.level_of_care,
        minimum_hours=care.minimum_hours,
        maximum_hours=care.maximum_hours,
        citation="The program's own hours",
    )


def _fitting(rules: Iterable[HoursRule], care: Care, ages: Ages, day: date) -> Iterator[HoursRule]:
    lowest, highest = ages
    for rule in in_force(rules, day):
        is_old_enough = rule.minimum_age is None or highest is None or highest >= rule.minimum_age
        is_young_enough = rule.maximum_age is None or lowest <= rule.maximum_age
        if rule.level_of_care == care.level_of_care and is_old_enough and is_young_enough:
            yield rule
