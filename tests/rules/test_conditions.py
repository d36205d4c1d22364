"""What a condition may be, and that a form can be built from its schema."""

import pytest
from pydantic import TypeAdapter, ValidationError

from app.rules.conditions import (
    AllOf,
    Change,
    Condition,
    Count,
    Not,
    Silence,
    Threshold,
    leaves,
    signals_of,
)

CONDITION: TypeAdapter[Condition] = TypeAdapter(Condition)
CRAVING = {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8}
COUNT = {"kind": "count", "signal": "craving", "op": ">=", "value": 7, "at_least": 2, "window_days": 3}
CHANGE = {"kind": "change", "signal": "phq9.total", "direction": "rise", "by": 5}
TOTAL = {"kind": "total", "signal": "session.minutes", "op": "<", "value": 540}


def nested(levels: int) -> dict[str, object]:
    condition: dict[str, object] = dict(CRAVING)
    for _ in range(levels - 1):
        condition = {"kind": "not", "condition": condition}
    return condition


@pytest.mark.parametrize(
    "condition",
    [
        CRAVING,
        COUNT,
        {**CRAVING, "signal": "cssrs.risk", "op": "==", "value": "high"},
        {**CRAVING, "op": "!=", "value": "LA6574-3"},
        {**CRAVING, "signal": "pcl5.B"},
        {**CHANGE, "against": "baseline"},
        {**CHANGE, "against": "best_of_last", "n": 3},
        {**CHANGE, "against": "median", "window_days": 14},
        {"kind": "run", "signal": "mood", "op": "<=", "value": 2, "n": 60},
        {"kind": "silence", "signal": "check_in", "days": 3},
        {"kind": "silence", "signal": "check_in", "hours": 36},
        {**TOTAL, "window": "program_week", "project": True},
        {**TOTAL, "window": "rolling", "window_days": 120},
        {"kind": "any", "conditions": [CRAVING, {"kind": "all", "conditions": [COUNT]}]},
        nested(4),
    ],
)
def test_accepted_and_the_same_after_json(condition: dict[str, object]) -> None:
    made = CONDITION.validate_python(condition)
    assert CONDITION.validate_json(CONDITION.dump_json(made)) == made


@pytest.mark.parametrize(
    "condition",
    [
        {**CRAVING, "kind": "formula"},
        {**CRAVING, "extra": 1},
        {**CRAVING, "op": "==", "value": 8},  # a number is never compared for equality
        {**CRAVING, "op": ">=", "value": "high"},
        {**CRAVING, "op": "~"},
        {**CRAVING, "value": "8 or so"},
        {**CRAVING, "value": True},
        {**CRAVING, "value": float("nan")},
        {**CRAVING, "value": float("inf")},
        {**CRAVING, "value": 10**30},
        {**CRAVING, "signal": "Craving now"},
        {**CRAVING, "signal": "a.b.c.d.e"},
        {**COUNT, "at_least": 4},  # of three days
        {**COUNT, "at_least": 0},
        {**COUNT, "window_days": 121},
        {**CHANGE, "against": "best_of_last"},
        {**CHANGE, "against": "baseline", "n": 3},
        {**CHANGE, "against": "median"},
        {**CHANGE, "against": "previous", "window_days": 3},
        {**CHANGE, "against": "previous", "by": 0},
        {"kind": "run", "signal": "mood", "op": "<=", "value": 2, "n": 61},
        {"kind": "silence", "signal": "check_in"},
        {"kind": "silence", "signal": "check_in", "days": 3, "hours": 1},
        {**TOTAL, "window": "rolling"},
        {**TOTAL, "window": "program_week", "window_days": 7},
        {**TOTAL, "window": "rolling", "window_days": 7, "project": True},
        {**TOTAL, "window": "program_week", "op": "==", "value": "many"},
        {"kind": "all", "conditions": []},
        {"kind": "all", "conditions": [CRAVING] * 11},
        {"kind": "all", "conditions": [{"kind": "any", "conditions": [CRAVING] * 8}] * 4},  # 32 tests
        nested(5),
        nested(5_000),
    ],
)
def test_refused(condition: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        CONDITION.validate_python(condition)


def test_frozen() -> None:
    condition = Threshold(signal="craving", op=">=", value=8)
    with pytest.raises(ValidationError):
        condition.value = 9


def test_leaves_and_signals_are_found_at_every_depth() -> None:
    mood = Threshold(signal="mood", op="<", value=3)
    silence = Silence(signal="check_in", days=2)
    count = Count(signal="mood", op="<", value=3, at_least=2, window_days=3)
    condition = AllOf(conditions=(mood, Not(condition=AllOf(conditions=(silence, count)))))
    assert list(leaves(condition)) == [mood, silence, count]
    assert signals_of(condition) == {"mood", "check_in"}


def test_a_form_can_be_built_from_the_schema() -> None:
    schema = CONDITION.json_schema()
    assert set(schema["discriminator"]["mapping"]) == {
        *("threshold", "change", "count", "run", "silence", "total"),
        *("all", "any", "not"),
    }
    for kind in schema["$defs"].values():
        assert kind["title"]
        assert kind["description"]
        assert kind["additionalProperties"] is False
    count = schema["$defs"]["Count"]["properties"]
    assert count["window_days"]["maximum"] == 120
    assert count["op"]["enum"] == [">=", ">", "<=", "<", "==", "!="]
    assert all(
        part["title"]
        for kind in schema["$defs"].values()
        for part in kind["properties"].values()
        if "$ref" not in part and "discriminator" not in part
    )


def test_change_takes_only_numbers_above_zero() -> None:
    with pytest.raises(ValidationError):
        Change(signal="craving", against="previous", direction="fall", by=-1)
