"""GET /v1/staff and GET /v1/staff/{id}."""

import psycopg
import pytest

from tests.people import Clinic

PATH = "/v1/staff"


@pytest.mark.parametrize("who", ["clara", "sam", "adele", "olga"])
async def test_colleagues_see_each_other(clinic: Clinic, psql: psycopg.Connection, who: str) -> None:
    person = getattr(clinic, who)
    items = (await person.client.get(PATH)).json()["items"]
    assert {each["name"] for each in items} == {"clara", "sam", "adele", "olga"}
    assert {each["name"]: each["program_ids"] for each in items}["clara"] == [str(clinic.program_id)]
    trail = psql.execute("select action from audit_entry where actor_id = %s", [person.id]).fetchall()
    assert trail == [("staff:read",)]


async def test_pages_follow_each_other(clinic: Clinic) -> None:
    first = (await clinic.sam.client.get(PATH, params={"limit": 3})).json()
    second = (await clinic.sam.client.get(PATH, params={"cursor": first["next_cursor"]})).json()
    assert len(first["items"]) == 3
    assert len(second["items"]) == 1
    assert second["next_cursor"] is None


async def test_patients_do_not_list_staff(clinic: Clinic) -> None:
    assert (await clinic.ana.client.get(PATH)).status_code == 403
    assert (await clinic.ana.client.get(f"{PATH}/{clinic.clara.id}")).status_code == 403


async def test_another_organizations_staff_do_not_exist(clinic: Clinic) -> None:
    assert (await clinic.dmitri.client.get(f"{PATH}/{clinic.clara.id}")).status_code == 404
    items = (await clinic.dmitri.client.get(PATH)).json()["items"]
    assert [each["name"] for each in items] == ["dmitri"]
