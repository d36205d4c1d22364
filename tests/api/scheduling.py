"""Series, sessions and places over HTTP, on Monday, November 23, 2026, at seven in the morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from httpx import Response
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from tests.moments import at
from tests.people import Clinic, Person, add_person

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
PATH = "/v1/session-series"
WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"


def series(clinic: Clinic, **changes: Any) -> dict[str, Any]:
    """Tuesdays from six to nine in the evening, for everybody in the program; nobody leads."""
    return {
        "program_id": str(clinic.program_id), "kind": "group", "title": "Relapse prevention",
        "starts_local": "2026-11-24T18:00", "time_zone": "America/New_York", "minutes": 180,
        "recurrence": "FREQ=WEEKLY", **changes,
    }  # fmt: skip


async def post(
    clinic: Clinic, path: str, json: Any, now: datetime = NOW, who: Person | None = None
) -> Response:
    async with at(clinic, who or clinic.clara, now) as client:
        return await client.post(path, json=json)


async def get(
    clinic: Clinic, path: str, now: datetime = NOW, who: Person | None = None, **params: Any
) -> Any:
    async with at(clinic, who or clinic.clara, now) as client:
        reply = await client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def patch(
    clinic: Clinic, path: str, version: int, json: Any, now: datetime = NOW, who: Person | None = None
) -> Response:
    async with at(clinic, who or clinic.clara, now) as client:
        return await client.patch(path, json=json, headers={"If-Match": f'"{version}"'})


async def added(clinic: Clinic, now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """A new series, as its reply has it."""
    reply = await post(clinic, PATH, series(clinic, **changes), now)
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def changed(clinic: Clinic, of: dict[str, Any], now: datetime = NOW, **changes: Any) -> dict[str, Any]:
    """The series after a change."""
    reply = await patch(clinic, f"{PATH}/{of['id']}", of["row_version"], changes, now)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def sessions(clinic: Clinic, now: datetime = NOW, who: Person | None = None, **params: Any) -> Any:
    """What `GET /v1/sessions` lists; from November 23 for a hundred days unless it is said."""
    return (
        await get(clinic, "/v1/sessions", now, who, **{"from": "2026-11-23", "to": "2027-03-02"} | params)
    )["items"]


async def took(clinic: Clinic, of: dict[str, Any], person: Person, now: datetime = NOW) -> dict[str, Any]:
    """A place, or one in the waiting list, that somebody has asked for themselves."""
    reply = await post(clinic, f"{PATH}/{of['id']}/places", {}, now, person)
    assert reply.status_code == 201, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def gives_back(clinic: Clinic, place: dict[str, Any], person: Person, now: datetime = NOW) -> int:
    async with at(clinic, person, now) as client:
        reply = await client.delete(f"{PATH}/{place['series_id']}/places/{place['id']}")
    return reply.status_code


async def places(
    clinic: Clinic, of: dict[str, Any], now: datetime = NOW, who: Person | None = None
) -> list[tuple[str, str, int | None]]:
    """Who has a place and who waits: patient, status, position."""
    items = (await get(clinic, f"{PATH}/{of['id']}/places", now, who))["items"]
    return [(each["patient_id"], each["status"], each["position"]) for each in items]


async def patients(clinic: Clinic, number: int) -> list[Person]:
    """So many more of them in the evening program."""
    return [
        await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.PATIENT, f"patient{n}")
        for n in range(number)
    ]


async def end_stay(clinic: Clinic, person: Person, now: datetime = NOW) -> None:
    """sam discharges a patient."""
    stay = (await get(clinic, f"/v1/patients/{person.id}/enrollments", now, clinic.sam))["items"][0]
    path = f"/v1/enrollments/{stay['id']}"
    reply = await patch(clinic, path, stay["row_version"], {"status": "completed"}, now, clinic.sam)
    assert reply.status_code == 200, reply.text


def looked_at(psql: psycopg.Connection, clinic: Clinic) -> dict[Any, datetime | None]:
    """When somebody's silence is looked at, by patient."""
    return dict(
        psql.execute(
            "select patient_id, absence_due_at from enrollment where organization_id = %s",
            [clinic.organization_id],
        ).fetchall()
    )


def forget(psql: psycopg.Connection, clinic: Clinic) -> None:
    psql.execute(
        "update enrollment set absence_due_at = null where organization_id = %s", [clinic.organization_id]
    )


async def attended(clinic: Clinic) -> dict[str, str]:
    """ana was in a group two days ago, as the application's clock has it, and has a place in it from now on.
    What stands in paths: the series, that session, and a place that nobody has."""
    long_ago = f"{clock.now() - 2 * DAY:%Y-%m-%dT10:00}"
    body = series(clinic, starts_local=long_ago, minutes=60, capacity=12)
    made = (await clinic.clara.client.post(PATH, json=body)).json()
    day = long_ago[:10]
    listed = await clinic.clara.client.get("/v1/sessions", params={"from": day, "to": day})
    (was,) = listed.json()["items"]
    part = f"/v1/sessions/{was['id']}/attendance/{clinic.ana.id}"
    written = await clinic.clara.client.put(part, json={"status": "attended"})
    assert written.status_code == 200, written.text
    taken = await clinic.ana.client.post(f"{PATH}/{made['id']}/places", json={})
    assert taken.json()["status"] == "placed", taken.text
    return {"session_series_id": made["id"], "session_id": was["id"], "series_place_id": str(uuid7())}
