"""The questions of a program's own."""

from typing import Any

import pytest

from app.rules.signals import SIGNALS
from app.schemas.check_in import Answers
from app.services.questions import CORE_ANSWERS, TAKEN_CODES, faults_of

NUMBER: dict[str, Any] = {"code": "steps", "kind": "number", "minimum": 0, "maximum": 9}
CHOICE: dict[str, Any] = {"code": "place", "kind": "choice", "options": [{"code": "home"}, {"code": "work"}]}


def test_the_core_answers_are_those_of_the_check_in() -> None:
    assert frozenset(Answers.model_fields) == CORE_ANSWERS


@pytest.mark.parametrize("code", sorted({*Answers.model_fields, *SIGNALS, "note"}))
def test_no_question_is_called_what_means_something_else(code: str) -> None:
    assert code in TAKEN_CODES
    (fault,) = faults_of([NUMBER | {"code": code}])
    assert (fault.pointer, fault.code) == ("/questions/0/code", "code_taken")


def test_questions_that_fit_have_no_faults() -> None:
    assert faults_of([NUMBER, CHOICE]) == []


def test_every_fault_is_named_where_it_stands() -> None:
    twice = CHOICE | {"options": [{"code": "home"}, {"code": "home"}]}
    empty = NUMBER | {"code": "floors", "minimum": 9}
    found = [(fault.pointer, fault.code) for fault in faults_of([NUMBER, NUMBER, twice, empty])]
    assert found == [
        ("/questions/1/code", "twice"),
        ("/questions/2/options", "twice"),
        ("/questions/3/minimum", "too_large"),
    ]
