"""POST /v1/session-series/{id}/places by fifty clients at once: nobody gets what is somebody else's."""

import asyncio

import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from tests.api.scheduling import PATH, added, patients, places, took
from tests.people import Clinic, Person

CLIENTS = 50


@pytest.fixture
async def made(clinic: Clinic) -> dict[str, str]:
    """A group for six, of whom five are there."""
    made = await added(clinic, capacity=6)
    for person in await patients(clinic, 5):
        await took(clinic, made, person)
    return made


async def ask(person: Person, made: dict[str, str]) -> Response:
    body = {"id": str(uuid7())}
    async with person.client as client:
        return await client.post(f"{PATH}/{made['id']}/places", json=body)


async def test_one_of_fifty_gets_the_last_place(clinic: Clinic, made: dict[str, str]) -> None:
    people = await patients(clinic, CLIENTS)
    replies = await asyncio.gather(*(ask(person, made) for person in people))
    assert [each.status_code for each in replies] == [201] * CLIENTS
    told = [(each.json()["status"], each.json()["position"]) for each in replies]
    assert sorted(position for status, position in told if status == "waiting") == list(range(1, CLIENTS))
    assert [each for each in told if each[0] == "placed"] == [("placed", None)]
    # What each was told is so.
    standing = {(patient_id, status, number) for patient_id, status, number in await places(clinic, made)}
    assert {(each.json()["patient_id"], *told) for each, told in zip(replies, told, strict=True)} < standing
    assert len(standing) == CLIENTS + 5


async def test_fifty_who_leave_and_ask_at_once_leave_nobody_out_and_nobody_twice(
    clinic: Clinic, made: dict[str, str]
) -> None:
    people = await patients(clinic, 20)
    taken = [(await took(clinic, made, person))["id"] for person in people[:10]]
    leaving = [
        person.client.delete(f"{PATH}/{made['id']}/places/{place_id}")
        for person, place_id in zip(people[:10], taken, strict=True)
    ]
    asking = [person.client.post(f"{PATH}/{made['id']}/places", json={}) for person in people[10:]]
    replies = await asyncio.gather(*leaving, *asking)
    assert [each.status_code for each in replies] == [204] * 10 + [201] * 10
    standing = await places(clinic, made)
    assert [status for _, status, _ in standing] == ["placed"] * 6 + ["waiting"] * 9
    assert [position for _, _, position in standing[6:]] == list(range(1, 10))
    assert {patient_id for patient_id, _, _ in standing[5:]} == {str(each.id) for each in people[10:]}
