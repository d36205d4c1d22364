"""GET /v1/bootstrap: a patient's sessions of these days, goals in force, and the running week's hours."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from app.access import Role
from tests.api.test_bootstrap import PATH
from tests.api.test_bootstrap_reminders import FIRST, statements_of
from tests.api.test_leaves import add as add_leave
from tests.goals.agreeing import agree, agreed, draft, note, ok
from tests.moments import at
from tests.people import Clinic, Person
from tests.treatment.recorded import record
from tests.treatment.sessions import Timetable

# Wednesday, 10:00 in New York.
NOW = datetime(2026, 11, 25, 15, tzinfo=UTC)
MEDITATION: dict[str, Any] = {
    "statement": "Meditate every day",
    "measure": {"unit": "days", "baseline": 0, "target": 24, "direction": "increase"},
    "cadence": {"kind": "daily"}, "starts_on": "2026-11-20", "due_on": "2026-12-17",
}  # fmt: skip


async def start(clinic: Clinic, moment: datetime = NOW, who: Person | None = None) -> Any:
    async with at(clinic, who or clinic.ana, moment) as client:
        reply = await client.get(PATH)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def plan(clinic: Clinic, day: int, clock: str = "18:00", **how: Any) -> UUID:
    """One of ana's groups, on a day of November; three hours unless it is said how long."""
    timetable = Timetable.of(clinic)
    return await timetable.group(
        timetable.moment(date(2026, 11, 1) + timedelta(days=day - 1), clock),
        **{"places": (clinic.ana.id,), **how},
    )


def came(psql: psycopg.Connection, clinic: Clinic, session_id: UUID, day: int) -> None:
    starts_at = Timetable.of_nobody().moment(date(2026, 11, day), "18:00")
    record(psql, session_id, clinic.ana.id, "attended", starts_at, starts_at + timedelta(hours=3))


async def test_the_sessions_of_today_and_of_the_seven_days_after(clinic: Clinic) -> None:
    """In New York the day that is seven days ahead ends at five in the morning in UTC."""
    for day, clock in ((24, "18:00"), (25, "07:00"), (25, "18:00"), (32, "20:00"), (33, "00:00")):
        await plan(clinic, day, clock)
    shown = (await start(clinic))["treatment_sessions"]
    assert [each["starts_at"] for each in shown] == [
        "2026-11-25T12:00:00Z", "2026-11-25T23:00:00Z", "2026-12-03T01:00:00Z",
    ]  # fmt: skip


async def test_a_session_says_what_a_phone_shows(clinic: Clinic) -> None:
    session_id = await plan(clinic, 25)
    assert (await start(clinic))["treatment_sessions"] == [
        {
            "id": str(session_id), "kind": "group", "title": "Evening group",
            "starts_at": "2026-11-25T23:00:00Z", "ends_at": "2026-11-26T02:00:00Z",
            "time_zone": "America/New_York", "room": "Room 2", "telehealth_url": None, "cancelled": False,
            "attendance": None,
        }
    ]  # fmt: skip


async def test_one_that_runs_over_midnight_is_of_today(clinic: Clinic) -> None:
    await plan(clinic, 24, "23:00")
    await plan(clinic, 24, "21:00")
    assert [each["starts_at"] for each in (await start(clinic))["treatment_sessions"]] == [
        "2026-11-25T04:00:00Z"
    ]


async def test_her_own_attendance_stands_beside_it(clinic: Clinic, psql: psycopg.Connection) -> None:
    first, second = await plan(clinic, 25, "07:00"), await plan(clinic, 26)
    record(psql, first, clinic.ana.id, "attended")
    record(psql, second, clinic.ana.id, "excused", notice_kind="work", notice_at=NOW, excused_by="policy")
    record(psql, await plan(clinic, 27, places=(clinic.ben.id,)), clinic.ben.id, "excused")
    assert [each["attendance"] for each in (await start(clinic))["treatment_sessions"]] == [
        "attended",
        "excused",
    ]


async def test_what_the_program_cancelled_is_shown_as_cancelled(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    session_id = await plan(clinic, 26)
    psql.execute("update treatment_session set status = 'cancelled' where id = %s", [session_id])
    began = await start(clinic)
    assert [each["cancelled"] for each in began["treatment_sessions"]] == [True]
    assert began["hours"]["projected_minutes"] == 0


async def test_a_make_up_in_another_group_is_hers_and_a_place_in_the_waiting_list_is_not(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    missed = record(psql, await plan(clinic, 23), clinic.ana.id, "unexcused")
    other = await plan(clinic, 26, places=(clinic.ben.id,))
    record(psql, other, clinic.ana.id, "expected", makes_up_id=missed)
    await plan(clinic, 27, places=(clinic.ben.id,), waiting=(clinic.ana.id,))
    assert [each["id"] for each in (await start(clinic))["treatment_sessions"]] == [str(other)]
    psql.execute("update attendance set status = 'cancelled' where session_id = %s", [other])
    assert [each["attendance"] for each in (await start(clinic))["treatment_sessions"]] == ["cancelled"]


async def test_a_notice_that_has_outlived_her_place_shows_nothing(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    session_id = await plan(clinic, 26)
    record(psql, session_id, clinic.ana.id, "expected", notice_kind="work", notice_at=NOW)
    assert [each["attendance"] for each in (await start(clinic))["treatment_sessions"]] == ["expected"]
    psql.execute("update series_place set left_on = '2026-11-26' where patient_id = %s", [clinic.ana.id])
    assert (await start(clinic))["treatment_sessions"] == []


async def test_in_a_leave_there_are_none(clinic: Clinic) -> None:
    for day in (25, 26, 27):
        await plan(clinic, day)
    assert (
        await add_leave(clinic, NOW, **{"from": "2026-11-26", "back_on": "2026-11-27"})
    ).status_code == 201
    days = [each["starts_at"][:10] for each in (await start(clinic))["treatment_sessions"]]
    assert days == ["2026-11-25", "2026-11-27"]


async def test_what_a_goal_in_force_shows(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, NOW - timedelta(days=5), **MEDITATION)
    for day in (5, 4, 3, 2):
        await note(clinic, goal_id, NOW - timedelta(days=day))
    assert (await start(clinic))["goals"] == [
        {
            "id": goal_id, "area": "sobriety", "statement": "Meditate every day",
            "measure": {**MEDITATION["measure"], "counts": None}, "cadence": {"kind": "daily"},
            "due_on": "2026-12-17", "fed_by": None, "status": "on_track",
            "progress": {"value": 4.0, "expected": 4.29, "pace": "on_track"},
            "streak": {"unit": "days", "current": 4, "longest": 4}, "entry_due": True,
        }
    ]  # fmt: skip
    await note(clinic, goal_id, NOW - timedelta(hours=1))
    (goal,) = (await start(clinic))["goals"]
    assert (goal["progress"]["value"], goal["entry_due"]) == (5.0, False)


async def test_only_goals_that_were_agreed_and_go_on(clinic: Clinic) -> None:
    drafted = await draft(clinic, NOW, **MEDITATION)
    assert (await start(clinic))["goals"] == []
    await agree(clinic, drafted, NOW)
    assert len((await start(clinic))["goals"]) == 1
    assert (await start(clinic, who=clinic.ben))["goals"] == []
    given_up = await agreed(clinic, NOW, **{**MEDITATION, "statement": "Swim every day"})
    await ok(clinic, clinic.clara, NOW, "POST", f"/v1/goals/{given_up}/retirement", {"reason": "Too much."})
    assert [each["id"] for each in (await start(clinic))["goals"]] == [drafted]
    after = datetime(2026, 12, 18, 6, tzinfo=UTC)  # one in the morning after the last day
    assert len((await start(clinic, after - timedelta(hours=2)))["goals"]) == 1
    assert (await start(clinic, after))["goals"] == []


async def test_a_goal_that_was_reached_is_shown_and_asks_for_nothing(clinic: Clinic) -> None:
    small = {**MEDITATION, "measure": {**MEDITATION["measure"], "target": 1}}
    goal_id = await agreed(clinic, NOW - timedelta(days=5), **small)
    await note(clinic, goal_id, NOW - timedelta(days=1))
    (goal,) = (await start(clinic))["goals"]
    assert (goal["status"], goal["entry_due"]) == ("achieved", False)


async def test_two_more_groups_reach_nine_hours(clinic: Clinic, psql: psycopg.Connection) -> None:
    came(psql, clinic, await plan(clinic, 23), 23)
    await plan(clinic, 25)
    await plan(clinic, 27)
    assert (await start(clinic))["hours"] == {
        "week_of": "2026-11-23", "attended_minutes": 180, "projected_minutes": 540, "minimum_hours": 9.0,
        "sentence": "Two more groups reach nine hours.",
    }  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "es"])
async def test_it_is_the_sentence_of_her_hours(clinic: Clinic, psql: psycopg.Connection, locale: str) -> None:
    await clinic.ana.client.patch("/v1/patients/me", json={"locale": locale}, headers=FIRST)
    came(psql, clinic, await plan(clinic, 23), 23)
    await plan(clinic, 29, "22:00", minutes=720)  # into the next week
    now = (await start(clinic))["hours"]
    async with at(clinic, clinic.ana, NOW) as client:
        week = (await client.get("/v1/patients/me/hours")).json()["weeks"][-1]
    assert now["sentence"] == week["sentence"]
    assert now["sentence"].startswith("The plan" if locale == "en" else "Para")
    assert (now["attended_minutes"], now["projected_minutes"]) == (180, 300)
    assert (week["attended_minutes"], week["projected_minutes"]) == (180, 300)


async def test_a_payer_may_ask_for_more(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute("update enrollment set payer = 'h0015' where patient_id = %s", [clinic.ana.id])
    assert (await start(clinic))["hours"]["minimum_hours"] == 9
    psql.execute("update patient set born_on = '2012-03-01' where id = %s", [clinic.ana.id])
    psql.execute("update enrollment set payer = 'wisconsin_medicaid' where patient_id = %s", [clinic.ana.id])
    assert (await start(clinic))["hours"]["minimum_hours"] == 6


async def test_without_a_stay_there_are_no_hours(clinic: Clinic, psql: psycopg.Connection) -> None:
    psql.execute(
        "update enrollment set status = 'completed', ends_on = '2026-11-20' where patient_id = %s",
        [clinic.ana.id],
    )
    began = await start(clinic)
    assert (began["hours"], began["treatment_sessions"]) == (None, [])
    psql.execute("delete from enrollment where patient_id = %s", [clinic.ana.id])
    assert (await start(clinic))["hours"] is None


async def test_another_patients_treatment_is_not_mine(clinic: Clinic, psql: psycopg.Connection) -> None:
    before = await start(clinic, who=clinic.ben)
    came(psql, clinic, await plan(clinic, 23), 23)
    await plan(clinic, 25)
    await agreed(clinic, NOW, **MEDITATION)
    assert await start(clinic, who=clinic.ben) == before
    assert before["hours"]["attended_minutes"] == 0


async def test_staff_begin_without_any(clinic: Clinic) -> None:
    await plan(clinic, 25)
    began = await start(clinic, who=clinic.clara)
    assert clinic.clara.role is Role.COUNSELOR
    assert (began["treatment_sessions"], began["goals"], began["hours"]) == ([], [], None)


async def test_few_statements_whatever_there_is(clinic: Clinic) -> None:
    """One more for the sessions goes by the driver, and is not counted here."""
    with statements_of(clinic.app) as statements:
        await start(clinic)
    assert len(statements) == 4  # the patient, their stays, their goals, the version of their plan
    for _ in range(3):
        await agreed(clinic, NOW, **MEDITATION)
    with statements_of(clinic.app) as statements:
        await start(clinic)
    assert len(statements) == 5  # and the signatures under these
