"""PUT and GET /v1/patients/{id}/care-team."""

import asyncio
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.api.test_add_staff_member import access_version
from tests.people import Clinic, Person


def path(clinic: Clinic) -> str:
    return f"/v1/patients/{clinic.ana.id}/care-team"


def entry(who: Person, function: str = "primary_counselor") -> dict[str, Any]:
    return {"staff_member_id": str(who.id), "function": function}


def functions(team: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["function"] for each in team["items"]}


async def test_the_list_is_the_whole_team(clinic: Clinic, psql: psycopg.Connection) -> None:
    before = access_version(clinic, psql)
    team = [entry(clinic.clara), entry(clinic.sam, "therapist")]
    reply = await clinic.sam.client.put(path(clinic), json=team)
    assert reply.status_code == 200, reply.text
    assert functions(reply.json()) == {"clara": "primary_counselor", "sam": "therapist"}
    assert access_version(clinic, psql) == before + 1
    reply = await clinic.sam.client.put(path(clinic), json=[])
    assert reply.json() == {"items": []}
    trail = psql.execute(
        "select action, patient_id from audit_entry where actor_id = %s", [clinic.sam.id]
    ).fetchall()
    assert trail == [("care_team:manage", clinic.ana.id)] * 2


async def test_the_primary_changes_hands_in_one_go(clinic: Clinic) -> None:
    await clinic.sam.client.put(path(clinic), json=[entry(clinic.clara), entry(clinic.sam, "therapist")])
    swapped = [entry(clinic.sam), entry(clinic.clara, "therapist")]
    reply = await clinic.sam.client.put(path(clinic), json=swapped)
    assert reply.status_code == 200
    assert functions(reply.json()) == {"sam": "primary_counselor", "clara": "therapist"}


async def test_who_stays_keeps_the_date_since_when(clinic: Clinic) -> None:
    before = (await clinic.sam.client.get(path(clinic))).json()["items"]
    team = [entry(clinic.clara), entry(clinic.sam, "therapist")]
    after = (await clinic.sam.client.put(path(clinic), json=team)).json()["items"]
    assert [each["since"] for each in after if each["name"] == "clara"] == [before[0]["since"]]


async def test_two_at_once_leave_one_primary(clinic: Clinic) -> None:
    replies = await asyncio.gather(
        *(clinic.sam.client.put(path(clinic), json=[entry(who)]) for who in (clinic.clara, clinic.sam) * 3)
    )
    assert {reply.status_code for reply in replies} == {200}
    assert len((await clinic.sam.client.get(path(clinic))).json()["items"]) == 1


async def test_what_does_not_fit_is_named(clinic: Clinic) -> None:
    async def pointers(*team: dict[str, Any]) -> list[str]:
        reply = await clinic.sam.client.put(path(clinic), json=list(team))
        assert reply.status_code == 422, reply.text
        return [fault["pointer"] for fault in reply.json()["errors"]]

    assert await pointers(entry(clinic.clara), entry(clinic.sam)) == ["/1/function"]
    assert await pointers(entry(clinic.sam), entry(clinic.sam, "therapist")) == ["/1/staff_member_id"]
    assert await pointers(entry(clinic.dmitri)) == ["/0/staff_member_id"]
    assert await pointers(entry(clinic.clara, "friend")) == ["/0/function"]
    assert await pointers({"staff_member_id": str(uuid7()), "function": "therapist"}) == [
        "/0/staff_member_id"
    ]
    assert functions((await clinic.sam.client.get(path(clinic))).json()) == {"clara": "primary_counselor"}


@pytest.mark.parametrize("changes", [{"active": False}, {"program_ids": []}])
async def test_who_does_not_work_with_the_patient_is_on_no_team(
    clinic: Clinic, changes: dict[str, Any]
) -> None:
    await clinic.adele.client.patch(f"/v1/staff/{clinic.clara.id}", json=changes, headers={"If-Match": '"1"'})
    reply = await clinic.sam.client.put(path(clinic), json=[entry(clinic.clara)])
    assert [fault["code"] for fault in reply.json()["errors"]] == ["not_in_care"]


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "adele"])
async def test_the_team_is_read_by_those_concerned(
    clinic: Clinic, psql: psycopg.Connection, who: str
) -> None:
    person = getattr(clinic, who)
    reply = await person.client.get(path(clinic))
    assert reply.status_code == 200
    (member,) = reply.json()["items"]
    assert (member["name"], member["role"], member["active"]) == ("clara", "counselor", True)
    trail = psql.execute("select action, patient_id from audit_entry where actor_id = %s", [person.id])
    assert trail.fetchall() == [("care_team:read", clinic.ana.id)]


@pytest.mark.parametrize(("who", "reads"), [("ben", 404), ("dmitri", 404), ("olga", 403)])
async def test_for_others_there_is_no_team(clinic: Clinic, who: str, reads: int) -> None:
    client = getattr(clinic, who).client
    assert (await client.get(path(clinic))).status_code == reads
    assert (await client.put(path(clinic), json=[])).status_code in {403, 404}
    assert functions((await clinic.sam.client.get(path(clinic))).json()) == {"clara": "primary_counselor"}


@pytest.mark.parametrize("who", ["ana", "clara"])
async def test_the_team_does_not_choose_itself(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.put(path(clinic), json=[entry(clinic.sam)])
    assert reply.status_code == 403
