"""POST /v1/sessions/{id}/cancellation: the program lets a session not take place."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from app import sweeps
from app.database import unit_of_work
from tests.api.scheduling import (
    DAY,
    NOW,
    added,
    changed,
    forget,
    get,
    looked_at,
    patients,
    post,
    sessions,
    took,
)
from tests.moments import at
from tests.people import Clinic, Person

HOUR = DAY / 24
STARTS = datetime.fromisoformat("2026-11-24T18:00-05:00")
OVER = datetime.fromisoformat("2026-11-24T21:00-05:00")


async def first(clinic: Clinic, **changes: Any) -> str:
    """The path of the first session of a new series."""
    await added(clinic, **changes)
    return f"/v1/sessions/{(await sessions(clinic))[0]['id']}"


async def cancel(
    clinic: Clinic, path: str, now: datetime = NOW, who: Person | None = None, **body: Any
) -> Any:
    return await post(clinic, f"{path}/cancellation", body, now, who)


async def comes(clinic: Clinic, path: str, person: Person, now: datetime) -> None:
    code = (await get(clinic, path))["arrival_code"]
    reply = await post(clinic, f"{path}/arrival", {"code": code}, now, person)
    assert reply.status_code == 201, reply.text


async def no_shows(clinic: Clinic, path: str, now: datetime) -> None:
    """What the sweep does with this session."""
    find, act = sweeps.KINDS["treatment_session"]
    session_id = UUID(path.rsplit("/", 1)[-1])
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        if session_id in await find(db, now, 500):
            await act(db, session_id, now)


def states(psql: psycopg.Connection, clinic: Clinic) -> dict[Any, tuple[str, int]]:
    rows = psql.execute(
        "select patient_id, status, minutes from attendance where organization_id = %s",
        [clinic.organization_id],
    ).fetchall()
    return {patient_id: (status, minutes) for patient_id, status, minutes in rows}


async def test_nobody_misses_what_is_cancelled(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await first(clinic)
    assert (await post(clinic, f"{path}/absence", {"kind": "work"}, who=clinic.ben)).status_code == 201
    forget(psql, clinic)
    reply = await cancel(clinic, path, NOW + HOUR, reason="Snow")
    assert reply.status_code == 200, reply.text
    body = reply.json()
    assert (body["status"], body["cancel_reason"]) == ("cancelled", "Snow")
    assert (body["cancelled_at"], body["expected"], body["row_version"]) == ("2026-11-23T13:00:00Z", 0, 2)
    assert reply.headers["ETag"] == '"2"'
    assert looked_at(psql, clinic)[clinic.ana.id] == NOW + HOUR
    assert states(psql, clinic) == {clinic.ben.id: ("cancelled", 0)}, "it needs no excuse any more"
    await no_shows(clinic, path, OVER)
    assert states(psql, clinic) == {clinic.ben.id: ("cancelled", 0)}, "and ana has not missed it"
    trail = psql.execute("select action, actor_id from audit_entry where resource_id = %s", [body["id"]])
    assert trail.fetchall() == [("session:manage", clinic.clara.id)]


async def test_the_others_of_its_series_take_place(clinic: Clinic) -> None:
    path = await first(clinic)
    await cancel(clinic, path)
    found = await sessions(clinic)
    assert [each["status"] for each in found[:3]] == ["cancelled", "planned", "planned"]


async def test_again_changes_nothing(clinic: Clinic) -> None:
    path = await first(clinic)
    one = await cancel(clinic, path, reason="Snow")
    two = await cancel(clinic, path, NOW + HOUR, clinic.sam, reason="Ice")
    assert (two.status_code, two.json()) == (200, one.json())


async def test_what_is_cancelled_for_itself_stays_so_when_its_series_goes_on(clinic: Clinic) -> None:
    made = await added(clinic)
    _, second, third, *_ = await sessions(clinic)
    ended = await changed(clinic, made, last_day="2026-11-24")
    assert (await cancel(clinic, f"/v1/sessions/{second['id']}", reason="Snow")).status_code == 200
    await changed(clinic, ended, last_day=None)
    found = {each["id"]: each["status"] for each in await sessions(clinic)}
    assert (found[second["id"]], found[third["id"]]) == ("cancelled", "planned")


async def test_a_missed_session_that_never_was_is_not_missed(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    path = await first(clinic)
    await no_shows(clinic, path, STARTS + HOUR)
    assert states(psql, clinic) == {clinic.ana.id: ("unexcused", 0), clinic.ben.id: ("unexcused", 0)}
    assert open_alerts(psql, clinic) == 2
    # Nobody had written down that the counselor was ill.
    assert (await cancel(clinic, path, OVER + 12 * HOUR, reason="Clara was ill")).status_code == 200
    assert {status for status, _ in states(psql, clinic).values()} == {"cancelled"}
    assert open_alerts(psql, clinic) == 0


def open_alerts(psql: psycopg.Connection, clinic: Clinic) -> int:
    ((number,),) = psql.execute(
        "select count(*) from alert where organization_id = %s and status <> 'resolved'",
        [clinic.organization_id],
    ).fetchall()
    return int(number)


async def test_what_is_running_is_broken_off(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await first(clinic)
    await comes(clinic, path, clinic.ana, STARTS)
    assert (await cancel(clinic, path, STARTS + HOUR)).status_code == 200
    assert states(psql, clinic) == {clinic.ana.id: ("attended", 60)}
    await no_shows(clinic, path, OVER)
    assert states(psql, clinic) == {clinic.ana.id: ("attended", 60)}, "ben had two hours left to come"


async def test_what_took_place_is_not_cancelled(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = await first(clinic)
    await comes(clinic, path, clinic.ana, STARTS)
    reply = await cancel(clinic, path, OVER)
    assert (reply.status_code, reply.json()["code"]) == (409, "session_took_place")
    await no_shows(clinic, path, OVER)
    assert (await cancel(clinic, path, OVER + HOUR)).status_code == 409
    assert states(psql, clinic)[clinic.ana.id] == ("attended", 180)


async def test_only_those_with_a_place_hear_of_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    made = await added(clinic, capacity=9)
    (other,) = await patients(clinic, 1)
    for person in (clinic.ana, other):
        await took(clinic, made, person)
    forget(psql, clinic)
    await cancel(clinic, f"/v1/sessions/{(await sessions(clinic))[0]['id']}", NOW + HOUR)
    moment = NOW + HOUR
    assert looked_at(psql, clinic) == {clinic.ana.id: moment, other.id: moment, clinic.ben.id: None}


async def test_a_reason_is_one_line_or_none(clinic: Clinic) -> None:
    path = await first(clinic)
    for body in ({"reason": "Snow\nand ice"}, {"reason": ""}, {"reason": 7}, {"why": "Snow"}):
        assert (await post(clinic, f"{path}/cancellation", body)).status_code == 422, body
    assert (await get(clinic, path))["status"] == "planned"
    assert (await cancel(clinic, path)).json()["cancel_reason"] is None


async def test_who_may_not(clinic: Clinic, nora: Person) -> None:
    path = await first(clinic)
    for person, status in (
        (clinic.ana, 403), (clinic.olga, 403), (nora, 404), (clinic.dmitri, 404), (clinic.ivan, 404)
    ):  # fmt: skip
        assert (await cancel(clinic, path, who=person)).status_code == status, person.role
    assert (await clinic.nobody.post(f"{path}/cancellation", json={})).status_code == 401
    assert (await get(clinic, path))["status"] == "planned"
    async with at(clinic, clinic.adele, NOW) as client:
        assert (await client.post(f"{path}/cancellation", json={})).status_code == 200
