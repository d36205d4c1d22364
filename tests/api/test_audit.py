"""Who did what with whose data: one row for each write, each read and each refusal."""

import asyncio
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.people import Clinic, Person

CHECK_IN = {
    "occurred_at": "2026-11-23T08:00:00-05:00",
    "time_zone": "America/New_York",
    "answers": {"craving": 9, "feels_safe": False},
}


def trail(psql: psycopg.Connection, person: Person) -> list[tuple[str, str, UUID | None, str]]:
    return psql.execute(
        "select action, resource, patient_id, outcome from audit_entry where actor_id = %s order by id",
        [person.id],
    ).fetchall()


async def test_a_submitted_check_in_leaves_one_row(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = {"id": str(uuid7()), **CHECK_IN}
    await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    assert trail(psql, clinic.ana) == [("check_in:submit", "check_in", clinic.ana.id, "done")]
    await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    rows = trail(psql, clinic.ana)
    assert len(rows) == 2, "the same again is another access, and no second check-in"


async def test_every_read_of_a_person_leaves_one_row(clinic: Clinic, psql: psycopg.Connection) -> None:
    ana = clinic.ana.id
    for path in (f"/v1/patients/{ana}", f"/v1/patients/{ana}/check-ins", f"/v1/patients/{ana}/assessments"):
        assert (await clinic.clara.client.get(path)).status_code == 200, path
    assert [row[:1] + row[2:] for row in trail(psql, clinic.clara)] == [
        ("patient:read", ana, "done"),
        ("check_in:read", ana, "done"),
        ("assessment:read", ana, "done"),
    ]


@pytest.mark.parametrize("path", ["/v1/alerts", "/v1/caseload", "/v1/patients"])
async def test_a_list_names_everybody_it_disclosed(
    clinic: Clinic, psql: psycopg.Connection, path: str
) -> None:
    body = {"id": str(uuid7()), **CHECK_IN}
    await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    await clinic.clara.client.get(path)
    rows = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s", [clinic.clara.id]
    ).fetchall()
    assert len(rows) == 1 and clinic.ana.id in rows[0][0]


async def test_a_refusal_is_kept_although_the_request_was_rolled_back(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    assert (await clinic.dmitri.client.get(f"/v1/patients/{clinic.ana.id}")).status_code == 404
    assert (await clinic.olga.client.get("/v1/alerts")).status_code == 403
    assert [(row[0], row[3]) for row in trail(psql, clinic.dmitri)] == [("patient:read", "refused")]
    assert [(row[0], row[3]) for row in trail(psql, clinic.olga)] == [("alert:read", "refused")]


async def test_what_failed_leaves_no_row_that_says_it_was_done(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    unknown = {"id": str(uuid7()), **CHECK_IN, "answers": {"no_such_question": 3}}
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=unknown)
    assert reply.status_code == 422
    await asyncio.sleep(0)
    assert trail(psql, clinic.ana) == []
