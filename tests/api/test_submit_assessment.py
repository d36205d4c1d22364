"""POST /v1/patients/{id}/assessments."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.api.conftest import ZONE_WITHOUT_A_DATABASE
from tests.people import Clinic, Person

pytestmark = pytest.mark.usefixtures("reached")
PATH = "/v1/patients/me/assessments"


def phq9(*values: int | None, **members: Any) -> dict[str, Any]:
    answers = {f"phq9-{item}": value for item, value in enumerate(values, 1)}
    return assessment("phq-9", answers, **members)


def gad7(*values: int, **members: Any) -> dict[str, Any]:
    return assessment("gad-7", {f"gad7-{item}": value for item, value in enumerate(values, 1)}, **members)


def assessment(instrument: str, answers: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {
        "id": str(uuid7()),
        "instrument": instrument,
        "occurred_at": datetime.now(UTC).isoformat(),
        "time_zone": "America/New_York",
        "answers": answers,
        **members,
    }


def ago(days: float) -> str:
    return (datetime.now(UTC) - timedelta(days=days)).isoformat()


def alerts_of(psql: psycopg.Connection, patient_id: object) -> list[tuple[Any, ...]]:
    return psql.execute(
        "select rule, severity, status, occurrences from alert where patient_id = %s order by rule",
        [patient_id],
    ).fetchall()


async def test_a_quiet_phq9_is_scored_kept_and_tells_nobody(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = phq9(1, 1, 0, 1, 0, 1, 0, 1, 0)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert reply.status_code == 201, reply.text
    kept = reply.json()
    assert (kept["instrument"], kept["version"]) == ("phq-9", "1.0.0")
    assert kept["patient_id"] == str(clinic.ana.id)
    assert kept["answers"] == body["answers"]
    assert kept["score"] == {
        "total": 5, "severity": "mild", "subscales": {}, "critical_items": [], "unanswered": [],
        "reason": None,
        "flags": {"positive_screen_10": False, "mds_algorithm": False},
        "change": {"from_previous": None, "from_baseline": None, "reliable": None},
    }  # fmt: skip
    assert kept["care_team_told"] is False
    assert kept["help"] is None
    stored = psql.execute(
        "select patient_id, answers, score, program_id from assessment where id = %s", [body["id"]]
    ).fetchall()
    assert stored == [(clinic.ana.id, body["answers"], kept["score"], clinic.program_id)]
    audited = psql.execute(
        "select action, actor_id, patient_id from audit_entry where resource_id = %s", [body["id"]]
    ).fetchall()
    assert audited == [("assessment:submit", clinic.ana.id, clinic.ana.id)]


async def test_item_9_opens_an_urgent_alert_and_the_reply_helps(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await clinic.ana.client.post(PATH, json=phq9(0, 0, 0, 0, 0, 0, 0, 0, 1))
    assert reply.status_code == 201
    assert reply.json()["score"]["critical_items"] == ["phq9-9"]
    assert reply.json()["care_team_told"] is True
    assert "988" in reply.json()["help"]["resources"][0]["call"]
    assert "within an hour" in reply.json()["help"]["message"]
    assert alerts_of(psql, clinic.ana.id) == [("si.phq9_item9", "urgent", "open", 1)]


async def test_item_9_unanswered_is_unknown_and_opens_nothing(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    reply = await clinic.ana.client.post(PATH, json=phq9(1, 1, 1, 1, 1, 1, 1, 1, None))
    score = reply.json()["score"]
    assert score["total"] == 9
    assert score["unanswered"] == ["phq9-9"]
    assert score["critical_items"] == []
    assert score["flags"]["prorated"] is True
    assert "phq9-9" not in reply.json()["answers"]
    assert alerts_of(psql, clinic.ana.id) == []


async def test_a_total_that_cannot_be_given_is_null_with_the_reason(clinic: Clinic) -> None:
    reply = await clinic.ana.client.post(PATH, json=phq9(3, 3, 3))
    score = reply.json()["score"]
    assert (score["total"], score["severity"], score["reason"]) == (None, None, "unanswered")
    assert score["change"] == {"from_previous": None, "from_baseline": None, "reliable": None}


async def test_nothing_answered_is_kept_without_a_score(clinic: Clinic) -> None:
    reply = await clinic.ana.client.post(PATH, json=assessment("phq-9", {}))
    assert reply.status_code == 201
    assert reply.json()["score"]["reason"] == "unanswered"


async def test_change_is_measured_from_the_previous_and_from_the_first(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    changes = []
    # Months apart: how far back is looked depends on how many there are, not on the days alone.
    for days, values in ((360, [1] * 8), (270, [0] * 8), (180, [3]), (90, [1] * 6), (0, [2] * 6)):
        body = phq9(*values, *[None if days == 180 else 0] * (9 - len(values)), occurred_at=ago(days))
        reply = await clinic.ana.client.post(PATH, json=body)
        assert reply.status_code == 201, reply.text
        changes.append(tuple(reply.json()["score"]["change"].values()))
    assert changes == [
        (None, None, None), (-8, -8, True), (None, None, None), (6, -2, False), (6, 4, False),
    ]  # fmt: skip
    # 12 is 4 over the first (8), but 6 and more over the best of the last three (0): it got worse.
    assert alerts_of(psql, clinic.ana.id) == [("phq9.deterioration", "high", "open", 2)]


async def test_the_first_total_stays_the_baseline_behind_many_others(clinic: Clinic) -> None:
    first = await clinic.ana.client.post(PATH, json=phq9(*[2] * 9, occurred_at=ago(399)))
    for day in range(380, 0, -10):
        await clinic.ana.client.post(PATH, json=phq9(*[1] * 9, occurred_at=ago(day)))
    last = await clinic.ana.client.post(PATH, json=phq9(*[1] * 9))
    assert first.json()["score"]["total"] == 18
    assert last.json()["score"]["change"] == {"from_previous": 0, "from_baseline": -9, "reliable": True}


async def test_a_daily_scale_does_not_push_the_phq9_out_of_sight(clinic: Clinic) -> None:
    for days, value in ((60, 2), (50, 1), (40, 0)):
        await clinic.ana.client.post(PATH, json=phq9(*[value] * 9, occurred_at=ago(days)))
    for days in range(70):
        body = assessment("craving-nrs", {"craving-now": 2}, occurred_at=ago(days / 2))
        assert (await clinic.ana.client.post(PATH, json=body)).status_code == 201
    reply = await clinic.ana.client.post(PATH, json=phq9(*[1] * 9))
    assert reply.json()["score"]["change"]["from_previous"] == 9


async def test_a_late_assessment_is_compared_with_what_came_before_it(clinic: Clinic) -> None:
    await clinic.ana.client.post(PATH, json=gad7(*[1] * 7, occurred_at=ago(30)))
    await clinic.ana.client.post(PATH, json=gad7(*[3] * 7, occurred_at=ago(1)))
    late = await clinic.ana.client.post(PATH, json=gad7(*[2] * 7, occurred_at=ago(10)))
    assert late.json()["score"]["change"] == {"from_previous": 7, "from_baseline": 7, "reliable": True}


async def test_a_late_answer_on_item_9_pages_and_says_for_which_day(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await clinic.ana.client.post(PATH, json=phq9(*[0] * 9))
    late = phq9(0, 0, 0, 0, 0, 0, 0, 0, 2, occurred_at=ago(20))
    reply = await clinic.ana.client.post(PATH, json=late)
    assert reply.status_code == 201
    assert reply.json()["help"] is not None
    day = reply.json()["local_date"]
    (sentence,) = psql.execute(
        "select sentence from alert where patient_id = %s", [clinic.ana.id]
    ).fetchone() or ("",)
    assert "(reported for " in sentence
    assert str(int(day[-2:])) in sentence


@pytest.mark.parametrize("moment", ["1970-01-01T00:00:00Z", "2199-12-31T23:59:59+14:00"])
async def test_a_clock_that_cannot_be_right_rejects_nothing(
    clinic: Clinic, psql: psycopg.Connection, moment: str
) -> None:
    body = phq9(0, 0, 0, 0, 0, 0, 0, 0, 3, occurred_at=moment)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert reply.status_code == 201
    assert reply.json()["local_date"] == datetime.now(ZoneInfo("America/New_York")).date().isoformat()
    assert alerts_of(psql, clinic.ana.id) == [("si.phq9_item9", "urgent", "open", 1)]


@pytest.mark.parametrize(
    ("answers", "severity", "rule"),
    [
        ("1n 2n 6-lifetimen", "none", None),
        ("1y 2n 6-lifetimen", "low", "si.cssrs_low"),
        ("1y 2y 3y 4n 5n 6-lifetimen", "moderate", "si.cssrs_moderate"),
        ("1y 2y 3n 4y 5n 6-lifetimen", "high", "si.cssrs_high"),
        ("1n", "incomplete", "si.cssrs_incomplete"),
    ],
)
async def test_the_columbia_screener_is_triaged(
    clinic: Clinic, psql: psycopg.Connection, answers: str, severity: str, rule: str | None
) -> None:
    sent = {f"cssrs-{each[:-1]}": {"y": "yes", "n": "no"}[each[-1]] for each in answers.split()}
    reply = await clinic.ana.client.post(PATH, json=assessment("c-ssrs-screener", sent))
    assert reply.status_code == 201, reply.text
    assert reply.json()["score"]["severity"] == severity
    assert reply.json()["answers"] == sent
    assert [each[0] for each in alerts_of(psql, clinic.ana.id)] == ([rule] if rule else [])


async def test_loinc_answer_codes_are_stored_as_values(clinic: Clinic) -> None:
    sent = {f"phq9-{item}": "LA6568-5" for item in range(1, 9)} | {"phq9-9": "LA6569-3"}
    reply = await clinic.ana.client.post(PATH, json=assessment("phq-9", sent))
    assert reply.json()["answers"]["phq9-9"] == 1
    assert reply.json()["help"] is not None


async def test_a_craving_scale_counts_together_with_check_ins(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    check_in = {
        "id": str(uuid7()), "occurred_at": ago(1), "time_zone": "America/New_York", "answers": {"craving": 7},
    }  # fmt: skip
    await clinic.ana.client.post("/v1/patients/me/check-ins", json=check_in)
    assert alerts_of(psql, clinic.ana.id) == []
    await clinic.ana.client.post(PATH, json=assessment("craving-nrs", {"craving-now": 7}))
    assert alerts_of(psql, clinic.ana.id) == [("craving.high", "high", "open", 1)]


async def test_the_same_again_is_the_first_result(clinic: Clinic, psql: psycopg.Connection) -> None:
    await clinic.ana.client.post(PATH, json=phq9(*[0] * 9, occurred_at=ago(14)))
    body = phq9(3, 3, 3, 3, 3, 3, 3, 3, 1)
    first = await clinic.ana.client.post(PATH, json=body)
    await clinic.ana.client.post(PATH, json=phq9(*[1] * 8, 0, occurred_at=ago(7)))
    alerts = alerts_of(psql, clinic.ana.id)
    again = await clinic.ana.client.post(PATH, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert alerts_of(psql, clinic.ana.id) == alerts


async def test_two_at_once_with_one_id_are_one(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = phq9(*[3] * 9)
    replies = await asyncio.gather(*(clinic.ana.client.post(PATH, json=body) for _ in range(6)))
    assert sorted(reply.status_code for reply in replies) == [200] * 5 + [201]
    assert [each[3] for each in alerts_of(psql, clinic.ana.id)] == [1, 1]


async def test_other_content_is_409_and_kept_and_evaluated(clinic: Clinic, psql: psycopg.Connection) -> None:
    body = phq9(*[0] * 9)
    first = await clinic.ana.client.post(PATH, json=body)
    other = {**body, "answers": body["answers"] | {"phq9-9": 2}}
    for _ in range(2):  # and the same revision again is no further one
        reply = await clinic.ana.client.post(PATH, json=other)
        assert reply.status_code == 409
        assert reply.json()["code"] == "differs_from_first"
        assert reply.json()["care_team_told"] is True
        assert reply.json()["help"]["resources"]
    assert alerts_of(psql, clinic.ana.id) == [("si.phq9_item9", "urgent", "open", 1)]
    kept = psql.execute(
        "select revision, answers->>'phq9-9' from assessment where id = %s order by 1", [body["id"]]
    ).fetchall()
    assert kept == [(0, "0"), (1, "2")]
    again = await clinic.ana.client.post(PATH, json=body)
    assert again.status_code == 200
    assert again.json() == first.json()


async def test_the_id_of_somebody_else_is_refused_and_nothing_is_kept(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    body = phq9(*[0] * 9)
    await clinic.ana.client.post(PATH, json=body)
    reply = await clinic.ben.client.post(PATH, json=body)
    assert reply.status_code == 409
    assert reply.json()["code"] == "id_taken"
    assert psql.execute("select count(*) from assessment where id = %s", [body["id"]]).fetchone() == (1,)


async def test_a_counselor_submits_for_a_patient_they_see(clinic: Clinic, psql: psycopg.Connection) -> None:
    path = f"/v1/patients/{clinic.ana.id}/assessments"
    for person in (clinic.clara, clinic.sam):
        body = phq9(0, 0, 0, 0, 0, 0, 0, 0, 1)
        reply = await person.client.post(path, json=body)
        assert reply.status_code == 201
        assert reply.json()["help"] is not None
        audited = psql.execute(
            "select actor_id, patient_id from audit_entry where resource_id = %s", [body["id"]]
        ).fetchall()
        assert audited == [(person.id, clinic.ana.id)]


async def test_the_wrong_person_finds_nobody(clinic: Clinic, psql: psycopg.Connection, nora: Person) -> None:
    path = f"/v1/patients/{clinic.ana.id}/assessments"
    body = phq9(*[3] * 9)
    for person, status in (
        (nora, 404), (clinic.dmitri, 404), (clinic.ben, 404), (clinic.adele, 403), (clinic.olga, 403),
    ):  # fmt: skip
        reply = await person.client.post(path, json=body)
        assert reply.status_code == status, person.role
    assert (await clinic.nobody.post(path, json=body)).status_code == 401
    assert (await clinic.clara.client.post(PATH, json=body)).status_code == 404
    assert psql.execute("select count(*) from assessment where id = %s", [body["id"]]).fetchone() == (0,)
    assert alerts_of(psql, clinic.ana.id) == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"instrument": "phq-10"}, "/instrument", "unknown_instrument"),
        ({"version": "9.0.0"}, "/instrument", "unknown_instrument"),
        ({"instrument": "PHQ 9"}, "/instrument", "malformed"),
        ({"version": "latest"}, "/version", "malformed"),
        ({"answers": {"phq9-9": 4}}, "/answers/phq9-9", "not_an_option"),
        ({"answers": {"phq9-9": -1}}, "/answers/phq9-9", "not_an_option"),
        ({"answers": {"phq9-9": True}}, "/answers/phq9-9", "wrong_type"),
        ({"answers": {"phq9-9": 1.5}}, "/answers/phq9-9", "wrong_type"),
        ({"answers": {"phq9-9": [1]}}, "/answers/phq9-9", "wrong_type"),
        ({"answers": {"phq9-9": {"value": 1}}}, "/answers/phq9-9", "wrong_type"),
        ({"answers": {"phq9-9": "often"}}, "/answers/phq9-9", "not_an_option"),
        ({"answers": {"phq9-9": 2**62}}, "/answers/phq9-9", "not_an_option"),
        ({"answers": {"gad7-1": 1}}, "/answers", "unknown_item"),
        ({"answers": {"i-want-to-die": 1}}, "/answers", "unknown_item"),
        ({"answers": {f"phq9-{n}": 1 for n in range(101)}}, "/answers", "too_long"),
        ({"answers": None}, "/answers", "wrong_type"),
        ({"answers": [1, 2]}, "/answers", "wrong_type"),
        ({"id": "7"}, "/id", "malformed"),
        ({"occurred_at": "yesterday"}, "/occurred_at", "malformed"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone", "unknown_time_zone"),
        ({"score": 27}, "", "unknown_member"),
    ],
)
async def test_what_is_not_acceptable_is_422_at_its_place(
    clinic: Clinic, psql: psycopg.Connection, change: dict[str, Any], pointer: str, code: str
) -> None:
    body = phq9(*[0] * 9) | change
    reply = await clinic.ana.client.post(PATH, json=body)
    assert reply.status_code == 422, reply.text
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in reply.json()["errors"]}
    assert not any(
        word in reply.text for word in ("often", "die", "Mars", "yesterday", "4611686018427387904")
    )
    assert psql.execute(
        "select count(*) from assessment where patient_id = %s", [clinic.ana.id]
    ).fetchone() == (0,)


@pytest.mark.parametrize(
    "trap",
    ["NaN", "1e999", "-Infinity", "9" * 30, '"\\ud800"', '"\\u0000"', '1, "phq9-9": 2', "[" * 40 + "]" * 40],
)
async def test_json_traps_are_400_and_never_500(clinic: Clinic, trap: str) -> None:
    body = (
        f'{{"id": "{uuid7()}", "instrument": "phq-9", "occurred_at": "2026-11-23T08:00:00Z",'
        f' "time_zone": "UTC", "answers": {{"phq9-9": {trap}}}}}'
    )
    reply = await clinic.ana.client.post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400
    assert reply.json()["code"] == "malformed_json"


async def test_a_body_over_the_limit_is_413(clinic: Clinic) -> None:
    reply = await clinic.ana.client.post(PATH, json=phq9(0) | {"answers": {"a": "x" * 70_000}})
    assert reply.status_code == 413


async def test_all_instruments_take_an_empty_form(clinic: Clinic) -> None:
    listed = (await clinic.ana.client.get("/v1/instruments")).json()["items"]
    assert len(listed) == 16
    for each in listed:
        reply = await clinic.ana.client.post(PATH, json=assessment(each["code"], {}))
        assert reply.status_code == 201, each["code"]
        assert reply.json()["score"]["total"] is None


async def test_with_the_database_away_the_answer_is_kept_on_disk_and_brings_help(
    clinic: Clinic, psql: psycopg.Connection, lights_out: None
) -> None:
    body = phq9(*[3] * 9, time_zone=ZONE_WITHOUT_A_DATABASE)
    reply = await clinic.ana.client.post(PATH, json=body)
    assert (reply.status_code, reply.json()["status"]) == (202, "kept")
    assert "988" in {line["call"] for line in reply.json()["help"]["resources"]}
    assert alerts_of(psql, clinic.ana.id) == []
    same = await clinic.ana.client.post(PATH, json={**body, "time_zone": "UTC"})
    assert same.status_code == 201
