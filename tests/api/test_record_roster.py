"""GET and PUT /v1/sessions/{id}/attendance: a whole roster."""

import asyncio
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.api.evenings import Evening, local, moment
from tests.moments import at
from tests.people import Clinic, Person, add_person


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql, clinic.ana, clinic.ben)


async def put(
    evening: Evening, *items: dict[str, Any], clock: str = "21:30", by: Person | None = None
) -> Any:
    return await evening.ask("PUT", evening.roster(), by or evening.clinic.clara, clock, {"items": items})


def item(person: Person, **members: Any) -> dict[str, Any]:
    return {"patient_id": str(person.id), **members}


async def test_everybody_who_is_expected_or_known_is_on_the_roster(evening: Evening) -> None:
    clinic = evening.clinic
    await evening.arrive("17:55")
    notice = {"kind": "illness", "reason": "A cold."}
    assert (
        await evening.ask("POST", evening.path("absence"), clinic.ben, "12:00", notice)
    ).status_code == 201
    reply = await evening.ask("GET", evening.roster(), clinic.clara, "18:05")
    assert reply.headers["cache-control"] == "private, no-store"
    seats = reply.json()["items"]
    assert [(each["patient_name"], each["status"], each["revision"]) for each in seats] == [
        ("ana Example", "arrived", 1), ("ben Example", "expected", 1),
    ]  # fmt: skip
    ben = seats[1]
    assert (ben["notice"]["kind"], ben["notice"]["is_open"], ben["is_expected"]) == ("illness", True, True)
    assert evening.trail("attendance:read") == [
        (clinic.clara.id, "treatment_session", None, sorted([clinic.ana.id, clinic.ben.id]), "done")
    ]


async def test_a_patient_sees_themselves_alone(evening: Evening) -> None:
    clinic = evening.clinic
    seats = (await evening.ask("GET", evening.roster(), clinic.ana, "12:00")).json()["items"]
    assert [each["patient_id"] for each in seats] == [str(clinic.ana.id)]
    other = await Evening.planned(clinic, evening.psql, clinic.ben)
    assert (await other.ask("GET", other.roster(), clinic.ana, "12:00")).status_code == 404


async def test_a_whole_roster_in_one_call(evening: Evening) -> None:
    clinic = evening.clinic
    reply = await put(evening, item(clinic.ana), item(clinic.ben, status="excused", reason="A cold."))
    assert reply.status_code == 200, reply.text
    told = [(each["patient_id"], each["status"], each["changed"]) for each in reply.json()["items"]]
    assert told == [(str(clinic.ana.id), "attended", True), (str(clinic.ben.id), "excused", True)]
    assert evening.trail("attendance:record") == [
        (clinic.clara.id, "treatment_session", None, sorted([clinic.ana.id, clinic.ben.id]), "done")
    ]


async def test_sending_it_again_changes_nothing(evening: Evening, psql: psycopg.Connection) -> None:
    items = [item(evening.clinic.ana, revision=0), item(evening.clinic.ben, status="unexcused", revision=0)]
    first, again = await put(evening, *items), await put(evening, *items, clock="21:31")
    assert (first.status_code, again.status_code) == (200, 200)
    assert [each["changed"] for each in again.json()["items"]] == [False, False]
    assert [each["revision"] for each in again.json()["items"]] == [1, 1]
    corrected = await put(evening, items[0], item(evening.clinic.ben, status="excused"), clock="21:32")
    assert [each["changed"] for each in corrected.json()["items"]] == [False, True]
    (entries,) = psql.execute(
        "select count(*) from attendance_entry where session_id = %s", [evening.id]
    ).fetchall()
    assert entries == (3,)


async def test_one_line_that_cannot_be_has_all_refused_and_every_one_is_named(
    evening: Evening, nora: Person
) -> None:
    clinic = evening.clinic
    reply = await put(
        evening,
        item(clinic.ana),
        item(clinic.ben, arrived_at=local("23:00")),
        item(clinic.ana, status="excused"),
        item(clinic.ivan),
        {"patient_id": str(uuid7())},
    )
    assert reply.status_code == 422
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == [
        ("/items/2/patient_id", "twice"),
        ("/items/3/patient_id", "unknown_patient"),
        ("/items/4/patient_id", "unknown_patient"),
        ("/items/1/arrived_at", "not_in_session"),
    ]
    assert evening.known() is None


async def test_what_was_changed_meanwhile_is_named_and_nothing_is_written(evening: Evening) -> None:
    clinic = evening.clinic
    await evening.write("18:10", of=clinic.ben, status="unexcused")
    reply = await put(evening, item(clinic.ana, revision=0), item(clinic.ben, revision=0))
    assert (reply.status_code, reply.json()["code"]) == (409, "attendance_changed")
    assert reply.json()["stale"] == [1]
    assert evening.known() is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"items": []}, "/items"),
        ({"items": [{"patient_id": str(uuid7())}] * 101}, "/items"),
        ({"items": [{}]}, "/items/0/patient_id"),
        ({"items": [{"patient_id": "ana"}]}, "/items/0/patient_id"),
        ({"items": [{"patient_id": str(uuid7()), "status": "there"}]}, "/items/0/status"),
        ({}, "/items"),
    ],
)
async def test_a_body_that_is_none(evening: Evening, body: dict[str, Any], pointer: str) -> None:
    reply = await evening.ask("PUT", evening.roster(), evening.clinic.clara, "21:30", body)
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]


async def test_two_who_write_the_same_roster_at_once_make_one_of_it(evening: Evening) -> None:
    clinic = evening.clinic
    people = [
        await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, "walk-in")
        for _ in range(8)
    ]
    for each in people:
        await each.client.aclose()
    items = [item(each) for each in (clinic.ana, clinic.ben, *people)]
    orders = (items, items[::-1], items[3:] + items[:3])
    async with at(clinic, clinic.clara, moment("21:30")) as clara:
        sent = (clara.put(evening.roster(), json={"items": each}) for each in orders)
        replies = await asyncio.gather(*sent)
    assert [each.status_code for each in replies] == [200] * 3, [each.text for each in replies]
    changed = [line["changed"] for reply in replies for line in reply.json()["items"]]
    assert changed.count(True) == len(items)
    assert evening.known() == ("attended", 180, 1)


async def test_a_wrong_code_alone_puts_nobody_on_the_roster(evening: Evening) -> None:
    clinic = evening.clinic
    other = await Evening.planned(clinic, evening.psql, clinic.ben)
    assert (await other.arrive("18:00", code="000000")).status_code == 422
    seats = (await other.ask("GET", other.roster(), clinic.clara, "21:30")).json()["items"]
    assert [each["patient_id"] for each in seats] == [str(clinic.ben.id)]


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    sent = {"items": [item(clinic.ana)]}
    for person, reads, writes in (
        (clinic.dmitri, 404, 404), (nora, 404, 404), (clinic.ivan, 404, 404), (clinic.ana, 200, 403),
        (clinic.olga, 403, 403), (clinic.adele, 403, 403), (clinic.sam, 200, 200),
    ):  # fmt: skip
        assert (await evening.ask("GET", evening.roster(), person, "21:30")).status_code == reads
        assert (await evening.ask("PUT", evening.roster(), person, "21:30", sent)).status_code == writes
    assert (await clinic.nobody.get(evening.roster())).status_code == 401
    assert (await clinic.nobody.put(evening.roster(), json=sent)).status_code == 401
