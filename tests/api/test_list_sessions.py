"""GET /v1/sessions and GET /v1/sessions/{id}."""

from typing import Any
from uuid import UUID

import psycopg

from tests.api.scheduling import (
    DAY,
    NOW,
    WEEK,
    WEEKDAYS,
    added,
    end_stay,
    get,
    gives_back,
    patch,
    post,
    series,
    sessions,
    took,
)
from tests.moments import at
from tests.people import Clinic, Person


def days(found: list[dict[str, Any]]) -> list[str]:
    return [each["local_date"][5:] for each in found]


async def test_staff_see_the_sessions_of_the_programs_that_they_work_in(clinic: Clinic, nora: Person) -> None:
    await added(clinic, recurrence=None)
    body = series(clinic, recurrence=None, program_id=str(nora.program_id), starts_local="2026-11-25T09:00")
    assert (await post(clinic, "/v1/session-series", body, who=nora)).status_code == 201
    assert days(await sessions(clinic)) == ["11-24"]
    assert days(await sessions(clinic, who=nora)) == ["11-25"]
    assert days(await sessions(clinic, who=clinic.adele)) == ["11-24", "11-25"]
    assert days(await sessions(clinic, who=clinic.adele, program_id=str(nora.program_id))) == ["11-25"]
    assert days(await sessions(clinic, program_id=str(nora.program_id))) == []
    assert await sessions(clinic, who=clinic.dmitri) == []


async def test_how_many_are_expected_is_for_staff(clinic: Clinic) -> None:
    await added(clinic, recurrence=None)
    made = await added(clinic, recurrence=None, capacity=3, starts_local="2026-11-25T18:00")
    await took(clinic, made, clinic.ana)
    assert [each["expected"] for each in await sessions(clinic)] == [2, 1]
    assert [each["expected"] for each in await sessions(clinic, who=clinic.ana)] == [None, None]


async def test_a_patient_sees_where_they_are_expected_and_nothing_else(clinic: Clinic) -> None:
    await added(clinic, recurrence=None)
    made = await added(clinic, recurrence=None, capacity=1, starts_local="2026-11-25T18:00")
    await took(clinic, made, clinic.ana)
    await took(clinic, made, clinic.ben)  # waits
    assert days(await sessions(clinic, who=clinic.ana)) == ["11-24", "11-25"]
    assert days(await sessions(clinic, who=clinic.ana, patient_id="me")) == ["11-24", "11-25"]
    assert days(await sessions(clinic, who=clinic.ana, patient_id=str(clinic.ana.id))) == ["11-24", "11-25"]
    assert days(await sessions(clinic, who=clinic.ben)) == ["11-24"]
    _, second = await sessions(clinic)
    path = f"/v1/sessions/{second['id']}"
    assert (await get(clinic, path, NOW, clinic.ana))["id"] == second["id"]
    async with at(clinic, clinic.ben, NOW) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.get(f"/v1/sessions?patient_id={clinic.ana.id}")).status_code == 404


async def test_places_stays_and_leaves_say_from_when_to_when(clinic: Clinic) -> None:
    made = await added(clinic, recurrence=WEEKDAYS, capacity=3, last_day="2026-12-11")
    place = await took(clinic, made, clinic.ana, NOW + 2 * DAY)
    stay = (await get(clinic, "/v1/patients/me/enrollments", NOW, clinic.ana))["items"][0]
    leave = {"from": "2026-12-01", "back_on": "2026-12-03"}
    path = f"/v1/enrollments/{stay['id']}/leaves"
    assert (await post(clinic, path, leave, who=clinic.sam)).status_code == 201
    # Thursday morning: back on Friday's session, and no more from Monday, the 7th, on.
    assert await gives_back(clinic, place, clinic.ana, NOW + 14 * DAY) == 204
    expected = ["11-25", "11-26", "11-27", "11-30", "12-03", "12-04"]
    assert days(await sessions(clinic, who=clinic.ana)) == expected
    await end_stay(clinic, clinic.ana, NOW + 4 * DAY)
    assert days(await sessions(clinic, who=clinic.ana)) == expected[:2], "and not on the day it ended"


async def test_staff_may_ask_for_one_patient(clinic: Clinic, psql: psycopg.Connection, nora: Person) -> None:
    made = await added(clinic, capacity=3, last_day="2026-12-08")
    await took(clinic, made, clinic.ana)
    (first, *_) = await sessions(clinic)
    came = {"arrived_at": "2026-11-24T18:20:00-05:00", "left_at": "2026-11-24T20:30:00-05:00"}
    async with at(clinic, clinic.clara, NOW + 2 * DAY) as client:
        path = f"/v1/sessions/{first['id']}/attendance/{clinic.ana.id}"
        assert (await client.put(path, json={"status": "attended", **came})).status_code == 200
    found = await sessions(clinic, NOW + 2 * DAY, patient_id=str(clinic.ana.id))
    assert days(found) == ["11-24", "12-01", "12-08"]
    assert [each["attendance"] for each in found] == [
        {
            "status": "left_early", "minutes": 130, "arrived_at": "2026-11-24T23:20:00Z",
            "left_at": "2026-11-25T01:30:00Z",
        },
        None,
        None,
    ]  # fmt: skip
    own = await sessions(clinic, NOW + 2 * DAY, clinic.ana)
    assert [each["attendance"] for each in own] == [each["attendance"] for each in found]
    assert await sessions(clinic, patient_id=str(clinic.ben.id)) == []
    assert [each["attendance"] for each in await sessions(clinic)] == [None] * 3, "nobody was asked about"
    trail = psql.execute(
        "select actor_id, patient_id from audit_entry where action = 'session:read'"
        " and patient_id is not null and organization_id = %s order by id",
        [clinic.organization_id],
    ).fetchall()
    ana, ben, clara = clinic.ana.id, clinic.ben.id, clinic.clara.id
    assert trail == [(clara, ana), (ana, ana), (clara, ben)]
    for person, status in ((nora, 404), (clinic.dmitri, 404), (clinic.adele, 403)):
        async with at(clinic, person, NOW) as client:
            reply = await client.get(f"/v1/sessions?patient_id={ana}")
        assert reply.status_code == status, person.role
    assert (await clinic.clara.client.get("/v1/sessions?patient_id=me")).status_code == 404


async def test_what_the_program_cancels_stays_in_the_list(clinic: Clinic) -> None:
    made = await added(clinic, last_day="2026-12-01", capacity=2)
    await took(clinic, made, clinic.ana)
    first, _ = await sessions(clinic)
    path = f"/v1/sessions/{first['id']}"
    assert (await post(clinic, f"{path}/cancellation", {"reason": "Clara is ill"})).status_code == 200
    found = await sessions(clinic, who=clinic.ana)
    assert [each["status"] for each in found] == ["cancelled", "planned"]
    own = await get(clinic, path, NOW, clinic.ana)
    assert (own["status"], own["cancelled_at"]) == ("cancelled", "2026-11-23T12:00:00Z")
    assert own["cancel_reason"] is None, "that is for the staff"
    assert (await get(clinic, path))["cancel_reason"] == "Clara is ill"
    assert [each["expected"] for each in await sessions(clinic)] == [0, 1]


async def test_days_are_those_of_the_place(clinic: Clinic) -> None:
    # Ten in the evening in Los Angeles is tomorrow in UTC; eight in the morning in Auckland was yesterday.
    for zone, wall in (("America/Los_Angeles", "22:00"), ("Pacific/Auckland", "08:00")):
        await added(clinic, recurrence=WEEKDAYS, starts_local=f"2026-11-24T{wall}", time_zone=zone)
    found = await sessions(clinic, **{"from": "2026-11-26", "to": "2026-11-26"})
    assert [(each["starts_at"], each["local_date"]) for each in found] == [
        ("2026-11-25T19:00:00Z", "2026-11-26"), ("2026-11-27T06:00:00Z", "2026-11-26")
    ]  # fmt: skip


async def test_two_weeks_from_today_unless_it_is_said(clinic: Clinic) -> None:
    await added(clinic, recurrence="FREQ=DAILY", starts_local="2026-11-20T18:00")
    # It is half past eleven at night where the organization is.
    late = NOW + 16.5 * DAY / 24
    found = (await get(clinic, "/v1/sessions", late))["items"]
    assert days(found) == [f"11-{day}" for day in range(23, 31)] + [f"12-0{day}" for day in range(1, 7)]
    assert days((await get(clinic, "/v1/sessions", late, to="2026-11-24"))["items"]) == ["11-23", "11-24"]


UNASKABLE = [
    ("from=2026-12-01&to=2026-11-30", "/to", "too_early"),
    ("from=2026-12-01&to=2027-03-11", "/to", "too_large"),
    ("from=2026-12-01T00:00:00Z", "/from", "malformed"),
    ("to=tomorrow", "/to", "malformed"),
    ("patient_id=ana", "/patient_id", "malformed"),
    ("program_id=7", "/program_id", "malformed"),
    ("cursor=no", "/cursor", "bad_cursor"),
    ("limit=201", "/limit", "too_large"),
]


async def test_what_cannot_be_asked_is_named(clinic: Clinic) -> None:
    async with at(clinic, clinic.clara, NOW) as client:
        for query, pointer, code in UNASKABLE:
            reply = await client.get(f"/v1/sessions?{query}")
            assert reply.status_code == 422, (query, reply.text)
            assert (pointer, code) in [(each["pointer"], each["code"]) for each in reply.json()["errors"]]
        assert (await client.get("/v1/sessions?from=2026-12-01&to=2027-03-10")).status_code == 200


async def test_pages_follow_each_other_in_the_order_of_time(clinic: Clinic) -> None:
    for title in ("A", "B"):  # at the same time: then the ids decide
        await added(clinic, title=title, recurrence="FREQ=DAILY;COUNT=3")
    params: dict[str, Any] = {"from": "2026-11-23", "limit": 2}
    seen: list[tuple[str, str]] = []
    while True:
        page = await get(clinic, "/v1/sessions", **params)
        seen += [(each["starts_at"], each["id"]) for each in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert len(set(seen)) == 6
    assert seen == sorted(seen, key=lambda each: (each[0], UUID(each[1])))


async def test_the_code_of_the_room_is_for_who_records_attendance(clinic: Clinic, nora: Person) -> None:
    await added(clinic, capacity=None, recurrence=None)
    (found,) = await sessions(clinic)
    assert "arrival_code" not in found, "a list is shown to many"
    path = f"/v1/sessions/{found['id']}"
    for person in (clinic.clara, clinic.sam):
        assert len((await get(clinic, path, NOW, person))["arrival_code"]) == 6
    for person in (clinic.ana, clinic.adele):
        assert (await get(clinic, path, NOW, person))["arrival_code"] is None
    for person, status in ((nora, 404), (clinic.dmitri, 404), (clinic.ivan, 404), (clinic.olga, 403)):
        async with at(clinic, person, NOW) as client:
            assert (await client.get(path)).status_code == status
    assert (await clinic.nobody.get(path)).status_code == 401


async def test_how_many_more_there_is_room_for(clinic: Clinic) -> None:
    for changes in ({"capacity": 3}, {"audience": "program", "capacity": 1}, {"capacity": None}):
        made = await added(clinic, recurrence=None, **changes)
        if made["audience"] == "places":
            await took(clinic, made, clinic.ana)
    found = [await get(clinic, f"/v1/sessions/{each['id']}") for each in await sessions(clinic)]
    assert {(each["capacity"], each["expected"], each["free_places"]) for each in found} == {
        (3, 1, 2), (1, 2, 0), (None, 2, None)
    }  # fmt: skip
    for each in found:
        own = await get(clinic, f"/v1/sessions/{each['id']}", NOW, clinic.ana)
        assert (own["expected"], own["free_places"]) == (None, None)


async def test_a_session_that_was_moved_is_listed_where_it_is(clinic: Clinic) -> None:
    await added(clinic, last_day="2026-12-08")
    second = (await sessions(clinic))[1]
    await patch(clinic, f"/v1/sessions/{second['id']}", 1, {"starts_local": "2026-12-10T09:00"})
    assert days(await sessions(clinic)) == ["11-24", "12-08", "12-10"]
    assert days(await sessions(clinic, NOW + WEEK, clinic.ana)) == ["11-24", "12-08", "12-10"]
