"""Conditions that could never be found, each with a pointer to why."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from app.rules.conditions import Condition
from app.rules.fit import misfits
from app.rules.vocabulary import vocabulary
from tests.api.test_add_program import choice, number

KNOWN = vocabulary([number(minimum=-5, maximum=5), choice("home", "work")])
CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)

CRAVING = {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8}
FAR = {**CRAVING, "value": 80}
RISK = {"kind": "threshold", "signal": "cssrs.risk", "op": "==", "value": "high"}
PLACE = {"kind": "count", "signal": "place", "op": "==", "value": "home", "at_least": 2, "window_days": 7}
RISE = {"kind": "change", "signal": "craving", "against": "previous", "direction": "rise", "by": 10}
SUM = {"kind": "total", "signal": "craving", "op": "<", "value": 50, "window": "rolling", "window_days": 7}


@pytest.mark.parametrize(
    "condition",
    [
        CRAVING,
        {**CRAVING, "value": 10},
        {**CRAVING, "op": "<=", "value": 0},
        {**CRAVING, "signal": "used", "op": "<", "value": 1},
        {**CRAVING, "signal": "steps", "value": -5},
        {**CRAVING, "signal": "bamr.risk", "value": 180},
        RISK,
        PLACE,
        RISE,
        SUM,
        {**SUM, "value": 0},
        {**SUM, "signal": "steps", "value": -100},
        {"kind": "silence", "signal": "cssrs.risk", "days": 30},
    ],
)
def test_what_can_be_found(condition: dict[str, Any]) -> None:
    assert list(misfits(CONDITION.validate_python(condition), KNOWN)) == []


@pytest.mark.parametrize(
    ("condition", "pointer", "code"),
    [
        ({**CRAVING, "signal": "cravings"}, "/condition/signal", "unknown_signal"),
        ({**CRAVING, "signal": "session.withdrawn"}, "/condition/signal", "unknown_signal"),
        ({**CRAVING, "signal": "session.missed"}, "/condition/value", "out_of_range"),
        ({**CRAVING, "signal": "session.minutes", "op": "<", "value": 0}, "/condition/value", "never_true"),
        ({**CRAVING, "signal": "hours.shortfall", "value": 169}, "/condition/value", "out_of_range"),
        ({"kind": "silence", "signal": "phq9", "days": 14}, "/condition/signal", "unknown_signal"),
        (FAR, "/condition/value", "out_of_range"),
        ({**CRAVING, "value": -1}, "/condition/value", "out_of_range"),
        ({**CRAVING, "signal": "steps", "value": -5.5}, "/condition/value", "out_of_range"),
        ({**CRAVING, "op": ">", "value": 10}, "/condition/value", "never_true"),
        ({**CRAVING, "signal": "used", "op": "<", "value": 0}, "/condition/value", "never_true"),
        ({**CRAVING, "op": "==", "value": "high"}, "/condition/value", "not_a_code"),
        ({**RISK, "value": "extreme"}, "/condition/value", "not_a_choice"),
        ({**RISK, "op": ">=", "value": 1}, "/condition/value", "not_a_choice"),
        ({**PLACE, "value": "pub"}, "/condition/value", "not_a_choice"),
        ({**RISE, "by": 11}, "/condition/by", "never_true"),
        ({**RISE, "signal": "place"}, "/condition/signal", "not_a_number"),
        ({**SUM, "signal": "cssrs.risk"}, "/condition/signal", "not_a_number"),
        ({**SUM, "value": -1}, "/condition/value", "sum_out_of_range"),
        ({"kind": "not", "condition": FAR}, "/condition/condition/value", "out_of_range"),
        (
            {"kind": "any", "conditions": [CRAVING, {"kind": "all", "conditions": [RISK, FAR]}]},
            "/condition/conditions/1/conditions/1/value",
            "out_of_range",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_found(condition: dict[str, Any], pointer: str, code: str) -> None:
    (found,) = misfits(CONDITION.validate_python(condition), KNOWN)
    assert (found.pointer, found.code) == (pointer, code)
    assert "{" not in found.sentence


def test_every_misfit_is_told_at_once() -> None:
    condition = CONDITION.validate_python({"kind": "any", "conditions": [FAR, CRAVING, FAR]})
    assert [each.pointer for each in misfits(condition, KNOWN)] == [
        "/condition/conditions/0/value",
        "/condition/conditions/2/value",
    ]


def test_a_sentence_names_the_limits() -> None:
    (found,) = misfits(CONDITION.validate_python(FAR), KNOWN)
    assert found.sentence == "This signal goes from 0 to 10."
    (found,) = misfits(CONDITION.validate_python({**PLACE, "value": "pub"}), KNOWN)
    assert found.sentence == "One of home, work."
