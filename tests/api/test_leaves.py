"""Leaves of absence: PATCH /v1/enrollments/{id}, POST and DELETE /v1/enrollments/{id}/leaves."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.api.test_add_staff_member import access_version
from tests.moments import at
from tests.people import Clinic, add_person

# In New York the evening of the 22nd.
MOMENT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
WEEK = {"from": "2026-12-21", "back_on": "2026-12-28"}
SOON = {"from": "2027-12-20", "back_on": "2027-12-27"}  # ahead of the clock of those who ask without `at`


async def stay_of(clinic: Clinic, moment: datetime = MOMENT) -> dict[str, Any]:
    async with at(clinic, clinic.sam, moment) as client:
        items = (await client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    stay: dict[str, Any] = items[0]
    return stay


async def patch(clinic: Clinic, moment: datetime = MOMENT, **changes: Any) -> Any:
    stay = await stay_of(clinic, moment)
    async with at(clinic, clinic.sam, moment) as client:
        headers = {"If-Match": f'"{stay["row_version"]}"'}
        return await client.patch(f"/v1/enrollments/{stay['id']}", json=changes, headers=headers)


async def add(clinic: Clinic, moment: datetime = MOMENT, **body: Any) -> Any:
    stay = await stay_of(clinic, moment)
    async with at(clinic, clinic.sam, moment) as client:
        return await client.post(f"/v1/enrollments/{stay['id']}/leaves", json=body)


async def end(clinic: Clinic, leave_id: str, moment: datetime = MOMENT) -> int:
    stay = await stay_of(clinic, moment)
    async with at(clinic, clinic.sam, moment) as client:
        return (await client.delete(f"/v1/enrollments/{stay['id']}/leaves/{leave_id}")).status_code


async def times(clinic: Clinic, moment: datetime = MOMENT) -> list[tuple[str, str | None]]:
    return [(each["starts_at"], each["ends_at"]) for each in (await stay_of(clinic, moment))["leaves"]]


def looked_at(clinic: Clinic, psql: psycopg.Connection) -> datetime | None:
    """When ana's silence is to be looked at."""
    row = psql.execute("select absence_due_at from enrollment where patient_id = %s", [clinic.ana.id])
    found = row.fetchone()
    assert found is not None
    due: datetime | None = found[0]
    return due


def forget(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("update enrollment set absence_due_at = null where patient_id = %s", [clinic.ana.id])


async def test_a_leave_begins_and_ends_with_the_status(clinic: Clinic, psql: psycopg.Connection) -> None:
    reply = await patch(clinic, status="on_leave")
    assert reply.status_code == 200, reply.text
    assert [(each["starts_at"], each["ends_at"]) for each in reply.json()["leaves"]] == [
        ("2026-11-23T03:00:00Z", None)
    ]
    assert looked_at(clinic, psql) == MOMENT
    later = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    reply = await patch(clinic, later, status="active")
    assert reply.json()["status"] == "active"
    assert await times(clinic, later) == [("2026-11-23T03:00:00Z", "2026-11-25T09:30:00Z")]
    assert looked_at(clinic, psql) == later


async def test_a_leave_may_end_by_itself_in_the_morning_of_the_return(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await clinic.ana.client.patch(
        "/v1/patients/me", json={"time_zone": "America/Los_Angeles"}, headers={"If-Match": '"1"'}
    )
    assert (await patch(clinic, status="on_leave", back_on="2026-12-07")).status_code == 200
    assert await times(clinic) == [("2026-11-23T03:00:00Z", "2026-12-07T08:00:00Z")]
    # It is changed without a new leave, and given up, and the status says nothing of it meanwhile.
    assert (await patch(clinic, back_on="2026-12-01")).status_code == 200
    assert await times(clinic) == [("2026-11-23T03:00:00Z", "2026-12-01T08:00:00Z")]
    assert (await patch(clinic, back_on=None)).status_code == 200
    assert await times(clinic) == [("2026-11-23T03:00:00Z", None)]
    assert (await patch(clinic, status="on_leave")).status_code == 200
    assert len(await times(clinic)) == 1
    assert looked_at(clinic, psql) == MOMENT


async def test_on_leave_again_after_one_that_ended_by_itself_is_a_new_one(clinic: Clinic) -> None:
    await patch(clinic, status="on_leave", back_on="2026-11-24")
    later = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert (await stay_of(clinic, later))["status"] == "on_leave"
    assert (await patch(clinic, later, status="on_leave")).status_code == 200
    assert await times(clinic, later) == [
        ("2026-11-23T03:00:00Z", "2026-11-24T05:00:00Z"),
        ("2026-12-01T12:00:00Z", None),
    ]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"status": "on_leave", "back_on": "2026-11-22"}, "/back_on"),
        ({"status": "on_leave", "back_on": "2026-11-01"}, "/back_on"),
        ({"status": "active", "back_on": "2026-12-01"}, "/back_on"),
        ({"back_on": "2026-12-01"}, "/back_on"),
        ({"status": "completed", "back_on": "2026-12-01"}, "/back_on"),
        ({"status": "on_leave", "back_on": "tomorrow"}, "/back_on"),
    ],
)
async def test_a_return_that_does_not_fit_changes_nothing(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    reply = await patch(clinic, **changes)
    assert reply.status_code == 422, reply.text
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]
    assert await times(clinic) == []
    assert (await stay_of(clinic))["status"] == "active"


@pytest.mark.parametrize("status", ["completed", "discharged"])
async def test_the_end_of_a_stay_ends_its_leaves_and_the_watch(
    clinic: Clinic, psql: psycopg.Connection, status: str
) -> None:
    await patch(clinic, status="on_leave", back_on="2026-12-01")
    assert (await add(clinic, **WEEK)).status_code == 201
    later = datetime(2026, 11, 25, tzinfo=UTC)
    assert (await patch(clinic, later, status=status)).status_code == 200
    assert await times(clinic, later) == [("2026-11-23T03:00:00Z", "2026-11-25T00:00:00Z")]
    assert looked_at(clinic, psql) is None
    assert (await add(clinic, later, **WEEK)).json()["code"] == "stay_over"
    # One that goes on is looked at again, and nobody is on leave.
    assert (await patch(clinic, later, status="active")).status_code == 200
    assert looked_at(clinic, psql) == later
    assert len(await times(clinic, later)) == 1


async def test_a_leave_is_planned_in_the_patients_days(clinic: Clinic, psql: psycopg.Connection) -> None:
    forget(clinic, psql)
    before = access_version(clinic, psql)
    reply = await add(clinic, **WEEK)
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert (kept["starts_at"], kept["ends_at"]) == ("2026-12-21T05:00:00Z", "2026-12-28T05:00:00Z")
    stay = await stay_of(clinic)
    assert (stay["status"], stay["leaves"]) == ("active", [kept])
    assert looked_at(clinic, psql) == MOMENT
    assert access_version(clinic, psql) == before
    trail = psql.execute(
        "select action, resource, patient_id from audit_entry where resource_id = %s", [kept["id"]]
    ).fetchall()
    assert trail == [("enrollment:manage", "leave_of_absence", clinic.ana.id)]
    mine = (await clinic.ana.client.get("/v1/patients/me/enrollments")).json()["items"][0]
    assert mine["leaves"] == [kept], "a patient sees their own"


async def test_a_day_of_the_clock_change_begins_at_its_own_midnight(clinic: Clinic) -> None:
    autumn = datetime(2026, 10, 20, tzinfo=UTC)
    assert (await add(clinic, autumn, **{"from": "2026-11-01", "back_on": "2026-11-02"})).status_code == 201
    assert await times(clinic, autumn) == [("2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z")]


async def test_a_leave_that_was_taken_may_be_noted(clinic: Clinic) -> None:
    assert (await add(clinic, **{"from": "2026-11-16", "back_on": "2026-11-18"})).status_code == 201
    assert (await add(clinic, **{"from": "2026-11-20"})).json()["ends_at"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"from": "2026-01-04", "back_on": "2026-12-28"}, "/from"),
        ({"from": "2026-12-21", "back_on": "2026-12-21"}, "/back_on"),
        ({"from": "2026-12-21", "back_on": "2026-12-20"}, "/back_on"),
        ({"back_on": "2026-12-21"}, "/from"),
        ({"from": "soon"}, "/from"),
        ({"first_day": "2026-12-21", "from": "2026-12-21"}, ""),
    ],
)
async def test_a_leave_that_does_not_fit_is_refused(
    clinic: Clinic, body: dict[str, Any], pointer: str
) -> None:
    reply = await add(clinic, **body)
    assert reply.status_code == 422, reply.text
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("days", "free"),
    [
        (("2026-12-14", "2026-12-21"), True),
        (("2026-12-28", "2027-01-02"), True),
        (("2026-12-28", None), True),
        (("2026-12-14", "2026-12-22"), False),
        (("2026-12-22", "2026-12-23"), False),
        (("2026-12-14", "2027-01-02"), False),
        (("2026-12-27", "2027-01-02"), False),
        (("2026-12-14", None), False),
        (("2026-12-21", "2026-12-28"), False),
    ],
)
async def test_two_leaves_never_overlap(clinic: Clinic, days: tuple[str, str | None], free: bool) -> None:
    assert (await add(clinic, **WEEK)).status_code == 201
    reply = await add(clinic, **{"from": days[0], "back_on": days[1]})
    assert reply.status_code == (201 if free else 409), reply.text
    if not free:
        assert reply.json()["code"] == "leave_overlaps"


async def test_a_planned_leave_is_in_the_way_of_one_without_an_end(clinic: Clinic) -> None:
    await add(clinic, **WEEK)
    assert (await patch(clinic, status="on_leave")).json()["code"] == "leave_overlaps"
    assert (await patch(clinic, status="on_leave", back_on="2026-12-22")).status_code == 409
    assert (await patch(clinic, status="on_leave", back_on="2026-12-21")).status_code == 200
    assert (await patch(clinic, back_on="2026-12-22")).status_code == 409


async def test_two_at_once_are_one_leave(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = f"/v1/enrollments/{(await stay_of(clinic))['id']}/leaves"
    with psql.transaction():  # both wait before they have looked for others
        psql.execute("select 1 from patient where id = %s for no key update", [clinic.ana.id])
        requests = [
            asyncio.create_task(client.post(path, json=SOON))
            for client in (clinic.sam.client, clinic.adele.client)
        ]
        await asyncio.sleep(0.5)
        assert not any(each.done() for each in requests), "as does whoever looks for absence"
    assert sorted(reply.status_code for reply in await asyncio.gather(*requests)) == [201, 409]


async def test_the_same_id_and_content_is_the_same_leave(clinic: Clinic) -> None:
    body = {"id": str(uuid7()), **WEEK}
    first, again = await add(clinic, **body), await add(clinic, **body)
    other = await add(clinic, **(body | {"back_on": "2026-12-29"}))
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert other.json()["code"] == "id_taken"
    assert len(await times(clinic)) == 1


async def test_a_planned_leave_is_withdrawn(clinic: Clinic, psql: psycopg.Connection) -> None:
    leave = (await add(clinic, **WEEK)).json()
    forget(clinic, psql)
    assert await end(clinic, leave["id"]) == 204
    assert await times(clinic) == []
    assert looked_at(clinic, psql) == MOMENT
    assert await end(clinic, leave["id"]) == 404
    assert (await add(clinic, **WEEK)).status_code == 201, "its time is free again"


async def test_a_leave_that_has_begun_ends_now(clinic: Clinic, psql: psycopg.Connection) -> None:
    leave = (await add(clinic, **WEEK)).json()
    inside = datetime(2026, 12, 23, 12, tzinfo=UTC)
    assert await end(clinic, leave["id"], inside) == 204
    assert await times(clinic, inside) == [("2026-12-21T05:00:00Z", "2026-12-23T12:00:00Z")]
    assert looked_at(clinic, psql) == inside
    over = datetime(2027, 1, 2, tzinfo=UTC)
    assert await end(clinic, leave["id"], over) == 204
    assert await times(clinic, over) == [("2026-12-21T05:00:00Z", "2026-12-23T12:00:00Z")]


async def test_who_was_put_on_leave_is_active_when_it_is_ended(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    (leave,) = (await patch(clinic, status="on_leave")).json()["leaves"]
    before = access_version(clinic, psql)
    assert await end(clinic, leave["id"], datetime(2026, 11, 24, tzinfo=UTC)) == 204
    assert (await stay_of(clinic))["status"] == "active"
    assert access_version(clinic, psql) == before + 1, "lists that a poller has cached say otherwise"


async def test_another_stays_leave_is_not_this_ones(clinic: Clinic) -> None:
    leave = (await add(clinic, **WEEK)).json()
    bens = (await clinic.sam.client.get(f"/v1/patients/{clinic.ben.id}/enrollments")).json()["items"][0]
    reply = await clinic.sam.client.delete(f"/v1/enrollments/{bens['id']}/leaves/{leave['id']}")
    assert reply.status_code == 404
    assert bens["leaves"] == []
    assert len(await times(clinic)) == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("ana", 403), ("ben", 404), ("clara", 403), ("olga", 403), ("dmitri", 404), ("ivan", 404)],
)
async def test_who_may_not_manage_leaves(clinic: Clinic, who: str, status: int) -> None:
    leave = (await clinic.sam.client.post(f"{await path_of(clinic)}", json=SOON)).json()
    client = getattr(clinic, who).client
    assert (await client.post(await path_of(clinic), json=SOON)).status_code == status
    assert (await client.delete(f"{await path_of(clinic)}/{leave['id']}")).status_code == status


async def test_nobody_and_another_organizations_supervisor_may_not(clinic: Clinic) -> None:
    path = await path_of(clinic)
    assert (await clinic.nobody.post(path, json=SOON)).status_code == 401
    assert (await clinic.nobody.delete(f"{path}/{uuid7()}")).status_code == 401
    lakeside, other = clinic.dmitri.organization_id, clinic.dmitri.program_id
    boris = await add_person(clinic.app, lakeside, other, Role.SUPERVISOR, "boris")
    async with boris.client:
        assert (await boris.client.post(path, json=SOON)).status_code == 404
        assert (await boris.client.delete(f"{path}/{uuid7()}")).status_code == 404


async def test_a_new_stay_is_looked_at(clinic: Clinic, psql: psycopg.Connection) -> None:
    await patch(clinic, status="completed")
    body = {"program_id": str(clinic.program_id), "starts_on": "2026-11-23"}
    async with at(clinic, clinic.sam, MOMENT) as client:
        reply = await client.post(f"/v1/patients/{clinic.ana.id}/enrollments", json=body)
    assert reply.status_code == 201
    assert reply.json()["leaves"] == []
    query = "select absence_due_at from enrollment where id = %s"
    assert psql.execute(query, [reply.json()["id"]]).fetchall() == [(MOMENT,)]


async def path_of(clinic: Clinic) -> str:
    stays = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    return f"/v1/enrollments/{stays[0]['id']}/leaves"
