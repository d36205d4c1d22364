"""A clinical lead at work: the rules in force, edited and sent back."""

from copy import deepcopy
from typing import Any

from httpx import Response

from tests.people import Person

PATH = "/v1/rule-sets"
CRAVING = {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8}
REASON = "Cravings of 7 came before relapses."


async def current(person: Person, **params: str) -> dict[str, Any]:
    reply = await person.client.get(f"{PATH}/current", params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def edited(person: Person, version: int | None = None) -> dict[str, Any]:
    """A body with the rules as they are in force, ready to be changed."""
    kept = await current(person)
    return {"base_version": version or kept["version"], "reason": REASON, "rules": deepcopy(kept["rules"])}


def rule_in(body: dict[str, Any], code: str) -> dict[str, Any]:
    """One rule of a body or a reply, to be changed in place."""
    return next(rule for rule in body["rules"] if rule["code"] == code)


def place_of(body: dict[str, Any], code: str) -> int:
    return [rule["code"] for rule in body["rules"]].index(code)


def own_rule(condition: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """A rule that nobody has."""
    return {
        "code": "own.rule",
        "title": "Our own",
        "severity": "routine",
        "condition": condition or CRAVING,
        "evidence": {"grade": "design", "citation": "We think so"},
        **members,
    }


async def publish(person: Person, body: dict[str, Any], **headers: str) -> Response:
    return await person.client.post(PATH, json=body, headers=headers)


async def published(person: Person, body: dict[str, Any]) -> dict[str, Any]:
    reply = await publish(person, body)
    assert reply.status_code == 201, reply.text
    return reply.json()


async def craving_at_seven(person: Person) -> dict[str, Any]:
    """Publish: a strong craving is told from 7 on instead of 8."""
    body = await edited(person)
    rule_in(body, "craving.high")["condition"]["conditions"][0]["value"] = 7
    return await published(person, body)


def faults(reply: Response) -> list[tuple[str, str]]:
    """Pointer and code of everything that is wrong with a body."""
    assert reply.status_code == 422, reply.text
    return [(each["pointer"], each["code"]) for each in reply.json()["errors"]]
