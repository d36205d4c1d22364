"""PATCH /v1/goals/{id} and GET /v1/goals/{id}/versions."""

from typing import Any

import psycopg

from tests.goals.agreeing import (
    FIRST_MORNING,
    agree,
    agreed,
    ask,
    change,
    draft,
    morning,
    note,
    ok,
    read,
    told,
    trail,
)
from tests.people import Clinic, Person

LATER = {"due_on": "2026-12-31"}
WHY = "The car was in the shop."


async def versions(clinic: Clinic, goal_id: str) -> list[dict[str, Any]]:
    found = await ok(clinic, clinic.ana, morning(23), "GET", f"/v1/goals/{goal_id}/versions")
    items: list[dict[str, Any]] = found["items"]
    return items


async def test_a_draft_changes_in_place(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await draft(clinic, confidence=None)
    reply = await change(clinic, goal_id, FIRST_MORNING, confidence=8, relevance="For my kids.")
    assert reply.status_code == 200, reply.text
    goal = reply.json()
    assert (goal["confidence"], goal["relevance"], goal["version"]) == (8, "For my kids.", 1)
    assert goal["statement"] == "Attend 12 meetings", "the rest stays"
    assert (goal["lacks"], goal["row_version"], reply.headers["etag"]) == ([], 2, '"2"')
    assert len(await versions(clinic, goal_id)) == 1
    assert ("patient", "goal:write") in trail(psql, goal_id)


async def test_null_takes_away_and_a_measure_is_replaced_whole(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    goal = (await change(clinic, goal_id, FIRST_MORNING, area=None, measure={"unit": "hours"})).json()
    assert goal["area"] is None
    assert goal["measure"] == {
        "unit": "hours", "baseline": None, "target": None, "direction": None, "counts": "sum",
    }  # fmt: skip
    assert [each["code"] for each in goal["lacks"]] == [
        "area_missing",
        "baseline_missing",
        "target_missing",
        "direction_missing",
    ]


async def test_a_changed_draft_loses_its_signatures(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    await ok(clinic, clinic.ana, FIRST_MORNING, "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert len((await read(clinic, goal_id, FIRST_MORNING))["signatures"]) == 1
    same = await change(clinic, goal_id, FIRST_MORNING, clinic.clara, confidence=7)
    assert len(same.json()["signatures"]) == 1, "the same terms again are no change"
    other = await change(clinic, goal_id, FIRST_MORNING, clinic.clara, confidence=9)
    assert other.json()["signatures"] == []
    half = await ok(clinic, clinic.clara, FIRST_MORNING, "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert half["status"] == "draft", "ana signed something else"


async def test_what_was_agreed_stays_in_force_until_both_have_signed(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    reply = await change(clinic, goal_id, morning(23), **LATER, reason=WHY)
    assert reply.status_code == 200, reply.text
    goal = reply.json()
    assert (goal["due_on"], goal["version"], goal["agreed_version"]) == ("2026-12-01", 2, 1)
    assert (goal["status"], goal["progress"]["expected"]) == ("behind", 8.8)
    proposal = goal["proposal"]
    assert (proposal["due_on"], proposal["version"], proposal["reason"]) == ("2026-12-31", 2, WHY)
    assert (proposal["signatures"], proposal["lacks"]) == ([], [])
    assert len(goal["signatures"]) == 2, "those under what is in force"
    half = await ok(clinic, clinic.ana, morning(23), "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert (half["due_on"], len(half["proposal"]["signatures"])) == ("2026-12-01", 1)
    whole = await ok(clinic, clinic.clara, morning(23), "POST", f"/v1/goals/{goal_id}/agreement", {})
    assert (whole["due_on"], whole["agreed_version"], whole["proposal"]) == ("2026-12-31", 2, None)
    assert whole["progress"]["expected"] == 4.4


async def test_what_is_agreed_anew_may_be_on_track_again(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic)
    for number in range(1, 5):
        await note(clinic, goal_id, morning(number))
    await note(clinic, goal_id, morning(23), lived=morning(5))
    assert told(psql, goal_id) == [True]
    assert (await change(clinic, goal_id, morning(23), **LATER, reason=WHY)).status_code == 200
    assert told(psql, goal_id) == [True]
    assert (await agree(clinic, goal_id, morning(23)))["status"] == "on_track"
    assert told(psql, goal_id) == [True, False]


async def test_every_wording_is_kept_with_reason_author_and_signatures(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    await change(clinic, goal_id, morning(20), clinic.clara, **LATER, reason=WHY)
    await change(clinic, goal_id, morning(21), confidence=9, reason="I feel sure.")
    newest, middle, first = await versions(clinic, goal_id)
    assert [each["version"] for each in (newest, middle, first)] == [3, 2, 1]
    assert [each["in_force"] for each in (newest, middle, first)] == [False, False, True]
    assert [each["reason"] for each in (newest, middle, first)] == ["I feel sure.", WHY, None]
    assert [each["author_id"] for each in (newest, middle, first)] == [
        str(each.id) for each in (clinic.ana, clinic.clara, clinic.ana)
    ]
    assert [len(each["signatures"]) for each in (newest, middle, first)] == [0, 0, 2]
    # The newest was made from the one before it, which nobody had signed.
    assert (newest["due_on"], newest["confidence"]) == ("2026-12-31", 9)
    assert (first["due_on"], first["confidence"]) == ("2026-12-01", 7)
    assert {each["signed_as"] for each in first["signatures"]} == {"patient", "counselor"}


async def test_what_was_agreed_changes_with_a_reason_only(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    for unsaid in ({}, {"reason": None}, {"reason": "  "}):
        reply = await change(clinic, goal_id, morning(3), **LATER, **unsaid)
        assert reply.status_code == 422, reply.text
        assert [each["pointer"] for each in reply.json()["errors"]] == ["/reason"]
    same = await change(clinic, goal_id, morning(3), confidence=7)
    assert (same.status_code, same.json()["version"]) == (200, 1)


async def test_a_change_names_the_version_that_was_read(clinic: Clinic) -> None:
    goal_id = await draft(clinic)
    path = f"/v1/goals/{goal_id}"
    reply = await ask(clinic, clinic.ana, FIRST_MORNING, "PATCH", path, {"confidence": 9})
    assert reply.status_code == 428
    for stale in ('"0"', '"2"', "x"):
        match = {"If-Match": stale}
        reply = await ask(clinic, clinic.ana, FIRST_MORNING, "PATCH", path, {"confidence": 9}, **match)
        assert reply.status_code == 412
    assert (await change(clinic, goal_id, FIRST_MORNING, confidence=9)).status_code == 200
    match = {"If-Match": '"1"'}
    late = await ask(clinic, clinic.clara, FIRST_MORNING, "PATCH", path, {"confidence": 8}, **match)
    assert late.status_code == 412
    assert (await read(clinic, goal_id, FIRST_MORNING))["confidence"] == 9


async def test_an_entry_gets_into_nobodys_way(clinic: Clinic) -> None:
    """Else each meeting that ana notes would refuse the change that clara is writing."""
    goal_id = await agreed(clinic)
    before = (await read(clinic, goal_id, morning(2)))["row_version"]
    await note(clinic, goal_id, morning(2))
    goal = await read(clinic, goal_id, morning(2))
    assert (goal["row_version"], goal["progress"]["value"]) == (before, 1)
    signed = await read(clinic, await draft(clinic), FIRST_MORNING)
    path = f"/v1/goals/{signed['id']}"
    half = await ok(clinic, clinic.ana, FIRST_MORNING, "POST", f"{path}/agreement", {})
    assert half["row_version"] > signed["row_version"], "a signature is to be seen before it is lost"


async def test_a_closed_goal_stays_as_it_is(clinic: Clinic) -> None:
    for verb, body in (("retirement", {"reason": "Enough."}), ("achievement", {"reached": True})):
        goal_id = await agreed(clinic)
        await ok(clinic, clinic.ana, morning(3), "POST", f"/v1/goals/{goal_id}/{verb}", body)
        reply = await change(clinic, goal_id, morning(3), **LATER, reason=WHY)
        assert (reply.status_code, reply.json()["code"]) == (409, "goal_closed")


async def test_one_that_time_closed_can_be_agreed_on_anew(clinic: Clinic) -> None:
    goal_id = await agreed(clinic)
    moment = morning(40)
    assert (await read(clinic, goal_id, moment))["status"] == "not_achieved"
    assert (await change(clinic, goal_id, moment, **LATER, reason=WHY)).status_code == 200
    assert (await agree(clinic, goal_id, moment))["status"] == "behind"


async def test_for_others_it_is_not_there(clinic: Clinic, nora: Person) -> None:
    goal_id = await draft(clinic)
    path, match = f"/v1/goals/{goal_id}", {"If-Match": '"1"'}
    for stranger in (clinic.ben, clinic.dmitri, clinic.ivan, nora):
        reply = await stranger.client.patch(path, json={"confidence": 9}, headers=match)
        assert reply.status_code == 404
        assert (await stranger.client.get(f"{path}/versions")).status_code == 404
    for role in (clinic.adele, clinic.olga):
        assert (await role.client.patch(path, json={"confidence": 9}, headers=match)).status_code == 403
        assert (await role.client.get(f"{path}/versions")).status_code == 403
    assert (await clinic.nobody.patch(path, json={"confidence": 9})).status_code == 401
    assert (await clinic.nobody.get(f"{path}/versions")).status_code == 401
