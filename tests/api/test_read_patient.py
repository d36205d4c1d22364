"""GET /v1/patients/{id}."""

import psycopg
import pytest

from tests.people import Clinic


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "adele", "olga"])
async def test_who_may_see_ana_does(clinic: Clinic, psql: psycopg.Connection, who: str) -> None:
    person = getattr(clinic, who)
    reply = await person.client.get(f"/v1/patients/{clinic.ana.id}")
    assert reply.status_code == 200
    assert reply.headers["etag"] == '"1"'
    assert reply.json()["given_name"] == "ana"
    trail = psql.execute(
        "select action, patient_id from audit_entry where actor_id = %s", [person.id]
    ).fetchall()
    assert trail == [("patient:read", clinic.ana.id)]


async def test_me_is_the_caller(clinic: Clinic) -> None:
    assert (await clinic.ana.client.get("/v1/patients/me")).json()["id"] == str(clinic.ana.id)
    assert (await clinic.clara.client.get("/v1/patients/me")).status_code == 404


@pytest.mark.parametrize(("who", "status"), [("ben", 404), ("dmitri", 404), ("ivan", 404), ("nobody", 401)])
async def test_for_others_ana_does_not_exist(clinic: Clinic, who: str, status: int) -> None:
    person = getattr(clinic, who)
    client = person if who == "nobody" else person.client
    assert (await client.get(f"/v1/patients/{clinic.ana.id}")).status_code == status


async def test_an_id_that_is_none_is_named_without_its_value(clinic: Clinic) -> None:
    reply = await clinic.clara.client.get("/v1/patients/not-an-id")
    assert reply.status_code == 422
    assert "not-an-id" not in reply.text
