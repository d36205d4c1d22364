"""POST /v1/goals/{id}/review and GET /v1/goals/{id}/reviews."""

from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from tests.goals.agreeing import agreed, ask, draft, morning, ok, read, trail
from tests.people import Clinic, Person


async def review(clinic: Clinic, goal_id: str, number: int, **body: Any) -> dict[str, Any]:
    return await ok(clinic, clinic.clara, morning(number), "POST", f"/v1/goals/{goal_id}/review", body)


async def test_a_review_says_when_the_next_one_is_due(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic, review_every_days=7)
    seen = [(await read(clinic, goal_id, morning(each)))["review_overdue"] for each in (8, 9)]
    assert seen == [False, True], "it was due on the 8th"
    goal = await review(clinic, goal_id, 9, note="Tries the noon meeting.", next_review_on="2026-11-20")
    assert (goal["review_on"], goal["review_overdue"]) == ("2026-11-20", False)
    assert (await review(clinic, goal_id, 10))["review_on"] == "2026-11-17", "as the goal says"
    assert (await review(clinic, goal_id, 11, next_review_on=None))["review_on"] is None
    found = (await ok(clinic, clinic.ana, morning(12), "GET", f"/v1/goals/{goal_id}/reviews"))["items"]
    assert [(each["at"][:10], each["note"], each["next_review_on"]) for each in found] == [
        ("2026-11-11", None, None),
        ("2026-11-10", None, "2026-11-17"),
        ("2026-11-09", "Tries the noon meeting.", "2026-11-20"),
    ]
    assert {each["by"] for each in found} == {str(clinic.clara.id)}
    assert trail(psql, goal_id).count(("counselor", "goal:review")) == 3
    assert ("patient", "goal:read") in trail(psql, goal_id)


async def test_without_a_rhythm_the_next_one_is_in_two_weeks_unless_it_is_said(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    assert (await review(clinic, goal_id, 3))["review_on"] == "2026-11-17"
    assert (await review(clinic, goal_id, 3, next_review_on="2026-11-04"))["review_on"] == "2026-11-04"


async def test_the_next_review_is_later_than_today(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    for day in ("2026-11-03", "2026-11-02", "2020-01-01"):
        body = {"next_review_on": day}
        reply = await ask(clinic, clinic.clara, morning(3), "POST", f"/v1/goals/{goal_id}/review", body)
        assert (reply.status_code, reply.json()["errors"][0]["pointer"]) == (422, "/next_review_on")


async def test_sent_twice_it_is_one_review(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    path = f"/v1/goals/{goal_id}/review"
    body = {"id": str(uuid7()), "note": "Once."}
    first = await ask(clinic, clinic.clara, morning(3), "POST", path, body)
    again = await ask(clinic, clinic.clara, morning(4), "POST", path, body)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json() == first.json()
    key = {"Idempotency-Key": str(uuid7())}
    for _ in range(2):
        assert (await ask(clinic, clinic.clara, morning(5), "POST", path, {}, **key)).status_code == 200
    other = await ask(clinic, clinic.clara, morning(3), "POST", path, {**body, "note": "Other."})
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    found = await ok(clinic, clinic.clara, morning(6), "GET", f"/v1/goals/{goal_id}/reviews")
    assert len(found["items"]) == 2


async def test_there_is_nothing_to_review_of_a_draft_or_a_closed_goal(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    path = f"/v1/goals/{goal_id}"
    reply = await ask(clinic, clinic.clara, morning(3), "POST", f"{path}/review", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_agreed")
    await ok(clinic, clinic.clara, morning(3), "POST", f"{path}/retirement", {"reason": "No."})
    reply = await ask(clinic, clinic.clara, morning(3), "POST", f"{path}/review", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "goal_closed")


async def test_one_that_time_closed_is_looked_at_all_the_more(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, review_every_days=14)
    goal = await read(clinic, goal_id, morning(40))
    assert (goal["status"], goal["review_overdue"]) == ("not_achieved", True)
    assert (await review(clinic, goal_id, 40, next_review_on=None))["review_overdue"] is False


async def test_only_the_care_team_reviews(clinic: Clinic, nora: Person) -> None:
    path = f"/v1/goals/{await agreed(clinic)}"
    assert (await clinic.ana.client.post(f"{path}/review", json={})).status_code == 403
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        assert (await stranger.client.post(f"{path}/review", json={})).status_code == 404
        assert (await stranger.client.get(f"{path}/reviews")).status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.post(f"{path}/review", json={})).status_code == 403
        assert (await role.client.get(f"{path}/reviews")).status_code == 403
    assert (await clinic.nobody.post(f"{path}/review", json={})).status_code == 401
    assert (await clinic.nobody.get(f"{path}/reviews")).status_code == 401
