"""PATCH /v1/staff/{id}."""

import asyncio

import psycopg
import pytest

from app.access import Role
from tests.api.test_add_program import program
from tests.api.test_add_staff_member import access_version
from tests.people import Clinic, add_person

FIRST = {"If-Match": '"1"'}


def path(clinic: Clinic, who: str = "clara") -> str:
    return f"/v1/staff/{getattr(clinic, who).id}"


async def test_who_leaves_a_program_does_not_see_its_patients(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    ana = f"/v1/patients/{clinic.ana.id}"
    assert (await clinic.clara.client.get(ana)).status_code == 200
    before = access_version(clinic, psql)
    reply = await clinic.adele.client.patch(path(clinic), json={"program_ids": []}, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert reply.json()["program_ids"] == []
    assert reply.headers["etag"] == '"2"'
    assert (await clinic.clara.client.get(ana)).status_code == 404
    assert access_version(clinic, psql) == before + 1


async def test_programs_are_replaced_as_a_whole(clinic: Clinic) -> None:
    new = (await clinic.adele.client.post("/v1/programs", json=program())).json()["id"]
    both = [str(clinic.program_id), new]
    reply = await clinic.adele.client.patch(path(clinic), json={"program_ids": [*both, new]}, headers=FIRST)
    assert reply.json()["program_ids"] == both
    reply = await clinic.adele.client.patch(
        path(clinic), json={"program_ids": [new]}, headers={"If-Match": '"2"'}
    )
    assert reply.json()["program_ids"] == [new]
    assert reply.json()["row_version"] == 3


async def test_who_left_is_kept_and_marked(clinic: Clinic) -> None:
    changes = {"active": False, "email": None, "name": "Clara Gone"}
    reply = await clinic.adele.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 200
    assert {name: reply.json()[name] for name in changes} == changes
    assert reply.json()["role"] == "counselor"


async def test_a_change_needs_the_version_that_was_read(clinic: Clinic) -> None:
    send = clinic.adele.client.patch
    assert (await send(path(clinic), json={"name": "A"})).status_code == 428
    assert (await send(path(clinic), json={"name": "A"}, headers={"If-Match": '"7"'})).status_code == 412


@pytest.mark.parametrize("changes", [{"active": False}, {"role": "supervisor"}])
async def test_the_last_administrator_stays(clinic: Clinic, changes: dict[str, object]) -> None:
    reply = await clinic.adele.client.patch(path(clinic, "adele"), json=changes, headers=FIRST)
    assert (reply.status_code, reply.json()["code"]) == (409, "last_administrator")


async def test_two_administrators_cannot_remove_each_other_at_once(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    agnes = await add_person(
        clinic.app, clinic.organization_id, clinic.program_id, Role.ADMINISTRATOR, "agnes"
    )
    async with agnes.client:
        with psql.transaction():  # both have counted the administrators before either can leave
            psql.execute(
                "select 1 from staff_member where id = any(%s) for update", [[clinic.adele.id, agnes.id]]
            )
            requests = [
                asyncio.create_task(client.patch(f"/v1/staff/{of}", json={"active": False}, headers=FIRST))
                for client, of in ((clinic.adele.client, agnes.id), (agnes.client, clinic.adele.id))
            ]
            await asyncio.sleep(0.5)
        replies = await asyncio.gather(*requests)
    assert sorted(reply.status_code for reply in replies) == [200, 409]
    left = psql.execute(
        "select count(*) from staff_member where organization_id = %s and role = 'administrator' and active",
        [clinic.organization_id],
    ).fetchone()
    assert left == (1,)


async def test_a_program_that_there_is_not_changes_nothing(clinic: Clinic) -> None:
    changes = {"program_ids": [str(clinic.dmitri.program_id)]}
    reply = await clinic.adele.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 422
    assert (await clinic.adele.client.get(path(clinic))).headers["etag"] == '"1"'


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "olga", "dmitri"])
async def test_only_an_administrator_may(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.patch(
        path(clinic), json={"role": "administrator"}, headers=FIRST
    )
    assert reply.status_code == (404 if who == "dmitri" else 403)


async def test_another_organizations_staff_do_not_exist(clinic: Clinic) -> None:
    reply = await clinic.adele.client.patch(path(clinic, "dmitri"), json={"active": False}, headers=FIRST)
    assert reply.status_code == 404
