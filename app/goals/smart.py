"""What a draft lacks, letter by letter: specific, measurable, achievable, relevant, time-bound."""

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal, NamedTuple, get_args

from app.goals.terms import Measure, Terms

Letter = Literal["S", "M", "A", "R", "T"]
Code = Literal[
    "area_missing", "statement_missing", "statement_short",
    "measure_missing", "unit_missing", "baseline_missing", "target_missing", "direction_missing",
    "target_not_beyond",
    "confidence_missing", "too_many_days",
    "relevance_missing",
    "start_missing", "due_missing", "due_before_start", "due_over", "cadence_missing",
]  # fmt: skip
CODES: Final[tuple[Code, ...]] = get_args(Code)

FEWEST_WORDS: Final = 2
"""One word says no deed [D]."""


class Lack(NamedTuple):
    """One thing that a draft lacks. The sentence for it stands in the catalogue under `goal.lacks.<code>`."""

    letter: Letter
    code: Code


def lacks(terms: Terms, today: date) -> list[Lack]:
    """What keeps these terms from being agreed today, in the order of the letters."""
    return [
        *(Lack("S", code) for code in _specific(terms)),
        *(Lack("M", code) for code in _measurable(terms.measure)),
        *(Lack("A", code) for code in _achievable(terms)),
        *(Lack("R", code) for code in _relevant(terms)),
        *(Lack("T", code) for code in _time_bound(terms, today)),
    ]


def _specific(terms: Terms) -> Iterator[Code]:
    if terms.area is None:
        yield "area_missing"
    words = len((terms.statement or "").split())
    if words < FEWEST_WORDS:
        yield "statement_short" if words else "statement_missing"


def _measurable(measure: Measure | None) -> Iterator[Code]:
    if measure is None:
        yield "measure_missing"
        return
    if measure.unit is None:
        yield "unit_missing"
    if measure.baseline is None:
        yield "baseline_missing"
    if measure.target is None:
        yield "target_missing"
    if measure.direction is None:
        yield "direction_missing"
    elif measure.baseline is not None and measure.target is not None:
        way = measure.target - measure.baseline
        if (way if measure.direction == "increase" else -way) <= 0:
            yield "target_not_beyond"


def _achievable(terms: Terms) -> Iterator[Code]:
    if terms.confidence is None:
        yield "confidence_missing"
    if _wants_more_days_than_there_are(terms):
        yield "too_many_days"


def _wants_more_days_than_there_are(terms: Terms) -> bool:
    measure, starts_on, due_on = terms.measure, terms.starts_on, terms.due_on
    if terms.counts != "days" or measure is None or starts_on is None or due_on is None:
        return False
    if measure.baseline is None or measure.target is None or due_on < starts_on:
        return False
    return abs(measure.target - measure.baseline) > (due_on - starts_on).days + 1


def _relevant(terms: Terms) -> Iterator[Code]:
    if not (terms.relevance or "").strip():
        yield "relevance_missing"


def _time_bound(terms: Terms, today: date) -> Iterator[Code]:
    if terms.starts_on is None:
        yield "start_missing"
    if terms.due_on is None:
        yield "due_missing"
    elif terms.starts_on is not None and terms.due_on < terms.starts_on:
        yield "due_before_start"
    elif terms.due_on < today:
        yield "due_over"
    if terms.cadence is None:
        yield "cadence_missing"
