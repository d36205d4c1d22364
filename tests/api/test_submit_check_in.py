"""POST /v1/patients/{id}/check-ins."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app.rules.default_pack import DEFAULT_PACK
from app.rules.rule import RuleSet
from app.services.programs import reach
from tests.api.conftest import ZONE_WITHOUT_A_DATABASE
from tests.people import Clinic

pytestmark = pytest.mark.usefixtures("reached")
PATH = "/v1/patients/me/check-ins"


def check_in(**answers: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "occurred_at": ago(0),
        "time_zone": "America/New_York",
        "answers": answers,
    }


async def test_a_quiet_check_in_is_kept_and_tells_nobody(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = check_in(mood=6, craving=2, sleep_hours=7.5, used=False, feels_safe=True)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert reply.status_code == 201, reply.text
    today = datetime.now(ZoneInfo("America/New_York")).date()
    assert reply.json()["local_date"] == today.isoformat()
    assert reply.json()["care_team_told"] is False
    assert reply.json()["help"] is None
    kept = psql.execute("select answers from check_in where id = %s", [body["id"]]).fetchall()
    assert kept == [(body["answers"],)]


async def test_craving_of_nine_opens_an_alert_before_the_reply(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await clinic.ana.client.post(PATH, json=check_in(craving=9))
    assert reply.status_code == 201
    assert reply.json()["care_team_told"] is True
    alerts = psql.execute(
        "select rule, severity, status, occurrences from alert where patient_id = %s", [clinic.ana.id]
    ).fetchall()
    assert alerts == [("craving.high", "high", "open", 1)]


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def alerts_of(psql: psycopg.Connection, patient_id: object) -> list[tuple[Any, ...]]:
    return psql.execute(
        "select rule, severity, status, occurrences from alert where patient_id = %s order by rule",
        [patient_id],
    ).fetchall()


async def test_who_is_not_safe_gets_help_in_the_reply_and_in_their_language(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    psql.execute("update patient set locale = 'es' where id = %s", [clinic.ana.id])
    reply = await clinic.ana.client.post(PATH, json=check_in(feels_safe=False))
    assert reply.status_code == 201
    helped = reply.json()["help"]
    assert "15 minutos" in helped["message"]
    assert any("988" in (each["call"] or "") for each in helped["resources"])
    assert alerts_of(psql, clinic.ana.id) == [("si.not_safe", "critical", "open", 1)]


async def test_the_same_again_is_the_first_result(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = check_in(feels_safe=False, craving=9)
    first = await clinic.ana.client.post(PATH, json=body)
    again = await clinic.ana.client.post(PATH, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert {occurrences for *_, occurrences in alerts_of(psql, clinic.ana.id)} == {1}


async def test_many_at_once_with_one_id_are_one(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = check_in(craving=9)
    replies = await asyncio.gather(*(clinic.ana.client.post(PATH, json=body) for _ in range(8)))
    assert sorted(reply.status_code for reply in replies) == [200] * 7 + [201]
    assert alerts_of(psql, clinic.ana.id) == [("craving.high", "high", "open", 1)]


async def test_two_answers_at_once_open_one_alert_with_two_occurrences(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await asyncio.gather(*(clinic.ana.client.post(PATH, json=check_in(craving=9)) for _ in range(2)))
    assert alerts_of(psql, clinic.ana.id) == [("craving.high", "high", "open", 2)]


async def test_other_content_is_409_and_kept_and_evaluated(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = check_in(mood=5)
    await clinic.ana.client.post(PATH, json=body)
    other = {**body, "answers": {"mood": 5, "feels_safe": False}}
    for _ in range(2):  # and the same revision again is no further one
        reply = await clinic.ana.client.post(PATH, json=other)
        assert (reply.status_code, reply.json()["code"]) == (409, "differs_from_first")
        assert reply.json()["care_team_told"] is True
        assert reply.json()["help"]["resources"]
    assert alerts_of(psql, clinic.ana.id) == [("si.not_safe", "critical", "open", 1)]
    kept = psql.execute("select count(*) from check_in where id = %s", [body["id"]]).fetchone()
    assert kept == (2,)


async def test_the_id_of_somebody_else_is_refused(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = check_in(feels_safe=False)
    await clinic.ben.client.post(PATH, json=body)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert (reply.status_code, reply.json()["code"]) == (409, "id_taken")
    assert alerts_of(psql, clinic.ana.id) == []


async def test_a_late_cry_for_help_pages_and_says_for_which_day(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await clinic.ana.client.post(PATH, json=check_in(feels_safe=True) | {"occurred_at": ago(0)})
    late = check_in(feels_safe=False) | {"occurred_at": ago(9)}
    reply = await clinic.ana.client.post(PATH, json=late)
    assert reply.status_code == 201
    assert reply.json()["help"]
    rows = psql.execute("select sentence from alert where patient_id = %s", [clinic.ana.id]).fetchall()
    assert len(rows) == 1
    assert "(reported for " in rows[0][0]


@pytest.mark.parametrize(
    "moment", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59+14:00", "1900-01-01T00:00:00-14:00"]
)
async def test_a_clock_that_cannot_be_right_rejects_no_cry_for_help(
    clinic: Clinic, psql: psycopg.Connection, moment: str
) -> None:
    reply = await clinic.ana.client.post(PATH, json=check_in(feels_safe=False) | {"occurred_at": moment})
    assert reply.status_code == 201
    assert reply.json()["local_date"] == datetime.now(ZoneInfo("America/New_York")).date().isoformat()
    assert alerts_of(psql, clinic.ana.id) == [("si.not_safe", "critical", "open", 1)]


async def test_the_local_date_is_that_of_the_sent_zone(clinic: Clinic) -> None:
    moment = datetime.now(UTC).replace(hour=10, minute=30) - timedelta(days=10)
    for zone, days in (("Pacific/Kiritimati", 1), ("UTC", 0), ("Pacific/Pago_Pago", -1)):
        body = check_in(mood=5) | {"occurred_at": moment.isoformat(), "time_zone": zone}
        day = (moment + timedelta(days=days)).date().isoformat()
        assert (await clinic.ana.client.post(PATH, json=body)).json()["local_date"] == day


async def test_a_question_of_the_program_is_kept_and_one_that_nobody_asks_is_not(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    question = {"code": "pain", "kind": "number", "minimum": 0, "maximum": 10}
    psql.execute("update program set questions = %s where id = %s", [Jsonb([question]), clinic.program_id])
    kept = await clinic.ana.client.post(PATH, json=check_in(pain=3))
    assert (kept.status_code, kept.json()["answers"]) == (201, {"pain": 3})
    for answers, pointer in (({"pain": 11}, "/answers/pain"), ({"sorrow": 3}, "/answers")):
        reply = await clinic.ana.client.post(PATH, json=check_in(**answers))
        assert reply.status_code == 422
        assert reply.json()["errors"][0]["pointer"] == pointer
        assert "sorrow" not in reply.text
    rows = psql.execute("select count(*) from check_in where patient_id = %s", [clinic.ana.id]).fetchone()
    assert rows == (1,)


async def test_the_wrong_person_keeps_nothing(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = f"/v1/patients/{clinic.ana.id}/check-ins"
    body = check_in(feels_safe=False)
    for person, status in (
        (clinic.ben, 404), (clinic.clara, 403), (clinic.sam, 403), (clinic.dmitri, 404), (clinic.adele, 403),
        (clinic.olga, 403),
    ):  # fmt: skip
        assert (await person.client.post(path, json=body)).status_code == status, person.role
    assert (await clinic.nobody.post(path, json=body)).status_code == 401
    assert psql.execute("select count(*) from check_in where id = %s", [body["id"]]).fetchone() == (0,)


@pytest.mark.parametrize(
    "trap", ["NaN", "1e999", "9" * 30, '"\\ud800"', '"\\u0000"', '1, "mood": 2', "[" * 40 + "]" * 40]
)
async def test_json_traps_are_400_and_never_500(clinic: Clinic, trap: str) -> None:
    body = (
        f'{{"id": "{uuid7()}", "occurred_at": "2026-11-23T08:00:00Z", "time_zone": "UTC",'
        f' "answers": {{"mood": {trap}}}}}'
    )
    reply = await clinic.ana.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed_json")


async def test_with_the_database_away_the_answer_is_kept_on_disk_and_brings_help(
    clinic: Clinic, psql: psycopg.Connection, lights_out: None
) -> None:
    body = check_in(feels_safe=False) | {"time_zone": ZONE_WITHOUT_A_DATABASE}
    reply = await clinic.ana.client.post(PATH, json=body)
    assert (reply.status_code, reply.json()["status"]) == (202, "kept")
    assert reply.json()["id"] == body["id"]
    assert "988" in {line["call"] for line in reply.json()["help"]["resources"]}
    assert alerts_of(psql, clinic.ana.id) == []
    assert (await clinic.ana.client.post(PATH, json=body | {"time_zone": "UTC"})).status_code == 201


async def test_a_run_of_the_last_four_reaches_back_as_far_as_it_must(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    rule = DEFAULT_PACK.rules[0].model_copy(update={"code": "craving.run"}).model_dump(mode="json")
    rule |= {
        "sentence": "",
        "condition": {"kind": "run", "signal": "craving", "op": ">=", "value": 5, "n": 4},
    }
    reaches = reach(RuleSet.model_validate({"version": 2, "rules": [rule]}))
    psql.execute(
        "insert into rule_set (organization_id, program_id, version, rules, reason, published_at)"
        " values (%s, %s, 2, %s, 'test', now())",
        [clinic.organization_id, clinic.program_id, Jsonb([rule])],
    )
    psql.execute(
        "update program set rule_set_version = 2, lookback_days = %s, lookback_latest = %s where id = %s",
        [reaches["lookback_days"], reaches["lookback_latest"], clinic.program_id],
    )
    for days in (40, 30, 20, 10):
        await clinic.ana.client.post(PATH, json=check_in(craving=6) | {"occurred_at": ago(days)})
    assert alerts_of(psql, clinic.ana.id) == [("craving.run", "high", "open", 1)]
