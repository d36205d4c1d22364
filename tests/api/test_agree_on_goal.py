"""POST /v1/goals/{id}/agreement."""

import asyncio
from datetime import UTC, datetime

import psycopg

from tests.goals.agreeing import (
    CANONICAL,
    FIRST_MORNING,
    agree,
    agreed,
    ask,
    change,
    draft,
    kept,
    morning,
    ok,
    read,
    told,
    trail,
)
from tests.people import Clinic, Person


async def test_it_is_agreed_when_both_have_signed(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await draft(clinic, review_every_days=14)
    path = f"/v1/goals/{goal_id}/agreement"
    half = await ok(clinic, clinic.ana, FIRST_MORNING, "POST", path, {})
    assert (half["status"], half["agreed_version"], half["review_on"]) == ("draft", None, None)
    whole = await ok(clinic, clinic.clara, morning(2), "POST", path, {})
    assert (whole["status"], whole["agreed_version"]) == ("on_track", 1)
    assert whole["signatures"] == [
        {"signed_as": "patient", "signer_id": str(clinic.ana.id), "at": "2026-11-01T15:00:00Z"},
        {"signed_as": "counselor", "signer_id": str(clinic.clara.id), "at": "2026-11-02T15:00:00Z"},
    ]
    assert (whole["review_on"], whole["review_overdue"]) == ("2026-11-16", False)
    # On the 7th at midnight in New York it would be behind.
    assert kept(psql, goal_id) == ("on_track", datetime(2026, 11, 7, 5, tzinfo=UTC))
    assert told(psql, goal_id) == []
    signed = [each for each in trail(psql, goal_id) if each[1] == "goal:agree"]
    assert signed == [("patient", "goal:agree"), ("counselor", "goal:agree")]


async def test_the_first_review_is_counted_from_its_start(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, starts_on="2026-11-10", review_every_days=7)
    assert (await read(clinic, goal_id, morning(2)))["review_on"] == "2026-11-17"


async def test_one_side_signs_once(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    path = f"/v1/goals/{goal_id}/agreement"
    for person in (clinic.clara, clinic.sam, clinic.clara):
        half = await ok(clinic, person, FIRST_MORNING, "POST", path, {})
        assert half["status"] == "draft"
        assert [each["signer_id"] for each in half["signatures"]] == [str(clinic.clara.id)]
    assert (await ok(clinic, clinic.ana, FIRST_MORNING, "POST", path, {}))["status"] == "on_track"


async def test_to_sign_what_is_in_force_changes_nothing(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    before = psql.execute("select * from goal where id = %s", [goal_id]).fetchone()
    await agree(clinic, goal_id, morning(3))
    assert psql.execute("select * from goal where id = %s", [goal_id]).fetchone() == before


async def test_what_is_not_smart_is_refused_with_what_it_lacks(clinic: Clinic) -> None:
    goal_id = await draft(clinic, confidence=None, relevance=None)
    path = f"/v1/goals/{goal_id}/agreement"
    reply = await ask(clinic, clinic.clara, FIRST_MORNING, "POST", path, {}, **{"Accept-Language": "es"})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_smart")
    assert reply.json()["lacks"] == [
        {
            "letter": "A",
            "code": "confidence_missing",
            "words": "Diga cuánta confianza tiene, de 0 a 10.",
        },
        {
            "letter": "R",
            "code": "relevance_missing",
            "words": "Diga con sus palabras por qué le importa.",
        },
    ]
    assert (await read(clinic, goal_id, FIRST_MORNING))["signatures"] == []
    patient = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", path, {})
    assert patient.json()["lacks"][1]["words"] == "Say in your own words why it matters to you."


async def test_what_is_over_already_is_not_agreed_on(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    path = f"/v1/goals/{goal_id}/agreement"
    reply = await ask(clinic, clinic.ana, morning(32), "POST", path, {})
    assert [each["code"] for each in reply.json()["lacks"]] == ["due_over"]
    assert (await ask(clinic, clinic.ana, morning(31), "POST", path, {})).status_code == 200


async def test_a_proposal_has_to_be_smart_too(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    goal = (await change(clinic, goal_id, morning(3), due_on="2026-11-01", reason="Harder now.")).json()
    assert [each["code"] for each in goal["proposal"]["lacks"]] == ["due_over"]
    assert goal["lacks"] == [], "what is in force lacks nothing"
    reply = await ask(clinic, clinic.ana, morning(3), "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "not_smart")


async def test_nobody_signs_what_they_have_not_read(clinic: Clinic) -> None:
    """With `row_version` the signature is for what was on the screen."""
    goal_id = await draft(clinic)
    seen = (await read(clinic, goal_id, FIRST_MORNING))["row_version"]
    await change(clinic, goal_id, FIRST_MORNING, clinic.clara, confidence=10)
    path = f"/v1/goals/{goal_id}/agreement"
    reply = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", path, {"row_version": seen})
    assert (reply.status_code, reply.json()["code"]) == (412, "version_changed")
    fresh = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", path, {"row_version": seen + 1})
    assert len(fresh.json()["signatures"]) == 1


async def test_agreed_on_late_it_is_behind_at_once_and_that_is_told(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    evening = morning(23, 10)  # in UTC the next day has begun
    goal_id = await agreed(clinic, evening)
    assert (await read(clinic, goal_id, evening))["status"] == "behind"
    assert told(psql, goal_id) == [True]
    told_at, local_date, program_id = psql.execute(
        "select at, local_date, program_id from goal_standing where goal_id = %s", [goal_id]
    ).fetchall()[0]
    assert (told_at, str(local_date), program_id) == (evening, "2026-11-23", clinic.program_id)


async def test_both_sign_at_the_same_moment(clinic: Clinic) -> None:
    """Whoever comes second sees the other's signature: it is agreed, and not waiting for ever."""
    for _ in range(5):
        goal_id = (await clinic.ana.client.post("/v1/patients/me/goals", json=_open_ended())).json()["id"]
        path = f"/v1/goals/{goal_id}/agreement"
        replies = await asyncio.gather(
            clinic.ana.client.post(path, json={}), clinic.clara.client.post(path, json={})
        )
        assert [reply.status_code for reply in replies] == [200, 200]
        goal = (await clinic.ana.client.get(f"/v1/goals/{goal_id}")).json()
        assert (goal["agreed_version"], len(goal["signatures"])) == (1, 2)


def _open_ended() -> dict[str, object]:
    """For those who ask without a moment of the test's."""
    return {**CANONICAL, "starts_on": "2026-01-01", "due_on": "2190-12-01"}


async def test_a_closed_goal_is_not_signed(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    await ok(clinic, clinic.ana, FIRST_MORNING, "POST", f"/v1/goals/{goal_id}/retirement", {"reason": "No."})
    reply = await ask(clinic, clinic.ana, FIRST_MORNING, "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert (reply.status_code, reply.json()["code"]) == (409, "goal_closed")


async def test_others_do_not_sign(clinic: Clinic, nora: Person) -> None:
    path = f"/v1/goals/{await draft(clinic)}/agreement"
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        assert (await stranger.client.post(path, json={})).status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.post(path, json={})).status_code == 403
    assert (await clinic.nobody.post(path, json={})).status_code == 401
