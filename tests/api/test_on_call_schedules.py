"""/v1/on-call-schedules, …/{id}/shifts, …/{id}/holes, and GET /v1/on-call."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.api.conftest import add_nora
from tests.moments import at
from tests.people import Clinic, Person, add_person

PATH = "/v1/on-call-schedules"
NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)  # a Wednesday


def schedule(*members: Person | None, **changes: Any) -> dict[str, Any]:
    """Hand-over on Mondays at 9 in New York, from October 5, 2026."""
    return {
        "name": "Evenings",
        "time_zone": "America/New_York",
        "rotation": {
            "starts_on": "2026-10-05",
            "hand_over": "09:00",
            "members": [each and str(each.id) for each in members],
        },
        **changes,
    }


async def added(clinic: Clinic, *members: Person | None) -> str:
    """The path of a new schedule."""
    reply = await clinic.sam.client.post(PATH, json=schedule(*members))
    assert reply.status_code == 201, reply.text
    return f"{PATH}/{reply.json()['id']}"


def use(psql: psycopg.Connection, clinic: Clinic, path: str | None) -> None:
    """Let the evening program use this schedule."""
    psql.execute(
        "update program set on_call_schedule_id = %s where id = %s",
        [path and path.removeprefix(f"{PATH}/"), clinic.program_id],
    )


def reach(psql: psycopg.Connection, *people: Person) -> None:
    """Give them an address."""
    for person in people:
        psql.execute("update staff_member set email = 'a@riverside.example' where id = %s", [person.id])


async def test_a_supervisor_adds_a_schedule(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = schedule(clinic.clara, None, clinic.sam)
    reply = await clinic.sam.client.post(PATH, json=body)
    assert (reply.status_code, reply.headers["etag"]) == (201, '"1"'), reply.text
    kept = reply.json()
    assert {name: kept[name] for name in body} == body
    assert (await clinic.clara.client.get(f"{PATH}/{kept['id']}")).json() == kept
    assert (await clinic.clara.client.get(PATH)).json() == {"items": [kept], "next_cursor": None}
    trail = psql.execute("select action from audit_entry where resource_id = %s", [kept["id"]]).fetchall()
    assert trail == [("on_call:manage",)]


async def test_the_same_id_and_content_is_the_same_schedule(clinic: Clinic) -> None:
    body = schedule(clinic.clara, id=str(uuid7()))
    first = await clinic.adele.client.post(PATH, json=body)
    again = await clinic.adele.client.post(PATH, json=body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = await clinic.adele.client.post(PATH, json={**body, "name": "Nights"})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")


async def test_a_page_of_them_leads_to_the_next(clinic: Clinic) -> None:
    paths = [await added(clinic, clinic.clara) for _ in range(3)]
    first = (await clinic.clara.client.get(f"{PATH}?limit=2")).json()
    then = (await clinic.clara.client.get(f"{PATH}?limit=2&cursor={first['next_cursor']}")).json()
    assert [f"{PATH}/{each['id']}" for each in first["items"] + then["items"]] == paths
    assert then["next_cursor"] is None


async def test_who_carries_no_pager_is_named_by_their_place(clinic: Clinic, psql: psycopg.Connection) -> None:
    left = await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.COUNSELOR, "lea")
    psql.execute("update staff_member set active = false where id = %s", [left.id])
    members = [clinic.clara, clinic.adele, None, left, clinic.dmitri, clinic.ana, clinic.sam]
    reply = await clinic.sam.client.post(PATH, json=schedule(*members))
    assert reply.status_code == 422
    pointers = [fault["pointer"] for fault in reply.json()["errors"]]
    assert pointers == [f"/rotation/members/{place}" for place in (1, 3, 4, 5)]
    path = await added(clinic, clinic.clara)
    body = {"rotation": schedule(clinic.sam, left)["rotation"]}
    reply = await clinic.sam.client.patch(path, json=body, headers={"If-Match": '"1"'})
    assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/rotation/members/1"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"name": ""}, "/name"),
        ({"rotation": {"starts_on": "2026-10-05", "hand_over": "09:00", "members": []}}, "/rotation/members"),
        ({"rotation": {"starts_on": 20, "hand_over": "09:00", "members": [None]}}, "/rotation/starts_on"),
        (
            {"rotation": {"starts_on": "2026-10-05", "hand_over": "9", "members": [None]}},
            "/rotation/hand_over",
        ),
        ({"rotation": None}, "/rotation"),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, changes: dict[str, Any], pointer: str) -> None:
    reply = await clinic.sam.client.post(PATH, json={**schedule(clinic.clara), **changes})
    assert reply.status_code == 422, reply.text
    assert pointer in [fault["pointer"] for fault in reply.json()["errors"]]
    path = await added(clinic, clinic.clara)
    assert (await clinic.sam.client.patch(path, json=changes, headers={"If-Match": '"1"'})).status_code == 422


async def test_what_is_named_changes_and_the_rest_stays(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    before = (await clinic.sam.client.get(path)).json()
    rotation = schedule(clinic.sam, clinic.clara)["rotation"] | {"hand_over": "17:30"}
    assert (await clinic.sam.client.patch(path, json={"rotation": rotation})).status_code == 428
    reply = await clinic.sam.client.patch(path, json={"rotation": rotation}, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"'), reply.text
    assert reply.json() == before | {"rotation": rotation, "row_version": 2}
    late = await clinic.sam.client.patch(path, json={"name": "Nights"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert (await clinic.sam.client.get(path)).json() == reply.json()


async def test_somebody_who_left_does_not_keep_the_name_from_being_changed(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    path = await added(clinic, clinic.clara)
    psql.execute("update staff_member set active = false where id = %s", [clinic.clara.id])
    reply = await clinic.sam.client.patch(path, json={"name": "Nights"}, headers={"If-Match": '"1"'})
    assert (reply.status_code, reply.json()["name"]) == (200, "Nights")


async def test_shifts_say_who_when_across_a_change_of_clocks(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara, clinic.sam, None)
    query = "?from=2026-10-21T00:00:00Z&to=2026-11-10T00:00:00-05:00"
    items = (await clinic.clara.client.get(f"{path}/shifts{query}")).json()["items"]
    assert items == [
        {"staff_member": None, "starts_at": "2026-10-21T00:00:00Z", "ends_at": "2026-10-26T13:00:00Z"},
        {
            "staff_member": {"id": str(clinic.clara.id), "name": "clara"},
            "starts_at": "2026-10-26T13:00:00Z",
            "ends_at": "2026-11-02T14:00:00Z",  # the clocks went back on the first
        },
        {
            "staff_member": {"id": str(clinic.sam.id), "name": "sam"},
            "starts_at": "2026-11-02T14:00:00Z",
            "ends_at": "2026-11-09T14:00:00Z",
        },
        {"staff_member": None, "starts_at": "2026-11-09T14:00:00Z", "ends_at": "2026-11-10T05:00:00Z"},
    ]


async def test_shifts_are_those_of_the_coming_fortnight_unless_asked_otherwise(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    async with at(clinic, clinic.sam, NOON) as sam:
        (shift,) = (await sam.get(f"{path}/shifts")).json()["items"]
    assert (shift["starts_at"], shift["ends_at"]) == ("2026-11-18T17:00:00Z", "2026-12-02T17:00:00Z")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("from=2026-01-01T00:00:00Z&to=2026-04-03T00:00:01Z", "/to"),
        ("from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "/to"),
        ("from=2026-01-01", "/from"),
    ],
)
async def test_shifts_of_a_time_that_makes_no_sense(clinic: Clinic, query: str, pointer: str) -> None:
    path = await added(clinic, clinic.clara)
    reply = await clinic.clara.client.get(f"{path}/shifts?{query}")
    assert reply.status_code == 422
    assert [fault["pointer"] for fault in reply.json()["errors"]] == [pointer]
    whole = "from=2026-01-01T00:00:00Z&to=2026-04-03T00:00:00Z"
    assert (await clinic.clara.client.get(f"{path}/shifts?{whole}")).status_code == 200


async def holes_of(clinic: Clinic, path: str) -> list[tuple[str, str | None]]:
    async with at(clinic, clinic.sam, NOON) as sam:
        reply = await sam.get(f"{path}/holes")
    assert reply.status_code == 200, reply.text
    items = reply.json()["items"]
    return [(each["reason"], each["staff_member"] and each["staff_member"]["name"]) for each in items]


async def test_holes_say_when_nobody_would_be_reached_and_why(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    path = await added(clinic, None, clinic.clara)
    async with at(clinic, clinic.sam, NOON) as sam:
        items = (await sam.get(f"{path}/holes")).json()["items"]
    assert items == [
        {
            "reason": "nobody",
            "staff_member": None,
            "starts_at": "2026-11-18T17:00:00Z",
            "ends_at": "2026-11-23T14:00:00Z",
        },
        {
            "reason": "no_contact_method",
            "staff_member": {"id": str(clinic.clara.id), "name": "clara"},
            "starts_at": "2026-11-23T14:00:00Z",
            "ends_at": "2026-11-30T14:00:00Z",
        },
        {
            "reason": "nobody",
            "staff_member": None,
            "starts_at": "2026-11-30T14:00:00Z",
            "ends_at": "2026-12-02T17:00:00Z",
        },
    ]
    reach(psql, clinic.clara)
    assert await holes_of(clinic, path) == [("nobody", None), ("nobody", None)]


async def test_a_contact_method_is_a_way_to_reach_somebody(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await added(clinic, clinic.clara)
    assert await holes_of(clinic, path) == [("no_contact_method", "clara")]
    psql.execute(
        "insert into contact_method (organization_id, staff_member_id, channel, position, severities,"
        " address, hint, changed_at) values (%s, %s, 'pager', 1, '{critical}', 'x', 'x', now())",
        [clinic.organization_id, clinic.clara.id],
    )
    assert await holes_of(clinic, path) == []


async def test_who_does_not_work_in_every_program_that_uses_it_is_a_hole(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    nora = await add_nora(clinic.app, clinic.organization_id)
    reach(psql, clinic.clara, nora)
    path = await added(clinic, clinic.clara, nora)
    assert await holes_of(clinic, path) == [], "no program uses it"
    use(psql, clinic, path)
    assert await holes_of(clinic, path) == [("not_in_program", "nora")]
    psql.execute("update staff_member set active = false where id = %s", [nora.id])
    assert await holes_of(clinic, path) == [("inactive", "nora")]
    await nora.client.aclose()


async def test_who_is_on_call_now(clinic: Clinic, psql: psycopg.Connection) -> None:
    program = {"id": str(clinic.program_id), "name": "Evening IOP"}
    none = {"program": program, "on_call_schedule_id": None, "staff_member": None, "until": None}
    async with at(clinic, clinic.clara, NOON) as clara:
        assert (await clara.get("/v1/on-call")).json() == {"items": [none]}
    path = await added(clinic, clinic.clara, clinic.sam)
    use(psql, clinic, path)
    async with at(clinic, clinic.clara, NOON) as clara:
        (item,) = (await clara.get("/v1/on-call")).json()["items"]
    assert item == {
        "program": program,
        "on_call_schedule_id": path.removeprefix(f"{PATH}/"),
        "staff_member": {"id": str(clinic.clara.id), "name": "clara"},
        "until": "2026-11-23T14:00:00Z",
    }
    override = {
        "starts_at": "2026-11-18T18:00:00Z", "ends_at": "2026-11-18T20:00:00Z",
        "staff_member_id": str(clinic.sam.id),
    }  # fmt: skip
    async with at(clinic, clinic.sam, NOON) as sam:
        assert (await sam.post(f"{path}/overrides", json=override)).status_code == 201
    async with at(clinic, clinic.clara, NOON) as clara:
        (item,) = (await clara.get("/v1/on-call")).json()["items"]
        assert (item["staff_member"]["name"], item["until"]) == ("clara", "2026-11-18T18:00:00Z")
    async with at(clinic, clinic.clara, NOON.replace(hour=19)) as clara:
        (item,) = (await clara.get("/v1/on-call")).json()["items"]
        assert (item["staff_member"]["name"], item["until"]) == ("sam", "2026-11-18T20:00:00Z")
    async with at(clinic, clinic.clara, NOON.replace(month=9)) as clara:
        (item,) = (await clara.get("/v1/on-call")).json()["items"]
        assert (item["staff_member"], item["until"]) == (None, None), "before the first hand-over"


async def test_who_may_not(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    for person in (clinic.ana, clinic.clara, clinic.olga):
        assert (await person.client.post(PATH, json=schedule(clinic.clara))).status_code == 403
        reply = await person.client.patch(path, json={"name": "Mine"}, headers={"If-Match": '"1"'})
        assert reply.status_code == 403
    assert (await clinic.dmitri.client.patch(path, json={"name": "Mine"})).status_code == 404
    for of in ("", "/shifts", "/holes", "/overrides"):
        assert (await clinic.dmitri.client.get(path + of)).status_code == 404
        assert (await clinic.ben.client.get(path + of)).status_code == 403
        assert (await clinic.nobody.get(path + of)).status_code == 401
    assert (await clinic.dmitri.client.get(PATH)).json()["items"] == []
    elsewhere = (await clinic.dmitri.client.get("/v1/on-call")).json()["items"]
    assert [each["program"]["id"] for each in elsewhere] == [str(clinic.dmitri.program_id)]
