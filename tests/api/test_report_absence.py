"""POST /v1/sessions/{id}/absence: somebody will not come, and says why."""

from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from tests.api.evenings import MONDAY, THURSDAY, Evening, moment, utc
from tests.people import Clinic, Person

FRIDAY, SATURDAY, SUNDAY = (date(2026, 11, day) for day in (20, 21, 22))
NOTICE = {"kind": "work", "reason": "A double shift."}


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql)


async def tell(
    evening: Evening, clock: str = "09:00", day: date = FRIDAY, *, by: Person | None = None, **body: Any
) -> Any:
    sent = {**NOTICE, **body}
    return await evening.ask("POST", evening.path("absence"), by or evening.clinic.ana, clock, sent, day=day)


async def test_told_in_time_it_is_excused_at_once(evening: Evening, psql: psycopg.Connection) -> None:
    ana = evening.clinic.ana
    psql.execute("update enrollment set absence_due_at = null where patient_id = %s", [ana.id])
    reply = await tell(evening, "18:00", SATURDAY)
    assert reply.status_code == 201, reply.text
    told = reply.json()
    assert (told["status"], told["excused_by"], told["make_ups"]) == ("excused", "policy", [])
    assert told["notice"] == {
        "kind": "work", "reason": "A double shift.", "at": utc("18:00", SATURDAY), "is_open": False,
        "excused_by": "policy",
    }  # fmt: skip
    assert evening.trail("absence:report") == [(ana.id, "attendance", ana.id, None, "done")]
    looked = psql.execute("select absence_due_at from enrollment where patient_id = %s", [ana.id]).fetchone()
    assert looked == (moment("18:00", SATURDAY),), "what is scheduled has changed"


@pytest.mark.parametrize(
    ("clock", "day", "kind"),
    [
        ("18:01", SATURDAY, "work"),
        ("09:00", MONDAY, "bereavement"),
        ("18:20", MONDAY, "transport"),
        ("09:00", FRIDAY, "transport"),
        ("09:00", FRIDAY, "other"),
    ],
)
async def test_else_it_is_left_to_staff(evening: Evening, clock: str, day: date, kind: str) -> None:
    told = (await tell(evening, clock, day, kind=kind)).json()
    assert (told["status"], told["excused_by"], told["notice"]["is_open"]) == ("expected", None, True)
    await evening.sweep("18:30")
    assert evening.known() == ("unexcused", 0, 2)
    seats = (await evening.ask("GET", evening.roster(), evening.clinic.clara, "18:31")).json()["items"]
    assert (seats[0]["notice"]["kind"], seats[0]["notice"]["is_open"]) == (kind, False), "they had told us"


async def test_the_programs_policy_decides(evening: Evening, psql: psycopg.Connection) -> None:
    policy = {"excused_notice_hours": 2, "excused_kinds": ["transport"]}
    psql.execute(
        "update program set attendance_policy = %s where id = %s", [Jsonb(policy), evening.clinic.program_id]
    )
    told = (await tell(evening, "16:00", MONDAY, kind="transport")).json()
    assert (told["status"], told["excused_by"]) == ("excused", "policy")


async def test_staff_decide_what_was_left_to_them(evening: Evening) -> None:
    await tell(evening, "12:00", MONDAY)
    told = (await evening.write("13:00", status="excused")).json()
    assert (told["status"], told["notice"]["excused_by"]) == ("excused", "staff")
    await evening.sweep("18:30")
    assert evening.known() == ("excused", 0, 2)


async def test_staff_may_have_been_called(evening: Evening) -> None:
    clinic = evening.clinic
    told = await tell(evening, by=clinic.clara, patient_id=str(clinic.ana.id))
    assert (told.status_code, told.json()["source"], told.json()["status"]) == (201, "staff", "excused")
    assert told.json()["patient_id"] == str(clinic.ana.id)


async def test_the_same_notice_again_is_the_same(evening: Evening) -> None:
    sent = {"id": str(uuid7())}
    first, again = await tell(evening, **sent), await tell(evening, "10:00", **sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = await tell(evening, **sent, kind="family")
    assert (other.status_code, other.json()["code"]) == (409, "id_taken")
    unnamed = await tell(evening, "11:00")
    assert (unnamed.status_code, unnamed.json()["revision"]) == (201, 1), "and without an id, too"


async def test_the_last_notice_stands_and_what_is_excused_stays_so(evening: Evening) -> None:
    await tell(evening, "09:00", MONDAY)
    later = (await tell(evening, "10:00", MONDAY, kind="illness", reason=None)).json()
    assert (later["notice"]["kind"], later["notice"]["reason"], later["revision"]) == ("illness", None, 2)
    await evening.write("11:00", status="excused")
    last = (await tell(evening, "12:00", MONDAY, kind="other")).json()
    assert (last["status"], last["excused_by"], last["notice"]["kind"]) == ("excused", "staff", "other")


async def test_told_when_they_are_missed_already(evening: Evening) -> None:
    await evening.sweep("18:30")
    told = await tell(evening, "18:50", MONDAY, kind="transport")
    assert (told.status_code, told.json()["status"]) == (201, "unexcused")
    assert [each[1] for each in evening.alerts()] == ["open"]


async def test_sessions_that_would_make_up_for_it_come_along(evening: Evening) -> None:
    thursday = await evening.table.group(moment("18:00", THURSDAY), title="Thursday group")
    told = (await tell(evening)).json()
    assert told["make_ups"] == [
        {
            "id": str(thursday), "starts_at": utc("18:00", THURSDAY), "ends_at": utc("21:00", THURSDAY),
            "kind": "group", "title": "Thursday group", "room": "Room 2", "places_left": 12,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "clock", "code"),
    [
        ("nothing", "21:00", "session_over"),
        ("arrived", "18:10", "already_there"),
        ("taken out", "12:00", "not_expected"),
    ],
)
async def test_when_there_is_nothing_to_tell(evening: Evening, before: str, clock: str, code: str) -> None:
    if before == "arrived":
        await evening.arrive("18:00")
    if before == "taken out":
        await evening.write("09:00", status="cancelled")
    reply = await tell(evening, clock, MONDAY)
    assert (reply.status_code, reply.json()["code"]) == (409, code)


async def test_who_is_not_expected_has_nothing_to_tell(evening: Evening) -> None:
    reply = await tell(evening, by=evening.clinic.ben)
    assert (reply.status_code, reply.json()["code"]) == (409, "not_expected")


async def test_of_a_session_that_is_cancelled(evening: Evening, psql: psycopg.Connection) -> None:
    psql.execute("update treatment_session set status = 'cancelled' where id = %s", [evening.id])
    reply = await tell(evening)
    assert (reply.status_code, reply.json()["code"]) == (409, "session_cancelled")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"kind": "holiday"}, "/kind"),
        ({"kind": None}, "/kind"),
        ({"reason": 4}, "/reason"),
        ({"id": "mine"}, "/id"),
        ({"status": "excused"}, ""),
    ],
)
async def test_a_body_that_is_none(evening: Evening, body: dict[str, Any], pointer: str) -> None:
    reply = await tell(evening, **body)
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == [pointer]


async def test_of_whom(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    ana, ivan = str(clinic.ana.id), str(clinic.ivan.id)
    assert (await tell(evening, patient_id=ana)).status_code == 201, "of oneself one may say it too"
    for by, sent, code in (
        (clinic.clara, {}, "missing"),
        (clinic.clara, {"patient_id": ivan}, "unknown_patient"),
        (clinic.clara, {"patient_id": str(uuid7())}, "unknown_patient"),
        (clinic.ben, {"patient_id": ana}, "unknown_patient"),
    ):
        reply = await tell(evening, by=by, **sent)
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, code)
        assert reply.json()["errors"][0]["pointer"] == "/patient_id"


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    for person, status in (
        (clinic.dmitri, 404), (clinic.ivan, 404), (nora, 404), (clinic.adele, 403), (clinic.olga, 403),
    ):  # fmt: skip
        named = {"patient_id": str(clinic.ana.id)}
        assert (await tell(evening, by=person, **named)).status_code == status, person.role
    assert (await clinic.nobody.post(evening.path("absence"), json=NOTICE)).status_code == 401
    assert evening.known() is None


async def test_what_somebody_wrote_is_in_no_log_and_no_page(
    evening: Evening, psql: psycopg.Connection
) -> None:
    await tell(evening, "12:00", MONDAY, reason="My mother drinks again.")
    await evening.sweep("18:30")
    (alert,) = (await evening.clinic.clara.client.get("/v1/alerts")).json()["items"]
    assert "mother" not in str(alert)
    for table in ("event", "page", "audit_entry", "alert_occurrence"):
        rows = psql.execute(
            f"select to_jsonb(t)::text from {table} t where organization_id = %s",
            [evening.clinic.organization_id],
        ).fetchall()
        assert not [row for row in rows if "mother" in row[0]], table
