"""PATCH /v1/sessions/{id}: one session is not like the others."""

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from tests.api.scheduling import (
    DAY,
    NOW,
    added,
    changed,
    forget,
    get,
    looked_at,
    patch,
    patients,
    post,
    sessions,
    took,
)
from tests.people import Clinic, Person

# On Tuesday at a quarter past six in the evening in New York: the session has begun.
BEGUN = datetime.fromisoformat("2026-11-24T18:15-05:00")
OVER = datetime.fromisoformat("2026-11-24T21:00-05:00")


async def first(clinic: Clinic, **changes: Any) -> str:
    """The path of the first session of a new series."""
    await added(clinic, **changes)
    return f"/v1/sessions/{(await sessions(clinic))[0]['id']}"


async def test_it_is_moved_with_its_day_and_its_length(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await first(clinic)
    before = await get(clinic, path)
    reply = await patch(clinic, path, 1, {"starts_local": "2026-11-25T19:30", "minutes": 90})
    assert reply.status_code == 200, reply.text
    after = reply.json()
    assert (after["starts_at"], after["ends_at"]) == ("2026-11-26T00:30:00Z", "2026-11-26T02:00:00Z")
    assert (after["local_date"], after["is_exception"], after["row_version"]) == ("2026-11-25", True, 2)
    assert reply.headers["ETag"] == '"2"'
    assert after["arrival_code"] == before["arrival_code"]
    assert await get(clinic, path) == after
    slot, reckon_at = kept(psql, path)
    assert slot == datetime.fromisoformat("2026-11-24T18:00"), "where its series had put it"
    assert reckon_at == datetime(2026, 11, 26, 1, tzinfo=UTC), "half an hour after the new start"
    others = (await sessions(clinic))[1:]
    assert {each["is_exception"] for each in others} == {False}
    trail = psql.execute("select action from audit_entry where resource_id = %s", [after["id"]]).fetchall()
    assert trail == [("session:manage",)]


def kept(psql: psycopg.Connection, path: str) -> tuple[datetime, datetime | None]:
    (row,) = psql.execute(
        "select slot, reckon_at from treatment_session where id = %s", [path.rsplit("/", 1)[-1]]
    ).fetchall()
    slot, reckon_at = row
    return slot, reckon_at


@pytest.mark.parametrize(
    ("wall", "starts_at"),
    [("2027-03-14T02:30", "2027-03-14T07:30:00Z"), ("2027-03-14T18:00", "2027-03-14T22:00:00Z")],
)
async def test_it_may_be_moved_into_the_day_on_which_the_clocks_change(
    clinic: Clinic, wall: str, starts_at: str
) -> None:
    path = await first(clinic)
    assert (await patch(clinic, path, 1, {"starts_local": wall})).json()["starts_at"] == starts_at


async def test_a_longer_one_starts_as_before(clinic: Clinic) -> None:
    path = await first(clinic)
    after = (await patch(clinic, path, 1, {"minutes": 240})).json()
    assert (after["starts_at"], after["ends_at"]) == ("2026-11-24T23:00:00Z", "2026-11-25T03:00:00Z")


async def test_it_is_where_it_is_and_led_by_whom(clinic: Clinic) -> None:
    path = await first(clinic, room="Room 3", facilitator_ids=[str(clinic.clara.id)])
    new = {
        "room": None, "telehealth_url": "https://meet.riverside.example/3", "title": "By video",
        "facilitator_ids": [str(clinic.sam.id)],
    }  # fmt: skip
    after = (await patch(clinic, path, 1, new, BEGUN)).json()
    assert (after["room"], after["title"]) == (None, "By video")
    assert after["telehealth_url"] == "https://meet.riverside.example/3"
    assert [each["name"] for each in after["facilitators"]] == ["sam"]
    assert after["starts_at"] == "2026-11-24T23:00:00Z"
    same = (await patch(clinic, path, 2, {}, BEGUN)).json()
    assert same == after, "nothing was to change"


async def test_nothing_to_change_makes_no_exception(clinic: Clinic) -> None:
    path = await first(clinic)
    same = (await patch(clinic, path, 1, {})).json()
    assert (same["is_exception"], same["row_version"]) == (False, 1)


async def test_whoever_is_expected_is_looked_at(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=4)
    (other,) = await patients(clinic, 1)
    for person in (clinic.ana, other):
        await took(clinic, made, person)
    path = f"/v1/sessions/{(await sessions(clinic))[0]['id']}"
    forget(psql, clinic)
    await patch(clinic, path, 1, {"room": "Room 5"}, NOW + DAY)
    assert set(looked_at(psql, clinic).values()) == {None}
    await patch(clinic, path, 2, {"starts_local": "2026-11-26T18:00"}, NOW + DAY)
    moment = NOW + DAY
    assert looked_at(psql, clinic) == {clinic.ana.id: moment, other.id: moment, clinic.ben.id: None}


async def test_who_was_excused_is_excused_from_its_new_time(clinic: Clinic, psql: psycopg.Connection) -> None:
    await added(clinic, last_day="2026-12-01")
    second = (await sessions(clinic))[1]
    path = f"/v1/sessions/{second['id']}"
    assert (await post(clinic, f"{path}/absence", {"kind": "work"}, who=clinic.ana)).status_code == 201
    await patch(clinic, path, 1, {"starts_local": "2026-12-03T09:00"}, NOW + DAY)
    entries = psql.execute(
        "select revision, status, filed_at, local_date::text from attendance_entry"
        " where patient_id = %s order by revision",
        [clinic.ana.id],
    ).fetchall()
    assert entries == [
        (1, "excused", datetime(2026, 12, 1, 23, tzinfo=UTC), "2026-12-01"),
        (2, "excused", datetime(2026, 12, 3, 14, tzinfo=UTC), "2026-12-03"),
    ]


IMPOSSIBLE: list[tuple[dict[str, Any], datetime, int, str]] = [
    ({"starts_local": "2026-11-25T18:00"}, BEGUN, 409, "session_begun"),
    ({"minutes": 60}, BEGUN, 409, "session_begun"),
    ({"room": "Room 5"}, OVER, 409, "session_over"),
    ({"starts_local": "2026-11-23T06:59"}, NOW, 422, "too_early"),
    ({"starts_local": None}, NOW, 422, "malformed"),
    ({"minutes": 0}, NOW, 422, "too_small"),
    ({"capacity": 9}, NOW, 422, "unknown_member"),
    ({"status": "cancelled"}, NOW, 422, "unknown_member"),
    ({"facilitator_ids": ["019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e20"]}, NOW, 422, "not_on_staff"),
    ({"telehealth_url": "http://x.example"}, NOW, 422, "malformed"),
]


async def test_what_cannot_be_changes_nothing(clinic: Clinic) -> None:
    path = await first(clinic)
    before = await get(clinic, path)
    for changes, now, status, code in IMPOSSIBLE:
        reply = await patch(clinic, path, 1, changes, now)
        assert reply.status_code == status, (changes, reply.text)
        assert code in {reply.json()["code"], *(each["code"] for each in reply.json().get("errors", ()))}
    assert await get(clinic, path) == before


async def test_what_is_cancelled_is_not_changed(clinic: Clinic) -> None:
    path = await first(clinic)
    await post(clinic, f"{path}/cancellation", {})
    reply = await patch(clinic, path, 2, {"room": "Room 5"})
    assert (reply.status_code, reply.json()["code"]) == (409, "session_cancelled")


async def test_who_may_not(clinic: Clinic, nora: Person) -> None:
    path = await first(clinic)
    body = {"room": "Room 5"}
    for person, status in (
        (clinic.ana, 403), (clinic.olga, 403), (nora, 404), (clinic.dmitri, 404), (clinic.ivan, 404)
    ):  # fmt: skip
        assert (await patch(clinic, path, 1, body, who=person)).status_code == status, person.role
    assert (await patch(clinic, path, 2, body)).status_code == 412
    assert (await clinic.nobody.patch(path, json=body)).status_code == 401
    assert (await clinic.clara.client.patch(path, json=body)).status_code == 428
    assert (await patch(clinic, path, 1, body, who=clinic.adele)).status_code == 200


async def test_of_two_changes_at_once_the_second_is_told(clinic: Clinic) -> None:
    made = await added(clinic)
    path = f"/v1/sessions/{(await sessions(clinic))[0]['id']}"
    assert (await patch(clinic, path, 1, {"room": "Room 5"})).status_code == 200
    assert (await patch(clinic, path, 1, {"room": "Room 6"})).status_code == 412
    await changed(clinic, made, room="Room 7")
    assert (await get(clinic, path))["room"] == "Room 5"
