"""POST /v1/goals/{id}/achievement and …/retirement: closed by people."""

from typing import Any

import psycopg
import pytest

from tests.goals.agreeing import agreed, ask, draft, kept, morning, note, ok, read, told, trail
from tests.people import Clinic, Person


async def close(clinic: Clinic, goal_id: str, number: int, verb: str, **body: Any) -> dict[str, Any]:
    return await ok(clinic, clinic.ana, morning(number), "POST", f"/v1/goals/{goal_id}/{verb}", body)


@pytest.mark.parametrize(("reached", "status"), [(True, "achieved"), (False, "not_achieved")])
async def test_what_people_say_goes_before_what_was_counted(
    clinic: Clinic, psql: psycopg.Connection, reached: bool, status: str
) -> None:
    goal_id = await agreed(clinic, review_every_days=7)
    for number in range(1, 13 if not reached else 3):
        await note(clinic, goal_id, morning(number))
    goal = await close(clinic, goal_id, 14, "achievement", reached=reached, note="We talked about it.")
    assert (goal["status"], goal["close_reason"]) == (status, "We talked about it.")
    assert (goal["closed_at"], goal["closed_by"]) == ("2026-11-14T15:00:00Z", str(clinic.ana.id))
    assert (goal["review_on"], goal["review_overdue"]) == (None, False)
    assert kept(psql, goal_id) == (status, None)
    assert (await read(clinic, goal_id, morning(90)))["status"] == status
    assert trail(psql, goal_id)[-2:] == [("patient", "goal:close"), ("counselor", "goal:read")]


async def test_it_is_reached_unless_it_is_said_otherwise(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    assert (await close(clinic, goal_id, 3, "achievement"))["status"] == "achieved"


async def test_a_goal_is_given_up_with_a_reason(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    path = f"/v1/goals/{goal_id}/retirement"
    for empty in ({}, {"reason": " "}, {"reason": None}):
        assert (await ask(clinic, clinic.clara, morning(3), "POST", path, empty)).status_code == 422
    goal = await ok(clinic, clinic.clara, morning(3), "POST", path, {"reason": "Works nights now."})
    assert (goal["status"], goal["close_reason"]) == ("retired", "Works nights now.")
    assert kept(psql, goal_id) == ("retired", None)


async def test_a_draft_is_given_up_and_nothing_else(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await draft(clinic, measure=None)
    path = f"/v1/goals/{goal_id}/achievement"
    reply = await ask(clinic, clinic.ana, morning(3), "POST", path, {})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_agreed")
    goal = await close(clinic, goal_id, 3, "retirement", reason="Another one is better.")
    assert (goal["status"], goal["lacks"], goal["proposal"]) == ("retired", [], None)
    assert told(psql, goal_id) == []


async def test_the_same_again_changes_nothing_and_something_else_is_refused(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    first = await close(clinic, goal_id, 3, "achievement", reached=True, note="Yes.")
    assert await close(clinic, goal_id, 3, "achievement", reached=True, note="Yes.") == first
    for verb, body in (
        ("achievement", {"reached": True, "note": "No."}),
        ("achievement", {"reached": False, "note": "Yes."}),
        ("retirement", {"reason": "Yes."}),
    ):
        path = f"/v1/goals/{goal_id}/{verb}"
        reply = await ask(clinic, clinic.ana, morning(4), "POST", path, body)
        assert (reply.status_code, reply.json()["code"]) == (409, "goal_closed")


async def test_a_goal_that_was_behind_is_so_no_more_when_it_is_given_up_or_reached(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    given_up, reached, missed = [await agreed(clinic, morning(23)) for _ in range(3)]
    assert [told(psql, each) for each in (given_up, reached, missed)] == [[True]] * 3
    await close(clinic, given_up, 24, "retirement", reason="Moves away.")
    await close(clinic, reached, 24, "achievement", reached=True)
    await close(clinic, missed, 24, "achievement", reached=False)
    assert told(psql, given_up) == told(psql, reached) == [True, False]
    assert told(psql, missed) == [True], "it did not catch up"


async def test_others_close_nothing(clinic: Clinic, nora: Person) -> None:
    goal_id = await agreed(clinic)
    for verb, body in (("achievement", {}), ("retirement", {"reason": "No."})):
        path = f"/v1/goals/{goal_id}/{verb}"
        for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
            assert (await stranger.client.post(path, json=body)).status_code == 404
        for role in (clinic.adele, clinic.olga):
            assert (await role.client.post(path, json=body)).status_code == 403
        assert (await clinic.nobody.post(path, json=body)).status_code == 401
    assert (await read(clinic, goal_id, morning(2)))["closed_at"] is None
