"""POST and GET /v1/patients/{id}/enrollments."""

import asyncio
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.api.test_add_patient import patient
from tests.api.test_add_program import program
from tests.api.test_add_staff_member import access_version
from tests.people import Clinic, add_person


def path(id: object) -> str:
    return f"/v1/patients/{id}/enrollments"


def stay(program_id: object, **members: Any) -> dict[str, Any]:
    return {"program_id": str(program_id), "starts_on": "2026-11-23", **members}


async def admitted(clinic: Clinic) -> str:
    """A patient without a stay."""
    new: str = (await clinic.adele.client.post("/v1/patients", json=patient())).json()["id"]
    return new


async def test_a_stay_begins_and_staff_see_the_patient(clinic: Clinic, psql: psycopg.Connection) -> None:
    nuria = await admitted(clinic)
    assert (await clinic.clara.client.get(f"/v1/patients/{nuria}")).status_code == 404
    before = access_version(clinic, psql)
    reply = await clinic.adele.client.post(path(nuria), json=stay(clinic.program_id))
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert (kept["patient_id"], kept["status"], kept["ends_on"]) == (nuria, "active", None)
    assert (await clinic.clara.client.get(f"/v1/patients/{nuria}")).status_code == 200
    assert access_version(clinic, psql) == before + 1
    trail = psql.execute("select action, patient_id from audit_entry where resource_id = %s", [kept["id"]])
    assert [(action, str(of)) for action, of in trail] == [("enrollment:manage", nuria)]


async def test_one_running_stay_at_a_time(clinic: Clinic) -> None:
    reply = await clinic.sam.client.post(path(clinic.ana.id), json=stay(clinic.program_id))
    assert (reply.status_code, reply.json()["code"]) == (409, "already_enrolled")


async def test_two_at_once_are_one_stay(clinic: Clinic, psql: psycopg.Connection) -> None:
    nuria = await admitted(clinic)
    with psql.transaction():  # both have looked for a running stay before either can write one
        psql.execute("select 1 from program where id = %s for update", [clinic.program_id])
        requests = [
            asyncio.create_task(clinic.adele.client.post(path(nuria), json=stay(clinic.program_id)))
            for _ in range(2)
        ]
        await asyncio.sleep(0.5)
    replies = await asyncio.gather(*requests)
    assert sorted(reply.status_code for reply in replies) == [201, 409]


async def test_the_same_id_and_content_is_the_same_stay(clinic: Clinic) -> None:
    nuria = await admitted(clinic)
    body = stay(clinic.program_id, id=str(uuid7()))
    first = await clinic.adele.client.post(path(nuria), json=body)
    again = await clinic.adele.client.post(path(nuria), json=body)
    other = await clinic.adele.client.post(path(nuria), json=body | {"starts_on": "2026-11-22"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert other.json()["code"] == "id_taken"


async def test_the_same_id_for_another_patient_is_a_conflict(clinic: Clinic) -> None:
    body = stay(clinic.program_id, id=str(uuid7()))
    one, two = await admitted(clinic), await admitted(clinic)
    assert (await clinic.adele.client.post(path(one), json=body)).status_code == 201
    assert (await clinic.adele.client.post(path(two), json=body)).status_code == 409


@pytest.mark.parametrize("of", ["nobody", "lakeside"])
async def test_a_program_that_there_is_not_is_named(clinic: Clinic, of: str) -> None:
    nuria = await admitted(clinic)
    wrong = clinic.dmitri.program_id if of == "lakeside" else uuid7()
    reply = await clinic.adele.client.post(path(nuria), json=stay(wrong))
    assert reply.status_code == 422
    assert [fault["code"] for fault in reply.json()["errors"]] == ["unknown_program"]


async def test_a_supervisor_enrolls_in_no_program_but_their_own(clinic: Clinic) -> None:
    other = (await clinic.adele.client.post("/v1/programs", json=program())).json()["id"]
    (running,) = (await clinic.sam.client.get(path(clinic.ana.id))).json()["items"]
    ended = await clinic.sam.client.patch(
        f"/v1/enrollments/{running['id']}", json={"status": "completed"}, headers={"If-Match": '"1"'}
    )
    assert ended.status_code == 200
    reply = await clinic.sam.client.post(path(clinic.ana.id), json=stay(other))
    assert [fault["code"] for fault in reply.json()["errors"]] == ["not_your_program"]


@pytest.mark.parametrize(
    ("who", "status"), [("ana", 403), ("ben", 404), ("clara", 403), ("olga", 403), ("dmitri", 404)]
)
async def test_who_may_not_enroll(clinic: Clinic, who: str, status: int) -> None:
    reply = await getattr(clinic, who).client.post(path(clinic.ana.id), json=stay(clinic.program_id))
    assert reply.status_code == status


async def test_another_organizations_patient_does_not_exist(clinic: Clinic) -> None:
    reply = await clinic.adele.client.post(path(clinic.ivan.id), json=stay(clinic.program_id))
    assert reply.status_code == 404
    lakeside, other = clinic.dmitri.organization_id, clinic.dmitri.program_id
    boris = await add_person(clinic.app, lakeside, other, Role.SUPERVISOR, "boris")
    async with boris.client:
        reply = await boris.client.post(path(clinic.ana.id), json=stay(clinic.dmitri.program_id))
    assert reply.status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("ana", 200),
        ("ben", 404),
        ("clara", 200),
        ("sam", 200),
        ("adele", 200),
        ("olga", 403),
        ("dmitri", 404),
    ],
)
async def test_stays_are_listed_to_those_who_may(clinic: Clinic, who: str, status: int) -> None:
    reply = await getattr(clinic, who).client.get(path(clinic.ana.id))
    assert reply.status_code == status
    if status == 200:
        assert [each["program_id"] for each in reply.json()["items"]] == [str(clinic.program_id)]


async def test_a_listing_leaves_an_audit_row(clinic: Clinic, psql: psycopg.Connection) -> None:
    assert (await clinic.ana.client.get(path("me"))).status_code == 200
    trail = psql.execute("select action, patient_id from audit_entry where actor_id = %s", [clinic.ana.id])
    assert trail.fetchall() == [("enrollment:read", clinic.ana.id)]
