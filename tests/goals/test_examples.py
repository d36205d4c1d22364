"""The three goals that the demo and the tests share, and the one that the API document shows."""

from datetime import date, timedelta
from typing import Any, cast

import pytest

from app.goals.examples import EXAMPLES
from app.goals.marks import Mark
from app.goals.smart import lacks
from app.goals.standing import stand
from app.goals.terms import Terms
from app.schemas.goal_examples import GOAL_READ, PROPOSAL, TERMS
from tests.goals.making import FIRST, done


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("starts_on", [FIRST, date(2024, 2, 29), date(2026, 12, 31)])
def test_an_example_can_be_agreed_on_any_day_and_reached_step_by_step(name: str, starts_on: date) -> None:
    terms = EXAMPLES[name](starts_on)
    assert terms.measure is not None and terms.measure.target is not None and terms.due_on is not None
    assert lacks(terms, starts_on) == []
    days = (terms.due_on - starts_on).days
    even = terms.measure.target / days
    marks: list[Mark] = []
    for each in range(days + 1):
        today = starts_on + timedelta(days=each)
        found = stand(terms, marks, today, is_agreed=True, closed_as=None)
        assert found.status in {"on_track", "achieved"}, (each, found)
        marks.append(Mark(today, even, even, 1))
    assert stand(terms, marks, terms.due_on, is_agreed=True, closed_as=None).status == "achieved"


def test_they_last_as_long_as_their_names_say() -> None:
    lengths = {name: make(FIRST).due_on - FIRST for name, make in EXAMPLES.items()}  # type: ignore[operator]  # each has one
    assert {name: length.days for name, length in lengths.items()} == {
        "twelve_meetings": 30, "daily_meditation": 27, "job_training": 60,
    }  # fmt: skip


def test_the_goal_that_is_shown_stands_as_it_is_shown() -> None:
    shown = cast(dict[str, Any], GOAL_READ)
    terms = Terms.model_validate(TERMS)
    found = stand(terms, done(2, 4, 9, 22), date(2026, 11, 23), is_agreed=True, closed_as=None)
    assert (found.status, found.streak) == (shown["status"], shown["streak"])
    progress = {"value": found.value, "expected": round(found.expected or 0, 2), "pace": found.pace}
    assert progress == shown["progress"]
    proposal = Terms.model_validate({name: cast(dict[str, Any], PROPOSAL)[name] for name in TERMS})
    assert lacks(proposal, date(2026, 11, 23)) == []
