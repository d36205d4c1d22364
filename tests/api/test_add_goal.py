"""POST /v1/patients/{id}/goals."""

from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from tests.goals.agreeing import CANONICAL, FIRST_MORNING, ask, morning, ok, trail
from tests.people import Clinic, Person

MINE = "/v1/patients/me/goals"


async def test_the_goal_of_the_design_on_its_day(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7()), **CANONICAL}
    reply = await ask(clinic, clinic.ana, morning(23), "POST", MINE, body)
    assert reply.status_code == 201, reply.text
    made = reply.json()
    assert made["id"] == body["id"]
    assert (made["status"], made["lacks"], made["agreed_version"]) == ("draft", [], None)
    assert made["progress"] == {"value": 0, "expected": 8.8, "pace": "behind"}
    assert made["measure"] == {**CANONICAL["measure"], "counts": "sum"}
    assert {name: made[name] for name in CANONICAL if name != "measure"} == {
        name: value for name, value in CANONICAL.items() if name != "measure"
    }
    assert made["streak"] is None and made["proposal"] is None and made["signatures"] == []
    assert made["patient_id"] == made["created_by"] == str(clinic.ana.id)
    assert made["program_id"] == str(clinic.program_id)
    assert reply.headers["etag"] == '"1"'
    assert trail(psql, body["id"]) == [("patient", "goal:write")]
    assert psql.execute("select look_at, status from goal where id = %s", [body["id"]]).fetchone() == (
        None,
        "draft",
    )


async def test_a_counselor_may_write_it_down_for_her(clinic: Clinic) -> None:
    path = f"/v1/patients/{clinic.ana.id}/goals"
    made = await ok(clinic, clinic.clara, FIRST_MORNING, "POST", path, CANONICAL)
    assert (made["patient_id"], made["created_by"]) == (str(clinic.ana.id), str(clinic.clara.id))


async def test_a_draft_may_lack_everything_and_says_what_in_the_readers_language(clinic: Clinic) -> None:
    made = await ok(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, {})
    assert [(each["letter"], each["code"]) for each in made["lacks"]] == [
        ("S", "area_missing"),
        ("S", "statement_missing"),
        ("M", "measure_missing"),
        ("A", "confidence_missing"),
        ("R", "relevance_missing"),
        ("T", "start_missing"),
        ("T", "due_missing"),
        ("T", "cadence_missing"),
    ]
    assert made["lacks"][1]["words"] == "Say what you want to do."
    assert made["progress"] == {"value": None, "expected": None, "pace": None}
    spanish = {"Accept-Language": "es"}
    path = f"/v1/goals/{made['id']}"
    clara = await ok(clinic, clinic.clara, FIRST_MORNING, "GET", path, None, **spanish)
    assert clara["lacks"][1]["words"] == "Diga qué quiere hacer."
    # A patient's own language goes before what the phone asks for.
    ana = await ok(clinic, clinic.ana, FIRST_MORNING, "GET", path, None, **spanish)
    assert ana["lacks"][1]["words"] == "Say what you want to do."


async def test_null_is_as_good_as_left_out(clinic: Clinic) -> None:
    body = {**dict.fromkeys(CANONICAL), "measure": {"unit": None, "target": 12}}
    made = await ok(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, body)
    codes = [each["code"] for each in made["lacks"] if each["letter"] == "M"]
    assert codes == ["unit_missing", "baseline_missing", "direction_missing"]


async def test_the_same_id_and_content_is_the_same_goal(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7()), **CANONICAL}
    first = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, body)
    again = await ask(clinic, clinic.ana, morning(3), "POST", MINE, body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    other = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, {**body, "confidence": 9})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    taken = await ask(clinic, clinic.ben, FIRST_MORNING, "POST", MINE, body)
    assert (taken.status_code, taken.json()["code"]) == (409, "id_taken")
    assert psql.execute("select count(*) from goal where id = %s", [body["id"]]).fetchone() == (1,)


async def test_a_key_makes_a_goal_without_an_id_safe_to_send_again(clinic: Clinic) -> None:
    key = {"Idempotency-Key": str(uuid7())}
    first = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, CANONICAL, **key)
    again = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, CANONICAL, **key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"area": "money"}, "/area"),
    ({"statement": ""}, "/statement"),
    ({"statement": "x" * 201}, "/statement"),
    ({"statement": "two\nlines"}, "/statement"),
    ({"measure": {"unit": "meetings", "goal": 1}}, "/measure"),
    ({"measure": {"target": "12"}}, "/measure/target"),
    ({"measure": {"target": 1e10}}, "/measure/target"),
    ({"measure": {"unit": "x" * 41}}, "/measure/unit"),
    ({"measure": {"unit": " "}}, "/measure/unit"),
    ({"measure": {"direction": "up"}}, "/measure/direction"),
    ({"measure": {"counts": "mean"}}, "/measure/counts"),
    ({"relevance": "x" * 4001}, "/relevance"),
    ({"confidence": 11}, "/confidence"),
    ({"confidence": -1}, "/confidence"),
    ({"confidence": 6.5}, "/confidence"),
    ({"starts_on": "November 1"}, "/starts_on"),
    ({"due_on": "2026-11-31"}, "/due_on"),
    ({"cadence": {"kind": "monthly"}}, "/cadence"),
    ({"cadence": {"kind": "weekly"}}, "/cadence/times"),
    ({"cadence": {"kind": "weekly", "times": 0}}, "/cadence/times"),
    ({"fed_by": "mood"}, "/fed_by"),
    ({"review_every_days": 0}, "/review_every_days"),
    ({"id": "1"}, "/id"),
    ({"status": "on_track"}, ""),
]


async def test_what_does_not_fit_is_refused_where_it_stands(clinic: Clinic) -> None:
    for changes, pointer in REFUSED:
        reply = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, {**CANONICAL, **changes})
        assert reply.status_code == 422, changes
        assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer], changes
        assert "x" * 41 not in reply.text
    assert (await ok(clinic, clinic.ana, FIRST_MORNING, "GET", MINE))["items"] == []


async def test_a_confidence_of_seven_may_come_as_a_double(clinic: Clinic) -> None:
    made = await ok(clinic, clinic.ana, FIRST_MORNING, "POST", MINE, {**CANONICAL, "confidence": 7.0})
    assert made["confidence"] == 7


async def test_for_others_she_does_not_exist(clinic: Clinic, nora: Person) -> None:
    path = f"/v1/patients/{clinic.ana.id}/goals"
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        assert (await stranger.client.post(path, json=CANONICAL)).status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.post(path, json=CANONICAL)).status_code == 403
    assert (await clinic.nobody.post(path, json=CANONICAL)).status_code == 401
    assert (await ok(clinic, clinic.clara, FIRST_MORNING, "GET", path))["items"] == []
