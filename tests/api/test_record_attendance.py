"""PUT and GET /v1/sessions/{id}/attendance/{patient_id}: one patient's part in a session."""

import asyncio
from typing import Any

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.services import attendances
from tests.api.evenings import THURSDAY, TUESDAY, Evening, local, moment, utc
from tests.moments import at
from tests.people import Clinic, Person, add_person
from tests.treatment.sessions import CODE


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql)


async def test_a_counselor_writes_down_when_somebody_came_and_left(evening: Evening) -> None:
    clinic = evening.clinic
    reply = await evening.write(status="attended", arrived_at=local("18:25"), left_at=local("20:40"))
    assert reply.status_code == 200, reply.text
    kept = reply.json()
    assert kept == {
        "id": kept["id"], "session_id": str(evening.id), "patient_id": str(clinic.ana.id),
        "status": "left_early", "arrived_at": utc("18:25"), "left_at": utc("20:40"), "minutes": 135,
        "away": [],
        "source": "staff", "notice": None, "makes_up_id": None, "revision": 1, "changed_at": utc("21:30"),
        "changed_by": str(clinic.clara.id),
    }  # fmt: skip
    assert evening.trail("attendance:record") == [
        (clinic.clara.id, "treatment_session", None, [clinic.ana.id], "done")
    ]


@pytest.mark.parametrize(
    ("body", "clock", "expected"),
    [
        ({"status": "attended"}, "21:30", ("attended", 180)),
        ({"status": "attended"}, "18:30", ("arrived", 0)),
        ({"status": "attended", "left_at": local("19:00")}, "19:05", ("left_early", 60)),
        ({"status": "late", "arrived_at": local("18:20")}, "21:30", ("late", 160)),
        ({"arrived_at": "2026-11-24T04:50:00+05:30"}, "21:30", ("late", 160)),
        ({"status": "excused"}, "09:00", ("excused", 0)),
        ({"status": "excused", "reason": "Court date."}, "21:30", ("excused", 0)),
        ({"status": "unexcused"}, "18:05", ("unexcused", 0)),
        ({"status": "cancelled"}, "21:30", ("cancelled", 0)),
    ],
)
async def test_the_times_decide_what_it_comes_to(
    evening: Evening, body: dict[str, Any], clock: str, expected: tuple[str, int]
) -> None:
    reply = await evening.write(clock, **body)
    assert reply.status_code == 200, reply.text
    assert (reply.json()["status"], reply.json()["minutes"]) == expected


@pytest.mark.parametrize("body", [{}, {"reason": "She told me."}, {"source": "telehealth"}])
async def test_what_says_nothing_of_whether_somebody_was_there_is_refused(
    evening: Evening, body: dict[str, Any]
) -> None:
    reply = await evening.write("21:30", **body)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "missing")


@pytest.mark.parametrize(
    ("body", "clock", "faults"),
    [
        ({"status": "attended"}, "17:44", [("/status", "too_early")]),
        ({"status": "unexcused"}, "17:59", [("/status", "too_early")]),
        ({"status": "late"}, "21:30", [("/arrived_at", "missing")]),
        ({"arrived_at": local("19:00")}, "18:30", [("/arrived_at", "in_the_future")]),
        ({"arrived_at": local("18:30"), "left_at": local("18:29")}, "21:30", [("/left_at", "order")]),
        ({"status": "excused", "left_at": local("18:29")}, "21:30", [("/left_at", "not_there")]),
        ({"status": "expected"}, "21:30", [("/status", "not_a_choice")]),
        ({"status": "made_up"}, "21:30", [("/status", "not_a_choice")]),
        ({"arrived_at": "2026-11-23T18:00:00"}, "21:30", [("/arrived_at", "malformed")]),
        ({"source": "patient"}, "21:30", [("/source", "not_a_choice")]),
        ({"revision": -1}, "21:30", [("/revision", "too_small")]),
        ({"minutes": 180}, "21:30", [("", "unknown_member")]),
    ],
)
async def test_what_cannot_be_is_refused(
    evening: Evening, body: dict[str, Any], clock: str, faults: list[tuple[str, str]]
) -> None:
    reply = await evening.write(clock, **body)
    assert reply.status_code == 422, reply.text
    assert [(each["pointer"], each["code"]) for each in reply.json()["errors"]] == faults
    assert evening.known() is None


async def test_a_known_time_stays_until_another_is_sent_and_null_is_the_sessions_own(
    evening: Evening,
) -> None:
    await evening.arrive("18:20")
    again = (await evening.write(status="attended")).json()
    assert (again["status"], again["arrived_at"], again["minutes"]) == ("late", utc("18:20"), 160)
    left = (await evening.write(left_at=local("20:00"))).json()
    assert (left["status"], left["arrived_at"], left["minutes"]) == ("left_early", utc("18:20"), 100)
    whole = (await evening.write(arrived_at=None, left_at=None)).json()
    assert (whole["status"], whole["minutes"]) == ("attended", 180)


async def test_the_same_again_changes_nothing_and_a_new_reason_does(
    evening: Evening, psql: psycopg.Connection
) -> None:
    body = {"status": "attended", "arrived_at": local("18:25"), "reason": "Train."}
    first = (await evening.write(**body)).json()
    assert (await evening.write("21:45", **body)).json() == first
    assert (await evening.write("21:46", status="attended")).json() == first
    other = (await evening.write("21:47", **body | {"reason": "The bus."})).json()
    assert (other["revision"], other["minutes"]) == (2, first["minutes"])


async def test_corrections_keep_what_was_there_and_who_said_so(evening: Evening) -> None:
    clinic = evening.clinic
    await evening.sweep("18:30")
    await evening.write("21:10", status="attended", arrived_at=local("18:40"), reason="Signed the list.")
    await evening.write("09:00", by=clinic.sam, day=TUESDAY, status="excused", reason="It was her sister.")
    await evening.write("10:00", by=clinic.sam, day=TUESDAY, status="attended", arrived_at=local("18:40"))
    seen = (await evening.ask("GET", evening.roster(clinic.ana), clinic.clara, "11:00", day=TUESDAY)).json()
    told = [
        (
            each["revision"],
            each["status"],
            each["minutes"],
            each["source"],
            each["author_name"],
            each["reason"],
        )
        for each in seen["history"]
    ]
    assert told == [
        (1, "unexcused", 0, "system", None, None),
        (2, "late", 140, "staff", "clara", "Signed the list."),
        (3, "excused", 0, "staff", "sam", "It was her sister."),
        (4, "late", 140, "staff", "sam", None),
    ]
    assert [each["at"] for each in seen["history"]] == [
        utc("18:30"), utc("21:10"), utc("09:00", TUESDAY), utc("10:00", TUESDAY),
    ]  # fmt: skip
    assert (seen["status"], seen["revision"], seen["changed_by"]) == ("late", 4, str(clinic.sam.id))
    mine = (await evening.ask("GET", evening.path("attendance/me"), clinic.ana, "11:00", day=TUESDAY)).json()
    assert [each["reason"] for each in mine["history"]] == [None] * 4, "what staff say among themselves"
    assert [each["status"] for each in mine["history"]] == ["unexcused", "late", "excused", "late"]


async def test_a_patient_reads_their_own_words(evening: Evening) -> None:
    notice = {"kind": "work", "reason": "A double shift."}
    await evening.ask("POST", evening.path("absence"), evening.clinic.ana, "09:00", notice)
    mine = (await evening.ask("GET", evening.path("attendance/me"), evening.clinic.ana, "10:00")).json()
    assert [(each["source"], each["reason"]) for each in mine["history"]] == [("patient", "A double shift.")]
    assert mine["notice"] == {
        "kind": "work", "reason": "A double shift.", "at": utc("09:00"), "is_open": True, "excused_by": None,
    }  # fmt: skip


async def test_somebody_expected_of_whom_nothing_is_known(evening: Evening) -> None:
    seen = (
        await evening.ask("GET", evening.roster(evening.clinic.ana), evening.clinic.clara, "12:00")
    ).json()
    assert (seen["status"], seen["id"], seen["revision"], seen["history"]) == ("expected", None, 0, [])
    ben = await evening.ask("GET", evening.roster(evening.clinic.ben), evening.clinic.clara, "12:00")
    assert ben.status_code == 404, "nobody expects him, and nothing is known of him"


async def test_what_somebody_else_has_changed_meanwhile_is_not_overwritten(evening: Evening) -> None:
    seen = (await evening.write("18:05", status="attended")).json()["revision"]
    await evening.write("18:06", by=evening.clinic.sam, status="unexcused", revision=seen)
    stale = await evening.write("18:07", status="excused", revision=seen)
    assert (stale.status_code, stale.json()["code"], stale.json()["stale"]) == (
        409,
        "attendance_changed",
        [0],
    )
    assert evening.known() == ("unexcused", 0, 2)
    agreed = await evening.write("18:07", status="unexcused", revision=seen)
    assert agreed.status_code == 200, "both say the same"
    assert (await evening.write("18:08", status="excused", revision=2)).json()["revision"] == 3
    assert (await evening.write("18:09", status="attended", revision=0)).status_code == 409


async def test_an_alert_opens_and_closes_itself_when_it_is_corrected(
    evening: Evening, psql: psycopg.Connection
) -> None:
    clinic = evening.clinic
    await evening.write("18:45", status="unexcused")
    (alert,) = (await clinic.clara.client.get("/v1/alerts")).json()["items"]
    assert (alert["rule"], alert["status"]) == ("session.missed", "open")
    await evening.write("19:00", status="attended", arrived_at=local("18:50"))
    detail = (await clinic.clara.client.get(f"/v1/alerts/{alert['id']}")).json()
    assert (detail["status"], detail["outcome"], detail["resolved_by"]) == ("resolved", "corrected", None)
    assert (detail["resolved_at"], detail["next_at"]) == (utc("19:00"), None)
    last = detail["log"][-1]
    assert (last["kind"], last["outcome"], last["author_id"], last["text"]) == (
        "resolved", "corrected", None, None,
    )  # fmt: skip
    feed = (await clinic.clara.client.get("/v1/alerts/feed")).json()["items"]
    assert [(each["type"], each["alert_id"]) for each in feed][-1] == ("alert.resolved", alert["id"])
    body = {"outcome": "corrected", "occurrences_seen": 1}
    refused = await clinic.clara.client.post(f"/v1/alerts/{alert['id']}/resolution", json=body)
    assert refused.status_code == 422, "nobody gives this outcome"
    assert (await evening.write("19:05", status="unexcused")).status_code == 200
    assert [each[1:] for each in evening.alerts()] == [("resolved", "corrected"), ("open", None)]


async def test_an_alert_to_which_an_answer_has_contributed_stays(
    evening: Evening, psql: psycopg.Connection
) -> None:
    await evening.write("18:45", status="unexcused")
    psql.execute(
        "insert into alert_occurrence (organization_id, alert_id, number, rule, rule_set_version, definition,"
        " evidence, sentence, source_kind, source_id, source_revision, found_at)"
        " select organization_id, alert_id, 2, rule, rule_set_version, definition, evidence, sentence,"
        " 'check_in', source_id, 0, found_at from alert_occurrence where organization_id = %s",
        [evening.clinic.organization_id],
    )
    await evening.write("19:00", status="attended")
    assert [each[1] for each in evening.alerts()] == ["open"]


async def test_other_words_for_the_same_are_no_news(evening: Evening, psql: psycopg.Connection) -> None:
    await evening.sweep("18:30")
    reply = await evening.write("18:45", status="unexcused", reason="Nobody answered the phone.")
    assert reply.json()["revision"] == 2
    counts = psql.execute("select occurrences from alert where patient_id = %s", [evening.clinic.ana.id])
    assert counts.fetchall() == [(1,)]


async def test_telehealth_reports_the_times(evening: Evening) -> None:
    reply = await evening.write(source="telehealth", arrived_at=local("18:02"), left_at=local("20:58"))
    assert (reply.json()["source"], reply.json()["minutes"]) == ("telehealth", 176)


async def test_a_walk_in_of_the_program_is_written_down(evening: Evening) -> None:
    clinic = evening.clinic
    reply = await evening.write(of=clinic.ben, status="attended", arrived_at=local("18:30"))
    assert (reply.status_code, reply.json()["minutes"]) == (200, 150)
    seats = (await evening.ask("GET", evening.roster(), clinic.clara, "22:00")).json()["items"]
    assert [(each["patient_name"], each["is_expected"]) for each in seats] == [
        ("ana Example", True), ("ben Example", False),
    ]  # fmt: skip


@pytest.mark.parametrize("status", ["excused", "unexcused"])
async def test_nobody_misses_what_they_were_not_expected_in(evening: Evening, status: str) -> None:
    ben = evening.clinic.ben
    reply = await evening.write(of=ben, status=status)
    assert (reply.status_code, [each["code"] for each in reply.json()["errors"]]) == (422, ["not_expected"])
    await evening.write(of=ben, status="attended")
    assert (await evening.write(of=ben, status="excused")).status_code == 200, "a correction may be anything"


async def test_who_has_no_stay_on_that_day_is_not(evening: Evening, psql: psycopg.Connection) -> None:
    ben = evening.clinic.ben
    for starts, ends in (("2026-11-24", None), ("2026-01-05", "2026-11-22")):
        psql.execute(
            "update enrollment set starts_on = %s, ends_on = %s where patient_id = %s", [starts, ends, ben.id]
        )
        reply = await evening.write(of=ben, status="attended")
        assert (reply.status_code, [each["code"] for each in reply.json()["errors"]]) == (
            422,
            ["not_enrolled"],
        )


async def test_a_session_that_is_cancelled_takes_nobody_down(
    evening: Evening, psql: psycopg.Connection
) -> None:
    psql.execute("update treatment_session set status = 'cancelled' where id = %s", [evening.id])
    reply = await evening.write(status="attended")
    assert (reply.status_code, reply.json()["code"]) == (409, "session_cancelled")


async def test_whoever_says_something_of_a_session_waits_for_who_is_changing_it(
    evening: Evening, psql: psycopg.Connection
) -> None:
    path, ana = evening.path(), evening.clinic.ana
    async with at(evening.clinic, ana, moment("18:00")) as app:
        clara = evening.clinic.clara
        async with at(evening.clinic, clara, moment("18:00")) as staff:
            with psql.transaction():
                psql.execute("update treatment_session set status = 'cancelled' where id = %s", [evening.id])
                waiting = [
                    asyncio.create_task(each)
                    for each in (
                        staff.put(evening.roster(ana), json={"status": "attended"}),
                        app.post(f"{path}/arrival", json={"code": CODE}),
                        app.post(f"{path}/absence", json={"kind": "work"}),
                    )
                ]
                await asyncio.sleep(0.4)
                assert not any(each.done() for each in waiting)
            replies = await asyncio.gather(*waiting)
    assert [(each.status_code, each.json()["code"]) for each in replies] == [(409, "session_cancelled")] * 3
    assert evening.known() is None


async def test_cancelling_a_session_takes_everybody_along(evening: Evening) -> None:
    clinic = evening.clinic
    await evening.write("18:45", status="unexcused")
    await evening.write("18:45", of=clinic.ben, status="attended")
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await attendances.cancel_all(db, evening.id, clinic.clara.id, evening.table.moment(TUESDAY, "09:00"))
    assert evening.known() == ("cancelled", 0, 2)
    assert evening.known(clinic.ben) == ("attended", 180, 2), "the end of the session was the end"
    assert [each[2] for each in evening.alerts()] == ["corrected"]


async def test_wrong_people(evening: Evening, nora: Person) -> None:
    clinic = evening.clinic
    for method, body in (("GET", None), ("PUT", {"status": "excused"})):
        for person, status in (
            (clinic.dmitri, 404), (nora, 404), (clinic.ben, 404), (clinic.olga, 403), (clinic.adele, 403),
        ):  # fmt: skip
            reply = await evening.ask(method, evening.roster(clinic.ana), person, "12:00", body)
            assert reply.status_code == status, (method, person.role)
        path = evening.roster(clinic.ana)
        assert (await clinic.nobody.request(method, path, json=body)).status_code == 401
    own = await evening.ask("PUT", evening.roster(clinic.ana), clinic.ana, "12:00", {"status": "excused"})
    assert own.status_code == 403, "nobody excuses themselves"
    assert evening.known() is None


async def test_a_counselor_of_both_programs_sees_no_patient_of_a_third(
    evening: Evening, nora: Person
) -> None:
    other = await add_person(
        evening.clinic.app, evening.clinic.organization_id, nora.program_id, Role.PATIENT, "olaf"
    )
    async with other.client:
        reply = await evening.write(of=other, status="attended")
        assert reply.status_code == 404
        own = await evening.ask("GET", evening.path("attendance/me"), other, "12:00")
        assert own.status_code == 404, "a session of another program"


@pytest.mark.parametrize("session_id", [uuid7(), "group"])
async def test_no_such_session(clinic: Clinic, session_id: object) -> None:
    path = f"/v1/sessions/{session_id}/attendance/{clinic.ana.id}"
    for method in ("GET", "PUT"):
        reply = await clinic.clara.client.request(method, path, json={"status": "attended"})
        assert reply.status_code == (422 if session_id == "group" else 404)


async def test_it_may_be_corrected_days_later(evening: Evening) -> None:
    await evening.sweep("21:00")
    reply = await evening.write("12:00", day=THURSDAY, status="attended", reason="The list was lost.")
    assert (reply.status_code, reply.json()["minutes"]) == (200, 180)
    assert [each[2] for each in evening.alerts()] == ["corrected"]
