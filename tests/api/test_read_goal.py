"""GET /v1/goals/{id} and GET /v1/patients/{id}/goals: always as the goal stands now."""

from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from tests.goals.agreeing import (
    FIRST_MORNING,
    agreed,
    ask,
    draft,
    kept,
    morning,
    note,
    ok,
    read,
    trail,
)
from tests.people import Clinic, Person


async def test_it_stands_as_of_the_moment_of_asking_and_nothing_need_be_swept(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    goal_id = await agreed(clinic)
    seen = {each: await read(clinic, goal_id, morning(each)) for each in (6, 7, 33, 34)}
    assert {each: goal["status"] for each, goal in seen.items()} == {
        6: "on_track", 7: "behind", 33: "behind", 34: "not_achieved",
    }  # fmt: skip
    assert [goal["progress"]["expected"] for goal in seen.values()] == [2, 2.4, 12, 12]
    assert kept(psql, goal_id)[0] == "on_track", "nobody swept, and reading writes nothing"


async def test_a_day_is_the_patients_day(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    # Midnight in New York, where the clocks were put back on the 1st: 05:00 in UTC.
    assert (await read(clinic, goal_id, morning(7, -10.01)))["status"] == "on_track"
    assert (await read(clinic, goal_id, morning(7, -10)))["status"] == "behind"


async def test_a_daily_goal_shows_its_streak(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, cadence={"kind": "daily"}, due_on="2026-11-12")
    for number in (1, 2, 3):
        await note(clinic, goal_id, morning(number), 10)
    goal = await read(clinic, goal_id, morning(4))
    assert goal["streak"] == {"unit": "days", "current": 3, "longest": 3}
    assert goal["progress"] == {"value": 3, "expected": 3, "pace": "on_track"}
    assert goal["measure"]["counts"] == "days"
    assert (await read(clinic, goal_id, morning(7)))["streak"]["current"] == 0


async def test_reading_is_audited(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await draft(clinic)
    await read(clinic, goal_id, FIRST_MORNING, clinic.sam)
    assert trail(psql, goal_id) == [("patient", "goal:write"), ("supervisor", "goal:read")]
    await ok(clinic, clinic.clara, FIRST_MORNING, "GET", f"/v1/patients/{clinic.ana.id}/goals")
    of_list = psql.execute(
        "select role from audit_entry where patient_id = %s and action = 'goal:read' and resource_id is null",
        [clinic.ana.id],
    ).fetchall()
    assert of_list == [("counselor",)]


async def test_a_patients_goals_are_paged_the_newest_first(clinic: Clinic) -> None:
    made = [await draft(clinic, morning(each)) for each in (1, 2, 3)]
    twin = await draft(clinic, morning(3), id=str(uuid7()))
    expected = [*sorted([made[2], twin], reverse=True), made[1], made[0]]
    path = "/v1/patients/me/goals"
    found: list[str] = []
    cursor = ""
    while len(found) < 9:
        page: dict[str, Any] = await ok(clinic, clinic.ana, morning(5), "GET", f"{path}?limit=2{cursor}")
        found += [each["id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == expected
    reply = await ask(clinic, clinic.ana, morning(5), "GET", f"{path}?cursor=W10")
    assert (reply.status_code, reply.headers.get("cache-control")) == (422, "no-store")
    whole = await ask(clinic, clinic.ana, morning(5), "GET", path)
    assert whole.headers["cache-control"] == "private, no-store"


async def test_what_is_not_theirs_is_not_there(clinic: Clinic, nora: Person) -> None:
    goal_id = await draft(clinic)
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        assert (await stranger.client.get(f"/v1/goals/{goal_id}")).status_code == 404
        reply = await stranger.client.get(f"/v1/patients/{clinic.ana.id}/goals")
        assert reply.status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.get(f"/v1/goals/{goal_id}")).status_code == 403
    assert (await clinic.nobody.get(f"/v1/goals/{goal_id}")).status_code == 401
    assert (await clinic.ana.client.get(f"/v1/goals/{uuid7()}")).status_code == 404
