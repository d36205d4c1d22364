"""A phone that asks last week's questions: a clear problem, but never instead of a cry for help."""

from typing import Any

import psycopg
from uuid_utils.compat import uuid7

from tests.people import Clinic

PATH = "/v1/patients/me/check-ins"


def check_in(**answers: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": "2026-11-23T08:00:00-05:00",
        "time_zone": "America/New_York",
        "answers": answers,
    }


async def test_an_answer_to_no_question_is_refused_and_nothing_is_kept(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await clinic.ana.client.post(PATH, json=check_in(mood=5, cigarettes=4))
    assert reply.status_code == 422
    assert [fault["code"] for fault in reply.json()["errors"]] == ["unknown_question"]
    assert "cigarettes" not in reply.text
    kept = psql.execute("select count(*) from check_in where patient_id = %s", [clinic.ana.id]).fetchone()
    assert kept == (0,)


async def test_somebody_who_is_not_safe_is_heard_all_the_same(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = check_in(feels_safe=False, cigarettes=4)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert reply.status_code == 201 and reply.json()["help"] is not None
    kept = psql.execute("select answers from check_in where patient_id = %s", [clinic.ana.id]).fetchone()
    assert kept == (body["answers"],)


async def test_no_answer_passes_itself_off_as_another_signal(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    crisis = {"crisis": 1, "phq9.total": 27}
    await clinic.ana.client.post(PATH, json=check_in(feels_safe=False, **crisis))
    rules = psql.execute("select rule from alert where patient_id = %s", [clinic.ana.id]).fetchall()
    assert rules == [("si.not_safe",)]
