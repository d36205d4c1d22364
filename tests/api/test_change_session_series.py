"""PATCH /v1/session-series/{id}: what becomes of the sessions that it has."""

import asyncio
from datetime import datetime
from typing import Any

import psycopg

from tests.api.scheduling import (
    DAY,
    NOW,
    PATH,
    WEEK,
    WEEKDAYS,
    added,
    changed,
    forget,
    get,
    looked_at,
    patch,
    patients,
    places,
    post,
    sessions,
    took,
)
from tests.people import Clinic, Person

# On Tuesday at a quarter past six in the evening in New York: the first session has begun.
BEGUN = datetime.fromisoformat("2026-11-24T18:15-05:00")


async def test_a_change_is_one_of_every_session_that_has_not_begun(clinic: Clinic) -> None:
    made = await added(clinic)
    new = {
        "title": "Coping skills", "room": "Room 5", "capacity": 9,
        "telehealth_url": "https://meet.riverside.example:8443/5?pin=1",
        "facilitator_ids": [str(clinic.sam.id)],
    }  # fmt: skip
    after = await changed(clinic, made, BEGUN, **new)
    names = ("title", "room", "telehealth_url", "capacity", "facilitators")
    assert after["facilitators"] == [{"id": str(clinic.sam.id), "name": "sam"}]
    assert after["row_version"] == made["row_version"] + 1
    begun, *coming = await sessions(clinic, BEGUN)
    assert {name: begun[name] for name in names} == {name: made[name] for name in names}
    assert begun["row_version"] == 1
    assert len(coming) == 14
    for each in coming:
        assert {name: each[name] for name in names} == {name: after[name] for name in names}
        assert each["row_version"] == 2, "who read it before has to read it again"
    assert (await get(clinic, f"{PATH}/{made['id']}")) == after
    assert (await changed(clinic, after, BEGUN, room=None))["room"] is None


async def test_what_was_changed_by_hand_stays_as_it_is(clinic: Clinic) -> None:
    made = await added(clinic, room="Room 3")
    _, second, *_ = await sessions(clinic)
    await patch(clinic, f"/v1/sessions/{second['id']}", 1, {"title": "With a guest"})
    await changed(clinic, made, room="Room 5", title="Coping skills")
    found = await sessions(clinic)
    assert [(each["room"], each["title"]) for each in found[:3]] == [
        ("Room 5", "Coping skills"), ("Room 3", "With a guest"), ("Room 5", "Coping skills")
    ]  # fmt: skip
    assert [each["is_exception"] for each in found[:3]] == [False, True, False]


async def test_an_earlier_last_day_cancels_what_comes_after_it(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic)
    moved = (await sessions(clinic))[3]
    # Put off from the last day to one after it: it takes place still.
    await patch(clinic, f"/v1/sessions/{moved['id']}", 1, {"starts_local": "2026-12-17T18:00"})
    forget(psql, clinic)
    await changed(clinic, made, NOW + DAY, last_day="2026-12-15")
    found = await sessions(clinic)
    assert [(each["local_date"], each["status"]) for each in found[:5]] == [
        ("2026-11-24", "planned"), ("2026-12-01", "planned"), ("2026-12-08", "planned"),
        ("2026-12-17", "planned"), ("2026-12-22", "cancelled"),
    ]  # fmt: skip
    assert {each["status"] for each in found[4:]} == {"cancelled"}
    assert looked_at(psql, clinic)[clinic.ana.id] == NOW + DAY, "something else is scheduled for her now"
    assert kept(psql, made) == [("cancelled", 22, 0), ("planned", 4, 4)]
    extend = psql.execute("select extend_at from session_series where id = %s", [made["id"]])
    assert extend.fetchall() == [(None,)]


def kept(psql: psycopg.Connection, of: dict[str, Any]) -> list[tuple[str, int, int]]:
    """By status, how many sessions a series has and how many of them are reckoned."""
    return psql.execute(
        "select status, count(*), count(reckon_at) from treatment_session where series_id = %s"
        " group by status order by 1",
        [of["id"]],
    ).fetchall()


async def test_with_a_later_last_day_they_take_place_after_all(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic)
    by_hand = (await sessions(clinic))[6]
    assert (await post(clinic, f"/v1/sessions/{by_hand['id']}/cancellation", {})).status_code == 200
    ended = await changed(clinic, made, last_day="2026-12-15", room="Room 5")
    again = await changed(clinic, ended, last_day="2027-01-26", title="Coping skills")
    found = await sessions(clinic)
    assert [(each["local_date"], each["status"]) for each in found if each["status"] == "planned"][-1] == (
        "2027-01-26", "planned",
    )  # fmt: skip
    assert found[6]["status"] == "cancelled", "that one was cancelled for a reason of its own"
    assert (found[5]["room"], found[5]["title"]) == ("Room 5", "Coping skills")
    assert found[5]["id"] != found[6]["id"]
    await changed(clinic, again, last_day=None)
    assert kept(psql, made) == [("cancelled", 1, 0), ("planned", 25, 25)]
    extend = psql.execute("select extend_at from session_series where id = %s", [made["id"]])
    assert extend.fetchall() == [(NOW + DAY,)], "it goes on, and further ones will be planned"


async def test_what_would_have_begun_by_now_takes_place_no_more(clinic: Clinic) -> None:
    made = await added(clinic, starts_local="2026-11-20T18:00", recurrence=WEEKDAYS)
    ended = await changed(clinic, made, NOW, last_day="2026-11-23")
    ended = await changed(clinic, ended, NOW + DAY / 24, last_day="2026-11-22")
    await changed(clinic, ended, BEGUN, last_day=None)
    found = await sessions(clinic, BEGUN)
    assert [(each["local_date"], each["status"]) for each in found[:3]] == [
        ("2026-11-23", "cancelled"), ("2026-11-24", "cancelled"), ("2026-11-25", "planned")
    ]  # fmt: skip


async def test_a_later_last_day_plans_what_there_never_was(clinic: Clinic) -> None:
    made = await added(clinic, last_day="2026-12-08")
    await changed(clinic, made, BEGUN, last_day="2026-12-15")
    found = await sessions(clinic, BEGUN)
    assert [each["local_date"][5:] for each in found] == ["11-24", "12-01", "12-08", "12-15"]


async def test_what_has_begun_is_not_cancelled_by_the_end_of_its_series(clinic: Clinic) -> None:
    made = await added(clinic)
    await changed(clinic, made, BEGUN, last_day="2026-11-24")
    found = await sessions(clinic, BEGUN)
    assert [each["status"] for each in found[:2]] == ["planned", "cancelled"]


async def test_who_told_ahead_of_an_absence_has_nothing_to_be_excused_from(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic)
    later = (await sessions(clinic))[2:5]
    for each in later:
        for person in (clinic.ana, clinic.ben):
            path = f"/v1/sessions/{each['id']}/absence"
            assert (await post(clinic, path, {"kind": "work"}, who=person)).status_code == 201
    await changed(clinic, made, last_day="2026-12-01")
    rows = psql.execute(
        "select status, count(*), min(revision) from attendance where organization_id = %s group by 1",
        [clinic.organization_id],
    ).fetchall()
    assert rows == [("cancelled", 6, 2)]


async def test_more_room_moves_up_whoever_waits_and_less_takes_nobodys_place(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic, capacity=2)
    people = [clinic.ana, clinic.ben, *await patients(clinic, 4)]
    for person in people:
        await took(clinic, made, person)
    forget(psql, clinic)
    more = await changed(clinic, made, NOW + DAY, capacity=4)
    ids = [str(each.id) for each in people]
    standing = [(each, "placed", None) for each in ids[:4]] + [(ids[4], "waiting", 1), (ids[5], "waiting", 2)]
    assert await places(clinic, made) == standing
    asked = looked_at(psql, clinic)
    assert [asked[each.id] for each in people] == [None, None, NOW + DAY, NOW + DAY, None, None]
    assert (more["placed"], more["waiting"]) == (4, 2)
    less = await changed(clinic, more, NOW + DAY, capacity=1)
    assert await places(clinic, made) == standing
    assert (less["remarks"], less["placed"]) == (["capacity_unusual"], 4)
    endless = await changed(clinic, less, NOW + DAY, capacity=None)
    assert (endless["placed"], endless["waiting"], endless["remarks"]) == (6, 0, [])


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"last_day": "2026-11-23"}, "/last_day"),
    ({"last_day": "2037-01-01"}, "/last_day"),
    ({"capacity": 31}, "/capacity"),
    ({"capacity": 0}, "/capacity"),
    ({"title": None}, "/title"),
    ({"title": ""}, "/title"),
    ({"facilitator_ids": None}, "/facilitator_ids"),
    ({"telehealth_url": "http://x.example"}, "/telehealth_url"),
    ({"starts_local": "2026-11-25T18:00"}, ""),
    ({"recurrence": "FREQ=DAILY"}, ""),
    ({"minutes": 90}, ""),
]


async def test_what_does_not_fit_changes_nothing(clinic: Clinic) -> None:
    made = await added(clinic)
    for changes, pointer in UNFIT:
        reply = await patch(clinic, f"{PATH}/{made['id']}", 1, changes)
        assert reply.status_code == 422, (changes, reply.text)
        assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]
    assert await get(clinic, f"{PATH}/{made['id']}") == made


async def test_who_may_not(clinic: Clinic, nora: Person) -> None:
    path = f"{PATH}/{(await added(clinic))['id']}"
    body = {"room": "Room 5"}
    for person, status in (
        (clinic.ana, 403), (clinic.olga, 403), (nora, 404), (clinic.dmitri, 404), (clinic.ivan, 404)
    ):  # fmt: skip
        assert (await patch(clinic, path, 1, body, who=person)).status_code == status, person.role
    assert (await patch(clinic, path, 2, body)).status_code == 412
    assert (await clinic.nobody.patch(path, json=body)).status_code == 401
    assert (await clinic.clara.client.patch(path, json=body)).status_code == 428
    assert (await patch(clinic, path, 1, body, who=clinic.adele)).headers["ETag"] == '"2"'


async def test_weeks_later_it_is_planned_as_far_ahead_as_ever(clinic: Clinic) -> None:
    made = await added(clinic)
    after = await changed(clinic, made, NOW + 3 * WEEK, last_day="2028-01-01")
    assert after["planned_until"] == "2027-06-14"
    far = await sessions(clinic, NOW, **{"from": "2027-05-20", "to": "2027-06-30"})
    assert [each["local_date"] for each in far] == ["2027-05-25", "2027-06-01", "2027-06-08"]


async def test_it_waits_for_no_session_that_stays_and_holds_no_patient_while_it_waits(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic)
    stays, _, goes, *_ = await sessions(clinic)
    path = f"/v1/sessions/{goes['id']}/absence"
    assert (await post(clinic, path, {"kind": "work"}, who=clinic.ana)).status_code == 201
    lock = "select 1 from treatment_session where id = %s for share"
    with psql.transaction():
        psql.execute(lock, [stays["id"]])
        made = await changed(clinic, made, last_day="2027-01-26")
        psql.execute(lock, [goes["id"]])
        waiting = asyncio.create_task(changed(clinic, made, last_day="2026-12-01"))
        await asyncio.sleep(0.5)
        assert not waiting.done()
        # Whoever holds the session wants the patient next.
        psql.execute("select 1 from patient where id = %s for no key update nowait", [clinic.ana.id])
    await waiting
    assert (await sessions(clinic))[2]["status"] == "cancelled"
