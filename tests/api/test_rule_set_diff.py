"""GET /v1/rule-sets/{version}/diff."""

from typing import Any

import pytest

from app.rules.default_pack import DEFAULT_PACK
from app.rules.diff import difference
from app.rules.rule import Rule
from app.schemas.answer_examples import CRAVING_HIGH
from app.schemas.rule_examples import AT_SEVEN, DIFFERENCE
from tests.api.publishing import PATH, craving_at_seven, edited, own_rule, published, rule_in
from tests.people import Clinic, Person


async def diff(person: Person, version: int, **params: int) -> dict[str, Any]:
    reply = await person.client.get(f"{PATH}/{version}/diff", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_a_lowered_threshold_is_said_in_plain_words(clinic: Clinic) -> None:
    await craving_at_seven(clinic.sam)
    assert await diff(clinic.clara, 2) == {
        "version": 2,
        "against": 1,
        "added": [],
        "removed": [],
        "changed": [
            {
                "code": "craving.high",
                "title": "Strong craving",
                "changes": [{"pointer": "/condition/conditions/0/value", "before": 8, "after": 7}],
                "sentence": "Craving: from 8 to 7.",
            }
        ],
    }


async def test_against_whichever_version_is_asked_for(clinic: Clinic) -> None:
    await craving_at_seven(clinic.sam)
    body = await edited(clinic.sam)
    body["rules"] = [rule for rule in body["rules"] if rule["code"] != "sleep.short"]
    body["rules"].append(own_rule())
    rule_in(body, "use.reported")["enabled"] = False
    await published(clinic.sam, body)

    last = await diff(clinic.clara, 3)
    assert last["against"] == 2
    assert [rule["code"] for rule in last["added"]] == ["own.rule"]
    assert [rule["code"] for rule in last["removed"]] == ["sleep.short"]
    (changed,) = last["changed"]
    assert (changed["code"], changed["sentence"]) == ("use.reported", "Switched off.")
    both = await diff(clinic.clara, 3, against=1)
    assert [each["code"] for each in both["changed"]] == ["craving.high", "use.reported"]
    back = await diff(clinic.clara, 1, against=3)
    assert [rule["code"] for rule in back["added"]] == ["sleep.short"]
    assert back["changed"][0]["sentence"] == "Craving: from 7 to 8."
    same = await diff(clinic.clara, 3, against=3)
    assert (same["added"], same["removed"], same["changed"]) == ([], [], [])


async def test_before_the_first_version_there_was_none(clinic: Clinic) -> None:
    first = await diff(clinic.clara, 1)
    assert (first["against"], first["removed"], first["changed"]) == (None, [], [])
    assert [rule["code"] for rule in first["added"]] == [rule.code for rule in DEFAULT_PACK.rules]


@pytest.mark.parametrize(("version", "against", "status"), [(2, 1, 404), (1, 2, 404), (1, 0, 422)])
async def test_versions_that_are_not_there(clinic: Clinic, version: int, against: int, status: int) -> None:
    reply = await clinic.clara.client.get(f"{PATH}/{version}/diff", params={"against": against})
    assert reply.status_code == status


def test_the_documents_example_is_what_would_come_out() -> None:
    (found,) = difference([Rule.model_validate(CRAVING_HIGH)], [Rule.model_validate(AT_SEVEN)]).changed
    (shown,) = DIFFERENCE["changed"]  # type: ignore[misc]  # a list, whatever JSON may be
    assert isinstance(shown, dict)
    assert shown["sentence"] == found.sentence
    assert shown["changes"] == [each._asdict() for each in found.changes]
