"""GET /v1/bootstrap."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.schemas.bootstrap import questions_of
from app.schemas.check_in import Answers
from tests.api.test_add_program import choice, number
from tests.moments import at
from tests.people import Clinic

PATH = "/v1/bootstrap"
# In New York still the evening of the 22nd, in Madrid the 23rd.
MOMENT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def check_in(occurred_at: str, **answers: object) -> dict[str, object]:
    return {
        "id": str(uuid7()),
        "occurred_at": occurred_at,
        "time_zone": "America/New_York",
        "answers": answers,
    }


async def test_a_patient_begins_with_everything(clinic: Clinic, psql: psycopg.Connection) -> None:
    start = (await clinic.ana.client.get(PATH)).json()
    assert start["me"] == {
        "id": str(clinic.ana.id),
        "name": "ana Example",
        "role": "patient",
        "locale": "en",
        "time_zone": "America/New_York",
    }
    assert start["program"]["id"] == str(clinic.program_id)
    assert start["programs"] == []
    assert start["enrollment"]["status"] == "active"
    assert start["enrollment"]["starts_on"] == "2026-01-05"
    assert start["due"]["check_in"]["done"] is False
    assert {"code": "phq-9", "version": "1.0.0"}.items() <= next(
        each.items() for each in start["instruments"] if each["code"] == "phq-9"
    )
    assert any("988" in (line["call"] or "") for line in start["crisis_resources"])
    assert abs(datetime.fromisoformat(start["server_time"]) - datetime.now(UTC)) < timedelta(minutes=1)
    trail = psql.execute("select action, patient_id from audit_entry where actor_id = %s", [clinic.ana.id])
    assert trail.fetchall() == [("self:read", clinic.ana.id)]


async def test_the_questions_are_those_that_answers_have() -> None:
    asked = [question.code for question in questions_of((), "en", {})]
    assert sorted(asked) == sorted({*Answers.model_fields, "note"})


@pytest.mark.parametrize("locale", ["en", "es"])
async def test_what_is_offered_is_taken(clinic: Clinic, locale: str) -> None:
    """Each question is answered as it says it can be; the check-in is accepted."""
    await clinic.adele.client.patch(
        f"/v1/programs/{clinic.program_id}",
        json={"questions": [number(), choice("home", "work")]},
        headers={"If-Match": '"1"'},
    )
    await clinic.ana.client.patch("/v1/patients/me", json={"locale": locale}, headers={"If-Match": '"1"'})
    questions = (await clinic.ana.client.get(PATH)).json()["check_in_questions"]
    answers: dict[str, object] = {}
    for question in questions:
        codes = [option["code"] for option in question["options"]]
        match question["kind"]:
            case "scale" | "count" | "number":
                assert question["minimum"] == 0
                answers[question["code"]] = int(question["maximum"])
            case "yes_no":
                assert codes == [True, False]
                answers[question["code"]] = True
            case "choice":
                answers[question["code"]] = codes[-1]
            case "choices":
                answers[question["code"]] = codes
    assert answers.keys() == {question["code"] for question in questions} - {"note"}
    body = check_in("2026-11-23T08:00:00-05:00", **answers)
    reply = await clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
    assert reply.status_code == 201, reply.text


async def test_the_questions_speak_the_patients_language(clinic: Clinic) -> None:
    await clinic.adele.client.patch(
        f"/v1/programs/{clinic.program_id}", json={"questions": [number()]}, headers={"If-Match": '"1"'}
    )
    await clinic.ana.client.patch("/v1/patients/me", json={"locale": "es"}, headers={"If-Match": '"1"'})
    labels = {
        each["code"]: each["label"]
        for each in (await clinic.ana.client.get(PATH)).json()["check_in_questions"]
    }
    assert labels["steps"] == "Pasos de hoy"
    assert labels["mood"] != "Mood"


@pytest.mark.parametrize(
    ("zone", "today", "done"),
    [("America/New_York", "2026-11-22", True), ("Europe/Madrid", "2026-11-23", False)],
)
async def test_today_is_the_patients_own(clinic: Clinic, zone: str, today: str, done: bool) -> None:
    body = check_in("2026-11-22T20:00:00-05:00")
    await clinic.ana.client.patch("/v1/patients/me", json={"time_zone": zone}, headers={"If-Match": '"1"'})
    async with at(clinic, clinic.ana, MOMENT) as client:
        assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201
        due = (await client.get(PATH)).json()["due"]
        others = (await clinic.ben.client.get(PATH)).status_code  # a token of now is none then
    assert due["check_in"] == {"local_date": today, "done": done}
    assert others == 401


async def test_another_patients_check_in_is_not_mine(clinic: Clinic) -> None:
    async with at(clinic, clinic.ben, MOMENT) as client:
        body = check_in("2026-11-22T20:00:00-05:00")
        assert (await client.post("/v1/patients/me/check-ins", json=body)).status_code == 201
    async with at(clinic, clinic.ana, MOMENT) as client:
        assert (await client.get(PATH)).json()["due"]["check_in"]["done"] is False


async def test_who_was_discharged_still_begins(clinic: Clinic) -> None:
    (running,) = (await clinic.sam.client.get(f"/v1/patients/{clinic.ana.id}/enrollments")).json()["items"]
    await clinic.sam.client.patch(
        f"/v1/enrollments/{running['id']}", json={"status": "completed"}, headers={"If-Match": '"1"'}
    )
    start = (await clinic.ana.client.get(PATH)).json()
    assert start["enrollment"]["status"] == "completed"
    assert start["program"]["name"] == "Evening IOP"


@pytest.mark.parametrize("who", ["clara", "sam", "adele", "olga"])
async def test_staff_begin_with_their_programs(clinic: Clinic, who: str) -> None:
    start = (await getattr(clinic, who).client.get(PATH)).json()
    assert start["me"]["name"] == who
    assert [each["id"] for each in start["programs"]] == [str(clinic.program_id)]
    assert (start["program"], start["enrollment"], start["due"]) == (None, None, None)
    assert start["check_in_questions"] == []


async def test_nobody_begins_with_signing_in(clinic: Clinic) -> None:
    assert (await clinic.nobody.get(PATH)).status_code == 401
