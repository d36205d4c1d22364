"""A reply to an answer that touches the safety floor brings the patient their own safety plan."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from uuid_utils.compat import uuid7

from tests.people import Clinic
from tests.supporting import PLAN, plan, standing_by

LIVED = {"occurred_at": "2026-11-23T08:00:00-05:00", "time_zone": "America/New_York"}
PHQ9 = {f"phq9-{item}": 0 for item in range(1, 9)} | {"phq9-9": 2}
STEPS = {
    "coping": ["Walk to the river"], "people_to_ask": [{"name": "Rosa", "phone": "212 555 0123"}],
}  # fmt: skip


def check_in(**answers: Any) -> dict[str, Any]:
    return {"id": str(uuid7()), **LIVED, "answers": answers}


def assessment() -> dict[str, Any]:
    return {"id": str(uuid7()), **LIVED, "instrument": "phq-9", "answers": PHQ9}


@contextmanager
def statements_of(app: FastAPI) -> Iterator[list[str]]:
    """Every statement about a safety plan that is sent meanwhile."""
    statements: list[str] = []

    def sent(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "safety_plan" in statement:
            statements.append(statement)

    engine = app.state.engine.sync_engine
    event.listen(engine, "before_cursor_execute", sent)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", sent)


async def test_a_check_in_and_an_assessment_bring_the_newest_plan(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan(coping=["Sing"]))
    await clinic.ana.client.put(PLAN, json={"steps": STEPS}, headers={"If-Match": '"1"'})
    check_ins, assessments = "/v1/patients/me/check-ins", "/v1/patients/me/assessments"
    sent = check_in(feels_safe=False)
    first = (await clinic.ana.client.post(check_ins, json=sent)).json()["help"]["safety_plan"]
    assert first["version"] == 2
    assert first["steps"]["coping"] == ["Walk to the river"]
    assert first["steps"]["people_to_ask"] == STEPS["people_to_ask"]
    assert first["steps"]["reasons_for_living"] == []
    assert list(first["headings"]) == list(first["steps"])
    assert first["headings"]["coping"] == "What I can do by myself"
    for path, body in ((check_ins, sent), (assessments, assessment())):  # the first: sent again
        reply = await clinic.ana.client.post(path, json=body)
        assert reply.json()["help"]["safety_plan"] == first
    batch = {"items": [check_in(feels_safe=False)]}
    (item,) = (await clinic.ana.client.post(f"{check_ins}/batch", json=batch)).json()["items"]
    assert item["check_in"]["help"]["safety_plan"] == first
    differs = await clinic.ana.client.post(
        check_ins, json={**sent, "answers": {"feels_safe": False, "mood": 1}}
    )
    assert (differs.status_code, differs.json()["help"]["safety_plan"]) == (409, first)


@pytest.mark.parametrize(("locale", "heading"), [("en", "My way"), ("es", "Lo que puedo hacer yo")])
async def test_the_headings_are_in_the_patient_s_language_and_the_program_s_words(
    clinic: Clinic, locale: str, heading: str
) -> None:
    path = f"/v1/programs/{clinic.program_id}"
    own = {"sentences": {"en": {"safety_plan.coping": "My way"}}}
    assert (await clinic.adele.client.patch(path, json=own, headers={"If-Match": '"1"'})).status_code == 200
    tag = {"If-Match": '"1"'}
    assert (await clinic.ana.client.patch("/v1/patients/me", json={"locale": locale}, headers=tag)).is_success
    await clinic.ana.client.put(PLAN, json=plan())
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(feels_safe=False))
    start = (await clinic.ana.client.get("/v1/bootstrap")).json()
    assert reply.json()["help"]["safety_plan"]["headings"]["coping"] == heading
    step = next(each for each in start["safety_plan_steps"] if each["code"] == "coping")
    assert step["heading"] == heading
    assert step["question"].endswith("?")


async def test_no_plan_is_no_obstacle(clinic: Clinic) -> None:
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(feels_safe=False))
    assert reply.json()["help"]["safety_plan"] is None
    assert reply.json()["help"]["resources"]


async def test_a_plan_from_before_a_bound_was_set_still_comes(clinic: Clinic, psql: Any) -> None:
    """What somebody wrote is shown in their crisis, whatever is accepted by now."""
    await clinic.ana.client.put(PLAN, json=plan())
    psql.execute(
        "update safety_plan set steps = jsonb_build_object('coping', jsonb_build_array(repeat('x', 9000)),"
        " 'people_to_ask', jsonb_build_array(jsonb_build_object('name', ''))) where patient_id = %s",
        [clinic.ana.id],
    )
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(feels_safe=False))
    assert reply.json()["help"]["safety_plan"]["steps"]["coping"] == ["x" * 9000]
    assert (await clinic.ana.client.get(PLAN)).status_code == 200


async def test_another_s_plan_never_comes(clinic: Clinic) -> None:
    await clinic.ben.client.put(PLAN, json=plan())
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(feels_safe=False))
    assert reply.json()["help"]["safety_plan"] is None


async def test_who_answers_for_the_patient_is_not_shown_it_unasked(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    path = f"/v1/patients/{clinic.ana.id}/assessments"
    sent = assessment()
    for _ in range(2):
        reply = await clinic.clara.client.post(path, json=sent)
        assert reply.json()["help"]["safety_plan"] is None


async def test_it_costs_a_statement_when_help_is_given_and_none_otherwise(clinic: Clinic) -> None:
    await clinic.ana.client.put(PLAN, json=plan())
    for answers, count in (({"mood": 6}, 0), ({"craving": 9}, 0), ({"feels_safe": False}, 1)):
        with statements_of(clinic.app) as statements:
            reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in(**answers))
        assert reply.status_code == 201
        assert len(statements) == count, answers


async def test_the_app_begins_with_the_version_that_it_should_have(clinic: Clinic) -> None:
    start = (await clinic.ana.client.get("/v1/bootstrap")).json()
    assert (start["safety_plan"], start["stands_by"], len(start["safety_plan_steps"])) == (None, None, 7)
    written = (await clinic.ana.client.put(PLAN, json=plan())).json()
    start = (await clinic.ana.client.get("/v1/bootstrap")).json()
    assert start["safety_plan"] == {"version": 1, "written_at": written["written_at"]}
    of_staff = (await clinic.clara.client.get("/v1/bootstrap")).json()
    assert (of_staff["safety_plan"], len(of_staff["safety_plan_steps"])) == (None, 7)


async def test_no_word_of_it_is_in_a_refusal(clinic: Clinic) -> None:
    """A refusal of a crisis route says whom to call, to whoever asks: the plan is not in it."""
    await clinic.ana.client.put(PLAN, json=plan())
    async with standing_by(clinic, clinic.ana, shares=["safety_plan"]) as rosa:
        path = f"/v1/patients/{clinic.ana.id}/check-ins"
        reply = await rosa.client.post(path, json=check_in(feels_safe=False))
    assert (reply.status_code, reply.json()["help"]["safety_plan"]) == (403, None)
