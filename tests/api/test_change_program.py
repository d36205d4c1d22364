"""PATCH /v1/programs/{id}."""

from typing import Any

import pytest

from tests.api.test_add_program import number
from tests.people import Clinic

FIRST = {"If-Match": '"1"'}


def path(clinic: Clinic) -> str:
    return f"/v1/programs/{clinic.program_id}"


async def test_what_is_named_changes_and_the_rest_stays(clinic: Clinic) -> None:
    before = (await clinic.adele.client.get(path(clinic))).json()
    changes = {"name": "Night IOP", "questions": [number()], "minimum_weekly_hours": 9.5}
    reply = await clinic.adele.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 200, reply.text
    assert reply.headers["etag"] == '"2"'
    assert reply.json() == before | changes | {"row_version": 2}
    assert (await clinic.adele.client.get(path(clinic))).json() == reply.json()


async def test_a_change_needs_the_version_that_was_read(clinic: Clinic) -> None:
    send = clinic.adele.client.patch
    assert (await send(path(clinic), json={"name": "A"})).status_code == 428
    assert (await send(path(clinic), json={"name": "A"}, headers=FIRST)).status_code == 200
    late = await send(path(clinic), json={"name": "B"}, headers=FIRST)
    assert (late.status_code, late.json()["code"]) == (412, "version_changed")
    assert (await clinic.adele.client.get(path(clinic))).json()["name"] == "A"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": None}, "/name"),
        ({"maximum_weekly_hours": 8}, "/minimum_weekly_hours"),
        ({"questions": [number(code="mood")]}, "/questions/0/code"),
        ({"sentences": {"en": {"help.critical": " "}}}, "/sentences"),
        ({"rule_set_version": 2}, ""),
    ],
)
async def test_what_does_not_fit_changes_nothing(
    clinic: Clinic, changes: dict[str, Any], pointer: str
) -> None:
    reply = await clinic.adele.client.patch(path(clinic), json=changes, headers=FIRST)
    assert reply.status_code == 422, reply.text
    assert pointer in [fault["pointer"] for fault in reply.json()["errors"]]
    assert (await clinic.adele.client.get(path(clinic))).headers["etag"] == '"1"'


@pytest.mark.parametrize("who", ["ana", "clara", "sam", "olga"])
async def test_only_an_administrator_may(clinic: Clinic, who: str) -> None:
    reply = await getattr(clinic, who).client.patch(path(clinic), json={"name": "Mine"}, headers=FIRST)
    assert reply.status_code == 403


async def test_an_own_question_is_asked_and_its_answer_taken(clinic: Clinic) -> None:
    await clinic.adele.client.patch(path(clinic), json={"questions": [number()]}, headers=FIRST)
    asked = (await clinic.ana.client.get("/v1/bootstrap")).json()["check_in_questions"]
    assert asked[-1]["code"] == "steps"
    assert asked[-1]["own"] is True
