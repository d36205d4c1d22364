"""What a draft lacks, letter by letter."""

from typing import Any

import pytest

from app.goals.examples import EXAMPLES
from app.goals.smart import CODES, Lack, lacks
from app.goals.terms import Terms
from app.sentences import sentence
from tests.goals.making import DAILY, FIRST, day, goal


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_lack_nothing(name: str) -> None:
    assert lacks(EXAMPLES[name](FIRST), FIRST) == []


def test_an_empty_draft_lacks_everything_in_the_order_of_the_letters() -> None:
    assert lacks(Terms(), FIRST) == [
        Lack("S", "area_missing"),
        Lack("S", "statement_missing"),
        Lack("M", "measure_missing"),
        Lack("A", "confidence_missing"),
        Lack("R", "relevance_missing"),
        Lack("T", "start_missing"),
        Lack("T", "due_missing"),
        Lack("T", "cadence_missing"),
    ]


ROWS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"area": None}, ["S area_missing"]),
    ({"statement": None}, ["S statement_missing"]),
    ({"statement": "   "}, ["S statement_missing"]),
    ({"statement": "Meetings"}, ["S statement_short"]),
    ({"statement": "Stay sober"}, []),
    ({"measure": None}, ["M measure_missing"]),
    ({"measure": {"unit": None}}, ["M unit_missing"]),
    ({"measure": {"baseline": None}}, ["M baseline_missing"]),
    ({"measure": {"target": None}}, ["M target_missing"]),
    ({"measure": {"direction": None}}, ["M direction_missing"]),
    (
        {"measure": {"unit": None, "baseline": None, "target": None, "direction": None}},
        ["M unit_missing", "M baseline_missing", "M target_missing", "M direction_missing"],
    ),
    ({"measure": {"baseline": 12}}, ["M target_not_beyond"]),
    ({"measure": {"baseline": 13}}, ["M target_not_beyond"]),
    ({"measure": {"direction": "decrease"}}, ["M target_not_beyond"]),
    ({"measure": {"baseline": 20, "direction": "decrease"}}, []),
    ({"confidence": None}, ["A confidence_missing"]),
    ({"confidence": 0}, []),
    ({"confidence": 10}, []),
    ({"cadence": DAILY, "measure": {"target": 31}}, []),
    ({"cadence": DAILY, "measure": {"target": 32}}, ["A too_many_days"]),
    ({"cadence": DAILY, "measure": {"baseline": 2, "target": 33}}, []),
    ({"cadence": DAILY, "measure": {"target": 600, "counts": "sum", "unit": "minutes"}}, []),
    ({"fed_by": "used", "measure": {"target": 40, "unit": "days"}}, ["A too_many_days"]),
    ({"relevance": None}, ["R relevance_missing"]),
    ({"relevance": "\n "}, ["R relevance_missing"]),
    ({"starts_on": None}, ["T start_missing"]),
    ({"due_on": None}, ["T due_missing"]),
    ({"due_on": day(0)}, ["T due_before_start"]),
    ({"starts_on": day(40)}, ["T due_before_start"]),
    ({"starts_on": day(-20), "due_on": day(22)}, ["T due_over"]),
    ({"starts_on": day(-20), "due_on": day(23)}, []),
    ({"cadence": None}, ["T cadence_missing"]),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), ROWS, ids=[str(row[0]) for row in ROWS])
def test_what_is_lacking_is_named_by_its_letter(changes: dict[str, Any], expected: list[str]) -> None:
    found = lacks(goal(**changes), day(23))
    assert [f"{each.letter} {each.code}" for each in found] == expected


def test_every_code_is_reached_by_a_row_and_has_its_words_in_both_languages() -> None:
    named = {line.split()[1] for _, expected in ROWS for line in expected}
    assert named == set(CODES)
    for code in CODES:
        words = {sentence(f"goal.lacks.{code}", locale) for locale in ("en", "es")}
        assert len(words) == 2
