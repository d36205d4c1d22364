"""POST·GET /v1/on-call-schedules/{id}/overrides and DELETE …/{override_id}."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.services.on_call import MOST_OVERRIDES
from tests.api.test_on_call_schedules import NOON, added
from tests.moments import at
from tests.people import Clinic, Person


def override(member: Person | None, **changes: Any) -> dict[str, Any]:
    """From December 24, 2099 for a day: never over."""
    return {
        "starts_at": "2099-12-24T09:00:00-05:00",
        "ends_at": "2099-12-25T09:00:00-05:00",
        "staff_member_id": member and str(member.id),
        **changes,
    }


async def test_somebody_stands_in(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await added(clinic, clinic.clara)
    reply = await clinic.sam.client.post(f"{path}/overrides", json=override(clinic.sam))
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert kept["staff_member"] == {"id": str(clinic.sam.id), "name": "sam"}
    assert (kept["starts_at"], kept["ends_at"]) == ("2099-12-24T14:00:00Z", "2099-12-25T14:00:00Z")
    assert kept["created_by"] == str(clinic.sam.id)
    assert (await clinic.clara.client.get(f"{path}/overrides")).json() == {"items": [kept]}
    trail = psql.execute("select action from audit_entry where resource_id = %s", [kept["id"]]).fetchall()
    assert trail == [("on_call:manage",)]


async def test_nobody_may_have_the_pager_for_a_while(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    reply = await clinic.sam.client.post(f"{path}/overrides", json=override(None))
    assert (reply.status_code, reply.json()["staff_member"]) == (201, None)
    body = override(None)
    del body["staff_member_id"]
    assert (await clinic.sam.client.post(f"{path}/overrides", json=body)).status_code == 422


async def test_the_same_id_and_content_is_the_same_override(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    body = override(clinic.sam, id=str(uuid7()))
    first = await clinic.sam.client.post(f"{path}/overrides", json=body)
    again = await clinic.sam.client.post(f"{path}/overrides", json=body)
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    other = await clinic.sam.client.post(f"{path}/overrides", json={**body, "staff_member_id": None})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    assert len((await clinic.sam.client.get(f"{path}/overrides")).json()["items"]) == 1


async def test_shifts_follow_it_and_of_several_the_last_made_holds(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    hours = [("10", "16", clinic.sam), ("12", "14", None), ("11", "13", clinic.clara)]
    async with at(clinic, clinic.sam, NOON) as sam:
        for start, end, who in hours:
            times = {"starts_at": f"2026-11-20T{start}:00:00Z", "ends_at": f"2026-11-20T{end}:00:00Z"}
            assert (await sam.post(f"{path}/overrides", json=override(who, **times))).status_code == 201
        query = "?from=2026-11-20T09:00:00Z&to=2026-11-20T17:00:00Z"
        items = (await sam.get(f"{path}/shifts{query}")).json()["items"]
    assert [
        ((each["staff_member"] or {}).get("name"), each["starts_at"][11:13], each["ends_at"][11:13])
        for each in items
    ] == [
        ("clara", "09", "10"), ("sam", "10", "11"), ("clara", "11", "13"), (None, "13", "14"),
        ("sam", "14", "16"), ("clara", "16", "17"),
    ]  # fmt: skip


async def test_what_is_over_is_not_listed_and_not_taken_back(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    body = override(None, starts_at="2026-11-18T17:00:00Z", ends_at="2026-11-18T19:00:00Z")
    async with at(clinic, clinic.sam, NOON) as sam:
        one = (await sam.post(f"{path}/overrides", json=body)).json()
    async with at(clinic, clinic.sam, NOON + timedelta(hours=1)) as sam:
        assert (await sam.get(f"{path}/overrides")).json()["items"] == [one]
    async with at(clinic, clinic.sam, NOON + timedelta(hours=2)) as sam:
        assert (await sam.get(f"{path}/overrides")).json()["items"] == []
        assert (await sam.delete(f"{path}/overrides/{one['id']}")).status_code == 404
        query = "?from=2026-11-18T16:00:00Z&to=2026-11-18T20:00:00Z"
        assert len((await sam.get(f"{path}/shifts{query}")).json()["items"]) == 3, "what was is shown"


async def test_an_override_is_taken_back(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    one = (await clinic.sam.client.post(f"{path}/overrides", json=override(None))).json()["id"]
    elsewhere = await added(clinic, clinic.clara)
    assert (await clinic.sam.client.delete(f"{elsewhere}/overrides/{one}")).status_code == 404
    assert (await clinic.sam.client.delete(f"{path}/overrides/{one}")).status_code == 204
    assert (await clinic.sam.client.get(f"{path}/overrides")).json()["items"] == []
    assert (await clinic.sam.client.delete(f"{path}/overrides/{one}")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"ends_at": "2099-12-24T09:00:00-05:00"}, "/ends_at"),
        ({"starts_at": "2020-01-01T00:00:00Z", "ends_at": "2020-01-02T00:00:00Z"}, "/ends_at"),
        ({"starts_at": "2099-12-24T09:00:00"}, "/starts_at"),
        ({"staff_member_id": "nobody"}, "/staff_member_id"),
        ({"staff_member_id": str(uuid7())}, "/staff_member_id"),
        ({"until": "later"}, ""),
    ],
)
async def test_what_does_not_fit_is_named(clinic: Clinic, changes: dict[str, Any], pointer: str) -> None:
    path = await added(clinic, clinic.clara)
    reply = await clinic.sam.client.post(f"{path}/overrides", json=override(clinic.sam, **changes))
    assert reply.status_code == 422, reply.text
    assert pointer in [fault["pointer"] for fault in reply.json()["errors"]]


async def test_nobody_stands_in_who_carries_no_pager(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    for person in (clinic.adele, clinic.ana, clinic.dmitri):
        reply = await clinic.sam.client.post(f"{path}/overrides", json=override(person))
        assert [fault["pointer"] for fault in reply.json()["errors"]] == ["/staff_member_id"]


async def test_there_is_an_end_to_how_many_there_are(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await added(clinic, clinic.clara)
    psql.execute(
        "insert into on_call_override (organization_id, id, schedule_id, starts_at, ends_at, created_by,"
        " created_at) select %s, gen_random_uuid(), %s, %s, %s, %s, now() from generate_series(1, %s)",
        [
            clinic.organization_id, path.rsplit("/", 1)[-1], datetime(2099, 1, 1, tzinfo=UTC),
            datetime(2099, 1, 2, tzinfo=UTC), clinic.sam.id, MOST_OVERRIDES - 1,
        ],
    )  # fmt: skip
    assert (await clinic.sam.client.post(f"{path}/overrides", json=override(None))).status_code == 201
    reply = await clinic.sam.client.post(f"{path}/overrides", json=override(None))
    assert (reply.status_code, reply.json()["code"]) == (409, "too_many_overrides")


async def test_who_may_not(clinic: Clinic) -> None:
    path = await added(clinic, clinic.clara)
    one = (await clinic.sam.client.post(f"{path}/overrides", json=override(None))).json()["id"]
    for person in (clinic.ana, clinic.clara, clinic.olga):
        assert (await person.client.post(f"{path}/overrides", json=override(None))).status_code == 403
        assert (await person.client.delete(f"{path}/overrides/{one}")).status_code == 403
    assert (await clinic.dmitri.client.post(f"{path}/overrides", json=override(None))).status_code == 404
    assert (await clinic.dmitri.client.delete(f"{path}/overrides/{one}")).status_code == 404
    assert (await clinic.nobody.delete(f"{path}/overrides/{one}")).status_code == 401
    assert len((await clinic.sam.client.get(f"{path}/overrides")).json()["items"]) == 1
