"""Goals over HTTP, at a moment of the test's choosing."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from httpx import Response
from uuid_utils.compat import uuid7

from app import clock
from app.goals.terms import Terms
from tests.moments import at
from tests.people import Clinic, Person

JSON = dict[str, Any]
FIRST_MORNING = datetime(2026, 11, 1, 15, tzinfo=UTC)
"""Ten in the morning of November 1, the first day of most goals, in New York; the 23rd is a Monday."""
CANONICAL: JSON = {
    "area": "sobriety",
    "statement": "Attend 12 meetings",
    "measure": {"unit": "meetings", "baseline": 0, "target": 12, "direction": "increase"},
    "relevance": "At meetings I am not alone with it.",
    "confidence": 7,
    "starts_on": "2026-11-01",
    "due_on": "2026-12-01",
    "cadence": {"kind": "by_date"},
}


def morning(number: int, hours: float = 0) -> datetime:
    """Of November; 31 is the first of December."""
    return FIRST_MORNING + timedelta(days=number - 1, hours=hours)


def body_of(terms: Terms) -> JSON:
    """The terms as an app sends them."""
    return {name: value for name, value in terms.model_dump(mode="json").items() if value is not None}


async def ask(
    clinic: Clinic, person: Person, moment: datetime, method: str, path: str, body: JSON | None = None,
    **headers: str,
) -> Response:  # fmt: skip
    async with at(clinic, person, moment) as client:
        sent = {} if body is None else {"json": body}
        return await client.request(method, path, headers=headers, **sent)


async def ok(*args: Any, **headers: str) -> JSON:
    """What `ask` brings when it succeeds."""
    reply = await ask(*args, **headers)
    assert reply.is_success, reply.text
    found: JSON = reply.json()
    return found


async def draft(clinic: Clinic, moment: datetime = FIRST_MORNING, **changes: Any) -> str:
    """A draft of ana's goal. Its id."""
    body = {**CANONICAL, **changes}
    made = await ok(clinic, clinic.ana, moment, "POST", "/v1/patients/me/goals", body)
    return str(made["id"])


async def agree(clinic: Clinic, goal_id: str, moment: datetime = FIRST_MORNING) -> JSON:
    """Signed by ana and by clara."""
    path = f"/v1/goals/{goal_id}/agreement"
    await ok(clinic, clinic.ana, moment, "POST", path, {})
    return await ok(clinic, clinic.clara, moment, "POST", path, {})


async def agreed(clinic: Clinic, moment: datetime = FIRST_MORNING, **changes: Any) -> str:
    """A goal in force. Its id."""
    goal_id = await draft(clinic, moment, **changes)
    await agree(clinic, goal_id, moment)
    return goal_id


async def read(clinic: Clinic, goal_id: str, moment: datetime, person: Person | None = None) -> JSON:
    return await ok(clinic, person or clinic.clara, moment, "GET", f"/v1/goals/{goal_id}")


async def change(
    clinic: Clinic, goal_id: str, moment: datetime, person: Person | None = None, **changes: Any
) -> Response:
    """PATCH by somebody who has read it as it is."""
    known = await read(clinic, goal_id, moment)
    match = {"If-Match": f'"{known["row_version"]}"'}
    return await ask(clinic, person or clinic.ana, moment, "PATCH", f"/v1/goals/{goal_id}", changes, **match)


def entry(lived: datetime, value: float = 1, **more: Any) -> JSON:
    return {"id": str(uuid7()), "occurred_at": lived.isoformat(), "value": value, **more}


async def note(
    clinic: Clinic, goal_id: str, moment: datetime, value: float = 1, *, lived: datetime | None = None
) -> JSON:
    """An entry of ana's that comes in at this moment, lived then unless it is said when."""
    path = f"/v1/goals/{goal_id}/progress"
    return await ok(clinic, clinic.ana, moment, "POST", path, entry(lived or moment, value))


async def check_in(
    clinic: Clinic, moment: datetime, *, lived: datetime | None = None, id: str | None = None, **answers: Any
) -> Response:
    """A check-in of ana's."""
    body = {
        "id": id or str(uuid7()), "occurred_at": (lived or moment).isoformat(),
        "time_zone": "America/New_York", "answers": answers,
    }  # fmt: skip
    return await ask(clinic, clinic.ana, moment, "POST", "/v1/patients/me/check-ins", body)


def told(psql: psycopg.Connection, goal_id: str) -> list[bool]:
    """What the signal `goal.behind` was given of a goal, the first first."""
    rows = psql.execute("select behind from goal_standing where goal_id = %s order by at", [goal_id])
    return [behind for (behind,) in rows.fetchall()]


def kept(psql: psycopg.Connection, goal_id: str) -> tuple[str, datetime | None]:
    """How a goal was last reckoned to stand, and when the sweep will look again."""
    row = psql.execute("select status, look_at from goal where id = %s", [goal_id]).fetchone()
    assert row is not None
    return row[0], row[1]


def trail(psql: psycopg.Connection, resource_id: str | UUID) -> list[tuple[str, str]]:
    """Who did what with this, as role and action."""
    rows = psql.execute(
        "select role, action from audit_entry where resource_id = %s order by at, id", [resource_id]
    )
    return [(role, action) for role, action in rows.fetchall()]


async def closed_goal(clinic: Clinic) -> dict[str, str]:
    """A goal of ana's that is reached, with an entry, by the real clock: what stands in paths, by name."""
    ana, body = clinic.ana.client, {**CANONICAL, "starts_on": "2026-01-01", "due_on": "2190-12-01"}
    made = (await ana.post("/v1/patients/me/goals", json=body)).json()
    path = f"/v1/goals/{made['id']}"
    for person in (clinic.ana, clinic.clara):
        assert (await person.client.post(f"{path}/agreement", json={})).status_code == 200
    noted = (await ana.post(f"{path}/progress", json=just_before(clock.now()))).json()
    assert (await ana.post(f"{path}/achievement", json={})).json()["status"] == "achieved"
    return {"goal_id": made["id"], "goal_progress_id": noted["id"]}


def just_before(now: datetime) -> JSON:
    """An entry that was lived before anything of the test happened."""
    return entry(now - timedelta(hours=1))
