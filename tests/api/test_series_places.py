"""POST·GET /v1/session-series/{id}/places and DELETE …/{place_id}: places, and the waiting list."""

from datetime import datetime
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from tests.api.scheduling import (
    DAY,
    NOW,
    PATH,
    WEEK,
    added,
    end_stay,
    forget,
    get,
    gives_back,
    looked_at,
    patients,
    places,
    post,
    sessions,
    took,
)
from tests.moments import at
from tests.people import Clinic, Person, add_person

# On Tuesday at a quarter past six in the evening in New York: the first session has begun.
BEGUN = datetime.fromisoformat("2026-11-24T18:15-05:00")


async def test_a_patient_takes_a_place_and_is_expected(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=12)
    forget(psql, clinic)
    assert await sessions(clinic, who=clinic.ana) == []
    place = await took(clinic, made, clinic.ana)
    assert place == {
        "id": place["id"], "series_id": made["id"], "patient_id": str(clinic.ana.id), "status": "placed",
        "position": None, "first_day": "2026-11-23", "asked_at": "2026-11-23T12:00:00Z",
        "placed_at": "2026-11-23T12:00:00Z",
    }  # fmt: skip
    assert len(await sessions(clinic, who=clinic.ana)) == 15
    assert looked_at(psql, clinic) == {clinic.ana.id: NOW, clinic.ben.id: None}
    trail = psql.execute(
        "select action, resource, patient_id from audit_entry where resource_id = %s", [place["id"]]
    )
    assert trail.fetchall() == [("place:take", "series_place", clinic.ana.id)]


async def test_who_comes_too_late_waits_in_order(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=1)
    people = [clinic.ana, clinic.ben, *await patients(clinic, 2)]
    taken = [await took(clinic, made, person) for person in people]  # all in the same microsecond
    assert [(each["status"], each["position"]) for each in taken] == [
        ("placed", None), ("waiting", 1), ("waiting", 2), ("waiting", 3)
    ]  # fmt: skip
    assert (taken[1]["first_day"], taken[1]["placed_at"]) == (None, None)
    assert await places(clinic, made) == [
        (each["patient_id"], each["status"], each["position"]) for each in taken
    ]
    for person, each in zip(people, taken, strict=True):
        own = await places(clinic, made, who=person)
        assert own == [(each["patient_id"], each["status"], each["position"])], "and nobody else's"
    assert await sessions(clinic, who=people[1]) == []


async def test_who_leaves_makes_room_for_the_next(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=1, last_day="2026-12-15")
    people = [clinic.ana, clinic.ben, *await patients(clinic, 2)]
    taken = [await took(clinic, made, person) for person in people]
    forget(psql, clinic)
    later = NOW + WEEK
    assert await gives_back(clinic, taken[0], clinic.ana, later) == 204
    ids = [each["patient_id"] for each in taken]
    standing = [(ids[1], "placed", None), (ids[2], "waiting", 1), (ids[3], "waiting", 2)]
    assert await places(clinic, made) == standing
    asked = looked_at(psql, clinic)
    assert [asked[each.id] for each in people] == [later, later, None, None]
    assert [each["local_date"][5:] for each in await sessions(clinic, who=clinic.ana)] == ["11-24"]
    coming = ["12-01", "12-08", "12-15"]
    assert [each["local_date"][5:] for each in await sessions(clinic, who=clinic.ben)] == coming
    # Who waits no more lets those behind them move on.
    assert await gives_back(clinic, taken[2], people[2], later) == 204
    assert await places(clinic, made) == [standing[0], (ids[3], "waiting", 1)]
    assert await gives_back(clinic, taken[2], people[2], later) == 404
    back = await took(clinic, made, people[2], later)
    assert (back["status"], back["position"]) == ("waiting", 2), "at the end of the list"
    trail = psql.execute(
        "select actor_id, patient_id from audit_entry where resource_id = %s order by id", [taken[1]["id"]]
    )
    assert trail.fetchall() == [(clinic.ben.id, clinic.ben.id), (clinic.ana.id, clinic.ben.id)]


async def test_in_a_session_that_has_begun_nobody_comes_or_goes(clinic: Clinic) -> None:
    made = await added(clinic, capacity=1, last_day="2026-12-01")
    place = await took(clinic, made, clinic.ana)
    await took(clinic, made, clinic.ben)
    assert await gives_back(clinic, place, clinic.ana, BEGUN) == 204
    assert [each["local_date"][5:] for each in await sessions(clinic, who=clinic.ana)] == ["11-24"]
    assert [each["local_date"][5:] for each in await sessions(clinic, who=clinic.ben)] == ["12-01"]
    morning = NOW + 8 * DAY
    (held,) = (await get(clinic, f"{PATH}/{made['id']}/places"))["items"]
    assert held["first_day"] == "2026-11-25"
    assert await gives_back(clinic, held, clinic.ben, morning) == 204
    assert await sessions(clinic, who=clinic.ben) == [], "before it begins they are free to go"


async def test_asking_again_changes_nothing(clinic: Clinic) -> None:
    made = await added(clinic, capacity=1)
    path = f"{PATH}/{made['id']}/places"
    body = {"id": str(uuid7())}
    first = await post(clinic, path, body, who=clinic.ana)
    await took(clinic, made, clinic.ben)
    for same in (body, {"id": str(uuid7())}, {}, {"patient_id": "me"}, {"patient_id": str(clinic.ana.id)}):
        again = await post(clinic, path, same, NOW + DAY, clinic.ana)
        assert (again.status_code, again.json()) == (200, first.json()), same
    waiting = await post(clinic, path, {}, NOW + DAY, clinic.ben)
    assert (waiting.status_code, waiting.json()["position"]) == (200, 1)
    other = await post(clinic, path, body | {"patient_id": "me"}, who=clinic.ana)
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    (third,) = await patients(clinic, 1)
    assert (await post(clinic, path, body, who=third)).status_code == 409, "an id of somebody else's"


async def test_staff_give_a_place_to_their_patients(
    clinic: Clinic, nora: Person, psql: psycopg.Connection
) -> None:
    made = await added(clinic, capacity=1)
    path = f"{PATH}/{made['id']}/places"
    body = {"patient_id": str(clinic.ana.id)}
    for person, status in (
        (clinic.ben, 404), (nora, 404), (clinic.dmitri, 404), (clinic.ivan, 404), (clinic.adele, 403),
        (clinic.olga, 403),
    ):  # fmt: skip
        assert (await post(clinic, path, body, who=person)).status_code == status, person.role
        reply = await post(clinic, f"{path}", {}, who=person)
        assert reply.status_code == (201 if person is clinic.ben else status), person.role
    assert (await clinic.nobody.post(path, json=body)).status_code == 401
    reply = await post(clinic, path, body)
    assert (reply.status_code, reply.json()["status"]) == (201, "waiting")
    assert reply.json()["patient_id"] == str(clinic.ana.id)
    for named in ({}, {"patient_id": "me"}, {"patient_id": None}):
        reply = await post(clinic, path, named)
        assert [each["pointer"] for each in reply.json()["errors"]] == ["/patient_id"], named
    assert (await post(clinic, path, {"patient_id": str(uuid7())})).status_code == 404
    assert (await post(clinic, path, {"patient_id": str(clinic.ivan.id)})).status_code == 404
    forget(psql, clinic)
    ben, _ = (await get(clinic, path))["items"]
    assert await gives_back(clinic, ben, clinic.sam) == 204
    assert (await places(clinic, made))[0][:2] == (str(clinic.ana.id), "placed")
    assert looked_at(psql, clinic) == {clinic.ana.id: NOW, clinic.ben.id: NOW}


async def test_who_may_not_take_or_see_anothers_place(clinic: Clinic, nora: Person) -> None:
    made = await added(clinic, capacity=3)
    place = await took(clinic, made, clinic.ana)
    path = f"{PATH}/{made['id']}/places"
    elsewhere = await added(clinic, capacity=3)
    for person, listing, leaving in (
        (clinic.ben, 200, 404), (nora, 404, 404), (clinic.dmitri, 404, 404), (clinic.ivan, 404, 404),
        (clinic.adele, 403, 403), (clinic.olga, 403, 403),
    ):  # fmt: skip
        async with at(clinic, person, NOW) as client:
            reply = await client.get(path)
            assert reply.status_code == listing, person.role
            assert place["patient_id"] not in reply.text
        assert await gives_back(clinic, place, person) == leaving, person.role
    assert (await clinic.nobody.delete(f"{path}/{place['id']}")).status_code == 401
    assert (await clinic.nobody.get(path)).status_code == 401
    assert await gives_back(clinic, place | {"series_id": elsewhere["id"]}, clinic.ana) == 404
    assert len(await places(clinic, made)) == 1


async def test_a_list_names_everybody_it_disclosed(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=1)
    for person in (clinic.ana, clinic.ben):
        await took(clinic, made, person)
    await places(clinic, made)
    rows = psql.execute(
        "select patient_ids from audit_entry where actor_id = %s and action = 'place:read'", [clinic.clara.id]
    ).fetchall()
    assert rows == [(sorted([clinic.ana.id, clinic.ben.id]),)]


async def test_only_who_is_in_the_program_has_a_place_there(clinic: Clinic, nora: Person) -> None:
    made = await added(clinic, capacity=3)
    path = f"{PATH}/{made['id']}/places"
    other = await add_person(
        clinic.app, clinic.organization_id, nora.program_id, Role.PATIENT, "of another program"
    )
    assert (await post(clinic, path, {}, who=other)).status_code == 404
    await end_stay(clinic, clinic.ana)
    assert (await post(clinic, path, {}, who=clinic.ana)).status_code == 404, "she does not even see it"
    reply = await post(clinic, path, {"patient_id": str(clinic.ana.id)})
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "not_in_program")


async def test_whose_stay_is_over_leaves_room_at_the_next_question(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    made = await added(clinic, capacity=1)
    people = [clinic.ana, clinic.ben, *await patients(clinic, 2)]
    for person in people[:3]:
        await took(clinic, made, person)
    await end_stay(clinic, clinic.ana, NOW + DAY)
    last = await took(clinic, made, people[3], NOW + DAY)
    assert (last["status"], last["position"]) == ("waiting", 2), "nobody jumps the queue"
    ids = [str(each.id) for each in people]
    assert await places(clinic, made) == [
        (ids[1], "placed", None), (ids[2], "waiting", 1), (ids[3], "waiting", 2)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "now", "code"),
    [
        ({}, NOW, "no_places"),
        ({"capacity": 9, "audience": "program"}, NOW, "no_places"),
        ({"capacity": 9, "starts_local": "2026-11-20T18:00", "recurrence": None}, NOW, "series_over"),
    ],
    ids=str,
)
async def test_where_there_are_no_places(
    clinic: Clinic, changes: dict[str, Any], now: datetime, code: str
) -> None:
    made = await added(clinic, **changes)
    reply = await post(clinic, f"{PATH}/{made['id']}/places", {}, now, clinic.ana)
    assert (reply.status_code, reply.json()["code"]) == (409, code)


async def test_without_a_capacity_there_is_always_room(clinic: Clinic) -> None:
    made = await added(clinic, kind="workshop", audience="places")
    people = [clinic.ana, clinic.ben, *await patients(clinic, 14)]
    assert {(await took(clinic, made, person))["status"] for person in people} == {"placed"}


async def test_a_place_that_is_no_place_is_refused(clinic: Clinic) -> None:
    made = await added(clinic, capacity=9)
    path = f"{PATH}/{made['id']}/places"
    for body in ({"patient_id": "ana"}, {"id": "1"}, {"status": "placed"}):
        assert (await post(clinic, path, body, who=clinic.ana)).status_code == 422, body
    assert (await post(clinic, f"{PATH}/{uuid7()}/places", {}, who=clinic.ana)).status_code == 404
