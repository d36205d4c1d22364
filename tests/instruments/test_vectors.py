"""Every vector of scoring_vectors.json, for every instrument that we score."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from app.instruments.answers import AnswerProblem, Fault, UnacceptableAnswers, check
from app.instruments.catalogue import current, instrument
from app.instruments.flags import symptoms
from app.instruments.scheme import Symptoms
from app.instruments.scoring import Score, score

VECTORS = json.loads((Path(__file__).parent / "data/scoring_vectors.json").read_text(encoding="utf-8"))[
    "instruments"
]
NOT_IMPLEMENTED = {
    "whoqol-bref": "not among the instruments of this release",
    "bam-categorical": "the older scoring of the BAM; we score BAM-R",
}
NOT_OURS = {
    "hand_check": "says who derived the number",
    "library_severity": "the other library's words; ours are in `severity`",
    "triage_spier_mapper": "a rule that we refuse, see test_traps.py",
}
Answers = Mapping[str, Any]
Vector = dict[str, Any]


def symptom_counts(code: str, answers: Answers) -> dict[str, int]:
    rule = next(each for each in instrument(code).flags if isinstance(each, Symptoms))
    return {group.name: symptoms(group, rule, answers) for group in rule.groups}


def subset_total(code: str, answers: Answers) -> float | None:
    return score(
        instrument(code), {item.link_id: answers[item.link_id] for item in instrument(code).items}
    ).total


def critical_item_9(result: Score, answers: Answers) -> dict[str, object]:
    told: dict[str, object] = {"phq9-9": "phq9-9" in result.critical_items, "value": answers["phq9-9"]}
    return told | ({"unanswered": "phq9-9" in result.unanswered})


def inconsistencies(result: Score) -> list[str]:
    return ["item5>item4"] if result.flags["heavy_days_exceed_alcohol_days"] else []


FACTS: dict[str, Callable[[str, Score, Answers], object]] = {
    "total": lambda code, result, answers: result.total,
    "severity": lambda code, result, answers: result.severity,
    "triage_columbia": lambda code, result, answers: result.severity,
    "subscales": lambda code, result, answers: result.subscales,
    "critical": lambda code, result, answers: critical_item_9(result, answers),
    "phq2": lambda code, result, answers: subset_total("phq-2", answers),
    "gad2": lambda code, result, answers: subset_total("gad-2", answers),
    "symptomatic_counts": lambda code, result, answers: symptom_counts(code, answers),
    "inconsistencies": lambda code, result, answers: inconsistencies(result),
    "raw": lambda code, result, answers: sum(answers.values()),
    "mean": lambda code, result, answers: (result.total or 0) / len(answers),
}
FLAGS = {flag.flag for each in current() for flag in each.flags}


def cases() -> list[Any]:
    return [
        pytest.param(code, vector, id=f"{code}-{number}")
        for code, entry in VECTORS.items()
        if code not in NOT_IMPLEMENTED
        for number, vector in enumerate(entry["vectors"], start=1)
    ]


@pytest.mark.parametrize(("code", "vector"), cases())
def test_the_score_is_that_of_the_vector(code: str, vector: Vector) -> None:
    expected = {key: value for key, value in vector.items() if key not in NOT_OURS and key != "answers"}
    if expected.pop("error", None) == "out-of-range":
        assert check(instrument(code), vector["answers"]) == [
            AnswerProblem("/craving-now", Fault.OUT_OF_RANGE)
        ]
        with pytest.raises(UnacceptableAnswers):
            score(instrument(code), vector["answers"])
        return

    assert check(instrument(code), vector["answers"]) == []
    result = score(instrument(code), vector["answers"])

    assert expected, "a vector that expects nothing"
    for key, value in expected.items():
        told = result.flags[key] if key in FLAGS else FACTS[key](code, result, vector["answers"])
        wanted = {"unanswered": False} | value if key == "critical" else value
        assert told == wanted, key


@pytest.mark.parametrize("vector", VECTORS["phq-9"]["missing_policy_vectors"]["vectors"])
def test_phq_9_with_unanswered_items(vector: Vector) -> None:
    result = score(instrument("phq-9"), vector["answers"])

    assert result.total == vector["total"]
    assert critical_item_9(result, vector["answers"]) == vector["critical"]
    assert result.flags.get("prorated", False) == (vector["status"] == "scored-prorated")
    assert result.reason == (None if vector["status"] == "scored-prorated" else "unanswered")


def test_no_vector_is_silently_dropped() -> None:
    scored = {each.code for each in current()}
    assert set(VECTORS) == scored | set(NOT_IMPLEMENTED)
    assert len(cases()) == sum(len(VECTORS[code]["vectors"]) for code in scored) == 198
    assert len(VECTORS["phq-9"]["missing_policy_vectors"]["vectors"]) == 8


def test_the_vectors_meet_every_band_of_the_bands_they_name() -> None:
    for code in ("phq-9", "gad-7", "audit", "dast-10"):
        named = {vector["severity"] for vector in VECTORS[code]["vectors"]}
        assert named == {band.severity for band in instrument(code).bands}, code
