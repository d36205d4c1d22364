"""GET /v1/rule-sets/schema."""

from typing import Any

import jsonschema_rs
import pytest

from tests.api.publishing import CRAVING, PATH, current, own_rule, publish
from tests.api.test_add_program import choice, number
from tests.people import Clinic, Person

FIRST = {"If-Match": '"1"'}


async def form(person: Person) -> dict[str, Any]:
    reply = await person.client.get(f"{PATH}/schema")
    assert reply.status_code == 200, reply.text
    return reply.json()


def signal_in(shown: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in shown["signals"] if each["signal"] == name)


async def test_signals_with_all_that_a_form_needs(clinic: Clinic) -> None:
    shown = await form(clinic.clara)
    assert shown["program_id"] == str(clinic.program_id)
    assert signal_in(shown, "craving") == {
        "signal": "craving",
        "title": "Craving",
        "description": "Strongest craving now, 10 is strongest",
        "kind": "number",
        "minimum": 0,
        "maximum": 10,
        "unit": "points",
        "choices": [],
    }
    assert signal_in(shown, "used")["kind"] == "yes-no"
    risk = signal_in(shown, "cssrs.risk")
    assert (risk["kind"], risk["minimum"], risk["choices"][3]) == (
        "choice",
        None,
        {"code": "high", "title": "High"},
    )
    assert shown["placeholders"]["count"] == sorted(shown["placeholders"]["count"])
    assert {"count", "at_least", "window"} <= set(shown["placeholders"]["count"])


async def test_the_programs_own_questions_are_among_them(clinic: Clinic) -> None:
    asked = {"questions": [number(), choice("home", "work")]}
    path = f"/v1/programs/{clinic.program_id}"
    assert (await clinic.adele.client.patch(path, json=asked, headers=FIRST)).status_code == 200
    shown = await form(clinic.clara)
    steps, place = signal_in(shown, "steps"), signal_in(shown, "place")
    assert (steps["title"], steps["minimum"], steps["maximum"], steps["unit"]) == ("Steps today", 0, 9, None)
    assert place["choices"] == [{"code": "home", "title": "Where"}, {"code": "work", "title": "Where"}]


async def test_the_schema_accepts_the_rules_in_force(clinic: Clinic) -> None:
    accepts = jsonschema_rs.Draft202012Validator((await form(clinic.clara))["rule"])
    for rule in (await current(clinic.clara))["rules"]:
        assert accepts.is_valid(rule), rule["code"]


@pytest.mark.parametrize(
    "condition",
    [
        {**CRAVING, "signal": "steps"},
        {**CRAVING, "op": "=="},
        {**CRAVING, "value": "high"},
        {"kind": "silence", "signal": "check_in"},
        {"kind": "any", "conditions": []},
    ],
)
async def test_what_it_refuses_is_refused(clinic: Clinic, condition: dict[str, Any]) -> None:
    rule = own_rule(condition)
    assert not jsonschema_rs.Draft202012Validator((await form(clinic.clara))["rule"]).is_valid(rule)
    body = {"base_version": 1, "reason": "Refused", "rules": [rule]}
    assert (await publish(clinic.sam, body)).status_code == 422
