"""The JSON Schema of a rule, held against what is really accepted, by a validator that is not pydantic."""

import json
from copy import deepcopy
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.rules.conditions import Change, Count, Run, Silence, Threshold, Total, leaves
from app.rules.default_pack import DEFAULT_PACK
from app.rules.fit import misfits
from app.rules.floor import FLOOR
from app.rules.form import filled_by_kind, rule_schema
from app.rules.rule import Rule
from app.rules.vocabulary import vocabulary
from app.rules.wording import placeholders
from tests.api.test_add_program import number
from tests.rules.arbitrary import unhurried
from tests.rules.making import rule as made_rule
from tests.rules.test_diff import rules

KNOWN = {**vocabulary([]), "own.answer": next(iter(vocabulary([number()]).values()))}
SCHEMA = rule_schema(KNOWN)
ACCEPTS = jsonschema_rs.Draft202012Validator(SCHEMA)

# What is counted, JSON Schema cannot say, nor what a sentence holds in braces.
UNSAYABLE = {"unreachable", "too_deep", "too_many_tests", "unknown_placeholder", "unpaired_brace"}

WORDS = (
    *(">=", "==", "~", "threshold", "change", "count", "run", "silence", "total", "all", "any", "not"),
    *("baseline", "best_of_last", "median", "rise", "day", "reading", "program_week", "rolling", "craving"),
    *("critical", "design", "high", "8", "a b", "{value}", "{count}", "{", "", "x" * 65, "x" * 501, "a\nb"),
)
MEMBERS = ("n", "days", "hours", "window_days", "value", "kind", "odd")
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 130),
    st.integers(-2, 70).map(float),
    st.sampled_from([0.5, 1e6, 1e7, -1e7, 10**15]),
    st.sampled_from(WORDS),
    st.sampled_from([[], {}, [1], {"kind": "all", "conditions": []}]),
)


def places(document: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The path to every part of a document."""
    found = [path]
    if isinstance(document, dict | list):
        for name in document if isinstance(document, dict) else range(len(document)):
            found += places(document[name], (*path, name))
    return found


NUMBER = {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8}
CODE = {**NUMBER, "op": "==", "value": "high"}
COUNT = {**NUMBER, "kind": "count", "at_least": 2, "window_days": 3}
CHANGE = {"kind": "change", "signal": "mood", "against": "previous", "direction": "fall", "by": 2}
SILENCE = {"kind": "silence", "signal": "check_in"}
TOTAL = {"kind": "total", "signal": "check_in", "op": "<", "value": 3, "window": "program_week"}
RULE = made_rule(Threshold(signal="craving", op=">=", value=8)).model_dump(mode="json")
ROLLING = {**TOTAL, "window": "rolling", "window_days": 7}


@st.composite
def almost_rules(draw: st.DrawFn) -> dict[str, Any]:
    """A rule as JSON with a part or two left out, put in, or replaced by something else."""
    document: dict[str, Any] = draw(rules).model_dump(mode="json", exclude_none=draw(st.booleans()))
    for _ in range(draw(st.integers(0, 2))):
        *path, last = draw(st.sampled_from([each for each in places(document) if each]))
        parent: Any = document
        for part in path:
            parent = parent[part]
        what = draw(st.sampled_from(["replace", "remove", "add"]))
        if what == "remove":
            del parent[last]
        elif what == "add" and isinstance(parent, dict):
            parent[draw(st.sampled_from(MEMBERS))] = draw(values)
    return document


def refusals(document: dict[str, Any]) -> set[str]:
    """The kinds of everything for which this rule would be refused."""
    try:
        made = Rule.model_validate(deepcopy(document))
    except ValidationError as refused:
        return {error["type"] for error in refused.errors()}
    return {each.code for each in misfits(made.condition, KNOWN) if each.code == "unknown_signal"}


@settings(unhurried, max_examples=500)
@given(document=almost_rules())
def test_the_schema_accepts_what_is_accepted_and_nothing_else(document: dict[str, Any]) -> None:
    refused = refusals(document)
    accepts = ACCEPTS.is_valid(json.loads(json.dumps(document)))
    assert accepts == (not refused - UNSAYABLE), refused


@pytest.mark.parametrize(
    "condition",
    [
        NUMBER,
        CODE,
        {**COUNT, "at_least": 2.0},
        CHANGE,
        {**CHANGE, "n": None, "window_days": None},
        {**CHANGE, "against": "best_of_last", "n": 3},
        {**CHANGE, "against": "median", "window_days": 14},
        {**SILENCE, "days": 3},
        {**SILENCE, "hours": 3, "days": None},
        {**TOTAL, "project": True},
        ROLLING,
        {"kind": "any", "conditions": [NUMBER, {"kind": "not", "condition": CODE}]},
    ],
)
def test_both_accept(condition: dict[str, Any]) -> None:
    document = RULE | {"condition": condition}
    assert not refusals(document)
    assert ACCEPTS.is_valid(document)


@pytest.mark.parametrize(
    "condition",
    [
        {**NUMBER, "op": "=="},
        {**CODE, "op": ">="},
        {name: value for name, value in NUMBER.items() if name != "kind"},
        {**CHANGE, "n": 3},
        {**CHANGE, "window_days": 3},
        {**CHANGE, "against": "best_of_last"},
        {**CHANGE, "against": "best_of_last", "n": None},
        {**CHANGE, "against": "median", "n": 3},
        {**CHANGE, "against": "median"},
        {**CHANGE, "by": 0},
        SILENCE,
        {**SILENCE, "days": 3, "hours": 3},
        {**SILENCE, "days": None},
        {**TOTAL, "window_days": 7},
        {**TOTAL, "window": "rolling"},
        {**TOTAL, "op": "==", "value": "many"},
        {**ROLLING, "project": True},
        {**TOTAL, "project": "yes"},
        {**COUNT, "at_least": 2.5},
        {**COUNT, "at_least": "2"},
        {"kind": "any", "conditions": []},
    ],
)
def test_both_refuse(condition: dict[str, Any]) -> None:
    document = RULE | {"condition": condition}
    assert refusals(document) - UNSAYABLE
    assert not ACCEPTS.is_valid(document)


@pytest.mark.parametrize("wrong", [{"enabled": "yes"}, {"floor": 0}, {"answer_within_minutes": "5"}])
def test_both_refuse_what_is_of_another_type(wrong: dict[str, Any]) -> None:
    assert refusals(RULE | wrong)
    assert not ACCEPTS.is_valid(RULE | wrong)


def test_our_own_rules_are_accepted() -> None:
    for rule in (*FLOOR, *DEFAULT_PACK.rules):
        assert ACCEPTS.is_valid(rule.model_dump(mode="json")), rule.code


def test_a_form_has_titles_descriptions_ranges_and_kinds() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["properties"]["condition"]["discriminator"]["propertyName"] == "kind"
    for name in ("code", "title", "severity", "condition", "sentence", "evidence", "next_step"):
        part = SCHEMA["properties"][name]
        assert "description" in part or "$ref" in part, name
    for kind in SCHEMA["$defs"].values():
        assert kind["title"], kind
        assert kind["description"], kind
    count = SCHEMA["$defs"]["Count"]["properties"]
    assert (count["at_least"]["minimum"], count["window_days"]["maximum"]) == (1, 120)
    assert count["at_least"]["title"] == "At least"
    assert count["signal"]["enum"] == sorted(KNOWN)


@unhurried
@given(rule=rules)
def test_the_placeholders_told_are_those_that_are_filled(rule: Rule) -> None:
    for leaf in leaves(rule.condition):
        assert filled_by_kind()[leaf.kind] == sorted(placeholders(leaf))


def test_every_kind_of_test_is_told() -> None:
    kinds = {each.model_fields["kind"].default for each in (Threshold, Change, Count, Run, Silence, Total)}
    assert filled_by_kind().keys() == kinds
