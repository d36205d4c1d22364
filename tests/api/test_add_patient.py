"""POST /v1/patients."""

import asyncio
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.people import Clinic, add_person

PATH = "/v1/patients"


def patient(**members: Any) -> dict[str, Any]:
    return {
        "given_name": "Núria",
        "family_name": "O'Example",
        "born_on": "1991-04-02",
        "sex": "female",
        "phone": "+1 212 555 0101",
        "locale": "es",
        "time_zone": "America/New_York",
        **members,
    }


def stay(clinic: Clinic, **members: Any) -> dict[str, Any]:
    return {"program_id": str(clinic.program_id), "starts_on": "2026-11-23", **members}


async def test_a_supervisor_admits_a_patient_into_their_program(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = patient()
    reply = await clinic.sam.client.post(PATH, json=body | {"enrollment": stay(clinic)})
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert {name: kept[name] for name in body} == body
    assert reply.headers["etag"] == '"1"'
    assert (await clinic.clara.client.get(f"{PATH}/{kept['id']}")).json() == kept
    stays = (await clinic.sam.client.get(f"{PATH}/{kept['id']}/enrollments")).json()["items"]
    assert [(each["status"], each["starts_on"]) for each in stays] == [("active", "2026-11-23")]
    trail = psql.execute(
        "select action, actor_id from audit_entry where patient_id = %s order by at, action", [kept["id"]]
    ).fetchall()
    assert trail[:2] == [("enrollment:manage", clinic.sam.id), ("patient:manage", clinic.sam.id)]


async def test_an_administrator_may_leave_the_stay_for_later(clinic: Clinic) -> None:
    reply = await clinic.adele.client.post(PATH, json=patient(born_on=None, sex=None, phone=None))
    assert reply.status_code == 201
    path = f"{PATH}/{reply.json()['id']}"
    assert (await clinic.clara.client.get(path)).status_code == 404
    assert (await clinic.sam.client.get(path)).status_code == 200, "supervisors see whom nobody else would"


async def test_a_supervisor_admits_into_a_program(clinic: Clinic) -> None:
    reply = await clinic.sam.client.post(PATH, json=patient())
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/enrollment"]


async def test_a_supervisor_admits_into_no_program_but_their_own(clinic: Clinic) -> None:
    stranger = await add_person(
        clinic.app, clinic.organization_id, clinic.program_id, Role.SUPERVISOR, "stella"
    )
    version = {"If-Match": '"1"'}
    await clinic.adele.client.patch(f"/v1/staff/{stranger.id}", json={"program_ids": []}, headers=version)
    body = patient(enrollment=stay(clinic))
    async with stranger.client:
        reply = await stranger.client.post(PATH, json=body)
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/enrollment/program_id"]


async def test_another_organizations_program_does_not_exist(clinic: Clinic, psql: psycopg.Connection) -> None:
    wanted = str(uuid7())
    body = patient(id=wanted, enrollment=stay(clinic, program_id=str(clinic.dmitri.program_id)))
    assert (await clinic.adele.client.post(PATH, json=body)).status_code == 422
    assert psql.execute("select count(*) from patient where id = %s", [wanted]).fetchone() == (0,)


async def test_the_same_id_and_content_is_the_same_patient(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = patient(id=str(uuid7()), enrollment=stay(clinic))
    first = await clinic.sam.client.post(PATH, json=body)
    again = await clinic.sam.client.post(PATH, json=body)
    other = await clinic.sam.client.post(PATH, json=body | {"given_name": "Nora"})
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    stays = psql.execute("select count(*) from enrollment where patient_id = %s", [body["id"]]).fetchone()
    assert stays == (1,)


async def test_the_first_result_stands_after_a_change(clinic: Clinic) -> None:
    body = patient(id=str(uuid7()), enrollment=stay(clinic))
    first = await clinic.sam.client.post(PATH, json=body)
    await clinic.sam.client.patch(
        f"{PATH}/{body['id']}", json={"given_name": "Nora"}, headers={"If-Match": '"1"'}
    )
    again = await clinic.sam.client.post(PATH, json=body)
    assert (again.status_code, again.json()) == (200, first.json())


async def test_two_at_once_with_one_id_are_one_patient(clinic: Clinic) -> None:
    body = patient(id=str(uuid7()), enrollment=stay(clinic))
    replies = await asyncio.gather(*(clinic.sam.client.post(PATH, json=body) for _ in range(5)))
    assert sorted(reply.status_code for reply in replies) == [200, 200, 200, 200, 201]
    assert len({reply.text for reply in replies}) == 1


async def test_an_id_of_somebody_elses_making_is_taken(clinic: Clinic) -> None:
    body = patient(id=str(uuid7()), enrollment=stay(clinic))
    await clinic.sam.client.post(PATH, json=body)
    reply = await clinic.adele.client.post(PATH, json=body)
    assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")
    assert "O'Example" not in reply.text


async def test_an_id_of_another_organization_is_free(clinic: Clinic) -> None:
    reply = await clinic.adele.client.post(PATH, json=patient(id=str(clinic.ivan.id)))
    assert reply.status_code == 201


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"given_name": ""}, "/given_name"),
        ({"family_name": "x" * 201}, "/family_name"),
        ({"born_on": "2999-01-01"}, "/born_on"),
        ({"born_on": "2199-01-01"}, "/born_on"),
        ({"born_on": "2026-02-30"}, "/born_on"),
        ({"sex": "other"}, "/sex"),
        ({"time_zone": "EST5EDT6"}, "/time_zone"),
        ({"enrollment": {"starts_on": "2026-11-23"}}, "/enrollment/program_id"),
        ({"diagnosis": "F10.20"}, ""),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, members: dict[str, Any], pointer: str) -> None:
    reply = await clinic.adele.client.post(PATH, json=patient(**members))
    assert reply.status_code == 422, reply.text
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]


@pytest.mark.parametrize("who", ["ana", "clara", "olga", "dmitri"])
async def test_a_role_that_admits_nobody_is_refused(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.post(PATH, json=patient(enrollment=stay(clinic)))
    assert reply.status_code == 403
