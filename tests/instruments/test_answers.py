"""What is accepted as an answer."""

import pytest

from app.instruments.answers import AnswerProblem, Fault, UnacceptableAnswers, check, normal
from app.instruments.catalogue import instrument
from app.instruments.scoring import score


@pytest.mark.parametrize(
    ("code", "link_id", "answer"),
    [
        ("phq-9", "phq9-1", 0),
        ("phq-9", "phq9-1", "LA6571-9"),
        ("phq-9", "phq9-10", 3),
        ("phq-9", "phq9-10", "LA6574-3"),
        ("phq-9", "phq9-9", None),
        ("gad-7", "gad7-2", "LA18938-3"),
        ("gad-7", "gad7-2", "LA6570-1"),
        ("gad-2", "gad7-2", "LA18938-3"),
        ("dast-10", "dast10-3", "no"),
        ("dast-10", "dast10-3", 0),
        ("c-ssrs-screener", "cssrs-1", "LA33-6"),
        ("promis-global-10", "global07", 10),
        ("bam-r", "bam-4", 30),
        ("bam-r", "bam-7c", 12),
        ("bam-r", "bam-14", "yes"),
        ("audit", "audit-9", 4),
    ],
)
def test_accepted(code: str, link_id: str, answer: object) -> None:
    assert check(instrument(code), {link_id: answer}) == []


@pytest.mark.parametrize(
    ("code", "link_id", "answer", "fault"),
    [
        ("phq-9", "phq9-1", 4, Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-1", -1, Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-1", True, Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", False, Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", 1.0, Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", float("nan"), Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", [1], Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", {"value": 1}, Fault.WRONG_TYPE),
        ("phq-9", "phq9-1", "1", Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-1", 10**30, Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-1", "LA6572-7", Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-10", 4, Fault.NOT_AN_OPTION),
        ("phq-9", "phq9-stem", 1, Fault.UNKNOWN_ITEM),
        ("phq-9", "phq9-11", None, Fault.UNKNOWN_ITEM),
        ("phq-2", "phq9-3", 1, Fault.UNKNOWN_ITEM),
        ("gad-7", "gad7-1", "LA18938-3", Fault.NOT_AN_OPTION),
        ("audit", "audit-9", 1, Fault.NOT_AN_OPTION),
        ("dast-10", "dast10-3", 2, Fault.NOT_AN_OPTION),
        ("dast-10", "dast10-3", True, Fault.WRONG_TYPE),
        ("c-ssrs-screener", "cssrs-1", "maybe", Fault.NOT_AN_OPTION),
        ("barc-10", "barc10-1", 0, Fault.NOT_AN_OPTION),
        ("bam-r", "bam-4", 31, Fault.OUT_OF_RANGE),
        ("bam-r", "bam-4", "30", Fault.WRONG_TYPE),
        ("bam-r", "bam-7", 3, Fault.UNKNOWN_ITEM),
        ("craving-nrs", "craving-now", 11, Fault.OUT_OF_RANGE),
        ("promis-global-10", "global01", 0, Fault.NOT_AN_OPTION),
    ],
)
def test_refused(code: str, link_id: str, answer: object, fault: Fault) -> None:
    assert check(instrument(code), {link_id: answer}) == [AnswerProblem(f"/{link_id}", fault)]


def test_every_problem_is_told_at_once() -> None:
    problems = check(instrument("phq-9"), {"phq9-1": 9, "phq9-2": 2, "phq9-3": "x", "other": 1})
    assert [problem.pointer for problem in problems] == ["/phq9-1", "/phq9-3", "/other"]


@pytest.mark.parametrize("prose", ["I want to die", "a/b~c", "ünïcode", "", "x" * 200, "help-me\n"])
def test_prose_in_place_of_a_link_id_is_not_repeated(prose: str) -> None:
    assert check(instrument("phq-9"), {prose: 1}) == [AnswerProblem("", Fault.UNKNOWN_ITEM)]


def test_what_was_written_is_nowhere_in_the_error() -> None:
    answers = {"phq9-1": "I want to die", "and nobody listens": 2}
    with pytest.raises(UnacceptableAnswers) as refused:
        score(instrument("phq-9"), answers)

    told = f"{refused.value} {refused.value.args} {refused.value.problems}"
    assert "die" not in told
    assert "listens" not in told


def test_normal_answers_are_values_whatever_stood_for_them() -> None:
    assert normal(
        instrument("gad-7"), {"gad7-1": "LA6571-9", "gad7-2": "LA18938-3", "gad7-3": 1, "gad7-4": None}
    ) == {
        "gad7-1": 3,
        "gad7-2": 2,
        "gad7-3": 1,
    }


def test_normal_answers_to_yes_or_no_are_words() -> None:
    assert normal(instrument("c-ssrs-screener"), {"cssrs-1": "LA33-6", "cssrs-2": "no", "cssrs-3": None}) == {
        "cssrs-1": "yes",
        "cssrs-2": "no",
    }
