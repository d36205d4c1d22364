"""`Idempotency-Key`: a POST without an id of the client's own changes something once."""

import asyncio

import psycopg
import pytest

from tests.api.test_add_program import program
from tests.api.test_add_staff_member import staff_member
from tests.people import Clinic

PATH = "/v1/programs"
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


def programs_of(clinic: Clinic, psql: psycopg.Connection) -> int:
    query = "select count(*) from program where organization_id = %s"
    row = psql.execute(query, [clinic.organization_id]).fetchone()
    assert row is not None
    return int(row[0])


async def test_the_same_request_again_gets_the_first_answer(clinic: Clinic, psql: psycopg.Connection) -> None:
    first = await clinic.adele.client.post(PATH, json=program(), headers=KEY)
    again = await clinic.adele.client.post(PATH, json=program(), headers=KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert programs_of(clinic, psql) == 2


async def test_without_a_key_each_request_counts(clinic: Clinic, psql: psycopg.Connection) -> None:
    for _ in range(2):
        assert (await clinic.adele.client.post(PATH, json=program())).status_code == 201
    assert programs_of(clinic, psql) == 3


async def test_several_at_once_change_something_once(clinic: Clinic, psql: psycopg.Connection) -> None:
    replies = await asyncio.gather(
        *(clinic.adele.client.post(PATH, json=program(), headers=KEY) for _ in range(6))
    )
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert len({reply.text for reply in replies}) == 1
    assert programs_of(clinic, psql) == 2


async def test_a_key_goes_with_one_content_and_one_place(clinic: Clinic) -> None:
    await clinic.adele.client.post(PATH, json=program(), headers=KEY)
    other = await clinic.adele.client.post(PATH, json=program(name="Another"), headers=KEY)
    elsewhere = await clinic.adele.client.post("/v1/staff", json=staff_member(), headers=KEY)
    for reply in (other, elsewhere):
        assert (reply.status_code, reply.json()["code"]) == (409, "idempotency_key_reused")


async def test_a_refused_request_does_not_use_up_its_key(clinic: Clinic) -> None:
    refused = await clinic.adele.client.post(PATH, json=program(minimum_weekly_hours=20), headers=KEY)
    assert refused.status_code == 422
    assert (await clinic.adele.client.post(PATH, json=program(), headers=KEY)).status_code == 201


async def test_a_key_is_its_callers_own(clinic: Clinic) -> None:
    body = staff_member(role="administrator")
    made = (await clinic.adele.client.post("/v1/staff", json=body, headers=KEY)).json()
    for person in (clinic.sam, clinic.dmitri):
        reply = await person.client.post("/v1/staff", json=body, headers=KEY)
        assert reply.status_code == 403
        assert made["id"] not in reply.text


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "two words", "é"])
async def test_a_key_that_is_none_is_refused(clinic: Clinic, key: str) -> None:
    reply = await clinic.adele.client.post(
        PATH, json=program(), headers={b"Idempotency-Key": key.encode("latin-1")}
    )
    assert reply.status_code == 422
