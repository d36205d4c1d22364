"""POST /v1/programs."""

from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.people import Clinic

PATH = "/v1/programs"


def program(**members: Any) -> dict[str, Any]:
    return {
        "name": "Morning IOP",
        "level_of_care": "2.1",
        "population": "adults",
        "minimum_weekly_hours": 9,
        "maximum_weekly_hours": 19,
        "time_zone": "America/New_York",
        **members,
    }


def number(**members: Any) -> dict[str, Any]:
    label = {"en": "Steps today", "es": "Pasos de hoy"}
    return {"code": "steps", "kind": "number", "minimum": 0, "maximum": 9, "label": label, **members}


def choice(*codes: str, **members: Any) -> dict[str, Any]:
    label = {"en": "Where", "es": "Dónde"}
    options = [{"code": code, "label": label} for code in codes]
    return {"code": "place", "kind": "choice", "options": options, "label": label, **members}


async def test_an_administrator_adds_a_program_under_the_default_rules(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = program(questions=[number(), choice("home", "work")], week_starts_on=6)
    reply = await clinic.adele.client.post(PATH, json=body)
    assert reply.status_code == 201, reply.text
    assert reply.headers["etag"] == '"1"'
    kept = reply.json()
    assert {name: kept[name] for name in body} == body
    assert kept["rule_set_version"] == 1
    rules = psql.execute("select version from rule_set where program_id = %s", [kept["id"]]).fetchall()
    assert rules == [(1,)]
    trail = psql.execute(
        "select action, actor_id from audit_entry where resource_id = %s", [kept["id"]]
    ).fetchall()
    assert trail == [("program:manage", clinic.adele.id)]


async def test_the_same_id_and_content_is_the_same_program(clinic: Clinic) -> None:
    body = program(id=str(uuid7()))
    first = await clinic.adele.client.post(PATH, json=body)
    again = await clinic.adele.client.post(PATH, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]


async def test_the_same_id_with_other_content_is_a_conflict(clinic: Clinic) -> None:
    body = program(id=str(uuid7()))
    await clinic.adele.client.post(PATH, json=body)
    reply = await clinic.adele.client.post(PATH, json=body | {"name": "Another"})
    assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"minimum_weekly_hours": 20}, "/minimum_weekly_hours"),
        ({"maximum_weekly_hours": 169}, "/maximum_weekly_hours"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"week_starts_on": 7}, "/week_starts_on"),
        ({"population": "dogs"}, "/population"),
        ({"questions": [number(code="craving")]}, "/questions/0/code"),
        ({"questions": [number(code="note")]}, "/questions/0/code"),
        # An answer becomes a signal of its code: this one would page somebody.
        ({"questions": [number(code="crisis")]}, "/questions/0/code"),
        ({"questions": [number(code="check_in")]}, "/questions/0/code"),
        ({"questions": [number(code="phq9.item9")]}, "/questions/0/code"),
        ({"questions": [number(), number()]}, "/questions/1/code"),
        ({"questions": [number(minimum=9, maximum=9)]}, "/questions/0/minimum"),
        ({"questions": [choice("home", "home")]}, "/questions/0/options"),
        ({"questions": [choice("home")]}, "/questions/0/options"),
        ({"questions": [number(label={"en": "Only English"})]}, "/questions/0/label/es"),
        ({"questions": [number(kind="text")]}, "/questions/0"),
        ({"sentences": {"en": {"danger.call": "Call somebody."}}}, "/sentences"),
        ({"sentences": {"es": {"no.such.sentence": "Hello."}}}, "/sentences"),
        ({"unknown": 1}, ""),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, members: dict[str, Any], pointer: str) -> None:
    reply = await clinic.adele.client.post(PATH, json=program(**members))
    assert reply.status_code == 422, reply.text
    assert pointer in [fault["pointer"] for fault in reply.json()["errors"]]


async def test_a_sentence_of_its_own_is_kept(clinic: Clinic) -> None:
    own = {"en": {"danger.call": "In danger? Call {number}, then us."}}
    reply = await clinic.adele.client.post(PATH, json=program(sentences=own))
    assert reply.status_code == 201
    assert reply.json()["sentences"] == own


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "olga", "dmitri"])
async def test_only_an_administrator_may(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.post(PATH, json=program())
    assert reply.status_code == 403


async def test_nobody_else_sees_it(clinic: Clinic) -> None:
    made = (await clinic.adele.client.post(PATH, json=program())).json()
    assert (await clinic.dmitri.client.get(f"{PATH}/{made['id']}")).status_code == 404
    assert (await clinic.nobody.post(PATH, json=program())).status_code == 401
