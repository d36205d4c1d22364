"""Goals that are read from check-ins and attendance: nothing is entered twice, nothing is copied."""

from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

from tests.attending import Room
from tests.goals.agreeing import CANONICAL, agreed, check_in, kept, morning, ok, read
from tests.people import Clinic

DAYS = {"unit": "days", "baseline": 0, "target": 20, "direction": "increase"}


async def progress(clinic: Clinic, goal_id: str, moment: datetime) -> list[tuple[str, str, float]]:
    found = await ok(clinic, clinic.ana, moment, "GET", f"/v1/goals/{goal_id}/progress")
    return [(each["source"], each["local_date"], each["value"]) for each in found["items"]]


async def test_meetings_are_read_from_the_check_ins(clinic: Clinic, psql: psycopg.Connection) -> None:
    await check_in(clinic, morning(0), meetings_attended=3)  # before it starts
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    await check_in(clinic, morning(2), meetings_attended=1)
    await check_in(clinic, morning(3), mood=5)
    await check_in(clinic, morning(4), meetings_attended=0)
    await check_in(clinic, morning(4, 9), meetings_attended=2)
    await check_in(clinic, morning(20), lived=morning(12), meetings_attended=1)
    goal = await read(clinic, goal_id, morning(20))
    assert (goal["status"], goal["progress"]["value"]) == ("behind", 4)
    assert await progress(clinic, goal_id, morning(20)) == [
        ("check_in", "2026-11-12", 1),
        ("check_in", "2026-11-04", 2),
        ("check_in", "2026-11-04", 0),
        ("check_in", "2026-11-02", 1),
    ]
    assert psql.execute("select count(*) from goal_progress where goal_id = %s", [goal_id]).fetchone() == (0,)


async def test_of_a_revised_check_in_the_newest_counts_once(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    known = str(uuid7())
    await check_in(clinic, morning(2), id=known, meetings_attended=5)
    assert (await read(clinic, goal_id, morning(2)))["progress"]["value"] == 5
    again = await check_in(clinic, morning(2), id=known, meetings_attended=1)
    assert again.status_code == 409
    assert (await read(clinic, goal_id, morning(2)))["progress"]["value"] == 1
    # A revision may also say that it was on another day, or nothing of meetings at all.
    await check_in(clinic, morning(2), lived=morning(-3), id=known, meetings_attended=9)
    assert (await read(clinic, goal_id, morning(2)))["progress"]["value"] == 0
    await check_in(clinic, morning(2), id=known, mood=5)
    assert (await read(clinic, goal_id, morning(2)))["progress"]["value"] == 0


async def test_days_without_use(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, fed_by="used", measure=DAYS, cadence={"kind": "daily"})
    for number, answers in {
        1: {"used": False}, 2: {"used": False}, 3: {"used": True}, 4: {"used": False}, 5: {"mood": 4},
        6: {"used": False},
    }.items():  # fmt: skip
        await check_in(clinic, morning(number), **answers)
    await check_in(clinic, morning(6, 8), used=True)
    goal = await read(clinic, goal_id, morning(7))
    assert goal["progress"]["value"] == 3
    assert goal["measure"]["counts"] == "days"
    # Of the 5th nothing was said yet, and what was said of the 6th is use.
    assert goal["streak"] == {"unit": "days", "current": 1, "longest": 2}
    assert [value for _, _, value in await progress(clinic, goal_id, morning(7))] == [0, 1, 1, 0, 1, 1]


async def test_sessions_and_minutes_are_read_from_attendance_and_follow_corrections(clinic: Clinic) -> None:
    room = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
    hours = {"unit": "minutes", "baseline": 0, "target": 2000, "direction": "increase"}
    sessions = await agreed(clinic, fed_by="session.attended")
    minutes = await agreed(clinic, fed_by="session.minutes", measure=hours)

    async def values(number: int) -> list[float]:
        return [
            (await read(clinic, each, morning(number)))["progress"]["value"] for each in (sessions, minutes)
        ]

    async def record(session_id: UUID, status: str, number: int, minutes: int = 0) -> None:
        await room.record(clinic.ana.id, session_id, status, morning(number, 8), minutes)

    first, second, third = [await room.plan(morning(each, 4)) for each in (2, 4, 6)]
    early = await room.plan(morning(0, 4))
    await record(early, "attended", 0, 180)
    await record(first, "attended", 2, 180)
    await record(second, "late", 4, 150)
    await record(third, "unexcused", 6)
    assert await values(7) == [2, 330]
    await record(third, "left_early", 8, 60)  # she was there after all
    await record(first, "excused", 8)
    assert await values(9) == [2, 210]
    found = await progress(clinic, minutes, morning(9))
    assert found == [("attendance", "2026-11-06", 60), ("attendance", "2026-11-04", 150)]


async def test_somebody_who_is_in_the_room_has_come_and_their_minutes_are_not_known_yet(
    clinic: Clinic,
) -> None:
    room = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
    sessions = await agreed(clinic, fed_by="session.attended")
    minutes = await agreed(clinic, fed_by="session.minutes")
    session_id = await room.plan(morning(2, 4))
    await room.record(clinic.ana.id, session_id, "arrived", morning(2, 5))
    assert (await read(clinic, sessions, morning(2, 5)))["progress"]["value"] == 1
    assert await progress(clinic, minutes, morning(2, 5)) == []


async def test_only_her_own_count(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    body: dict[str, Any] = {
        "id": str(uuid7()), "occurred_at": morning(2).isoformat(), "time_zone": "America/New_York",
        "answers": {"meetings_attended": 9},
    }  # fmt: skip
    for other in (clinic.ben, clinic.ivan):
        assert (await other.client.post("/v1/patients/me/check-ins", json=body)).status_code == 201
        body["id"] = str(uuid7())
    assert (await read(clinic, goal_id, morning(3)))["progress"]["value"] == 0


async def test_the_day_of_a_check_in_is_the_one_on_which_it_was_lived(clinic: Clinic) -> None:
    """In Auckland the first of November begins while it is still October in New York."""
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    body: dict[str, Any] = {
        "id": str(uuid7()), "occurred_at": "2026-10-31T12:00:00Z", "time_zone": "Pacific/Auckland",
        "answers": {"meetings_attended": 1},
    }  # fmt: skip
    await ok(clinic, clinic.ana, morning(2), "POST", "/v1/patients/me/check-ins", body)
    last = {
        **body,
        "id": str(uuid7()),
        "time_zone": "Pacific/Pago_Pago",
        "occurred_at": "2026-12-02T10:30:00Z",
    }
    await ok(clinic, clinic.ana, morning(33), "POST", "/v1/patients/me/check-ins", last)
    found = await progress(clinic, goal_id, morning(33))
    assert [day for _, day, _ in found] == ["2026-12-01", "2026-11-01"]
    assert (await read(clinic, goal_id, morning(33)))["progress"]["value"] == 2


async def test_its_progress_is_paged_too(clinic: Clinic) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    for number in (2, 3, 4):
        await check_in(clinic, morning(number), meetings_attended=number)
    path = f"/v1/goals/{goal_id}/progress?limit=2"
    page = await ok(clinic, clinic.ana, morning(5), "GET", path)
    rest = await ok(clinic, clinic.ana, morning(5), "GET", f"{path}&cursor={page['next_cursor']}")
    assert [each["value"] for each in page["items"]] == [4, 3]
    assert ([each["value"] for each in rest["items"]], rest["next_cursor"]) == ([2], None)
    assert page["items"][0] == {
        **page["items"][0], "note": None, "author_id": None, "received_at": None, "time_zone": None,
    }  # fmt: skip


async def test_a_check_in_writes_nothing_to_a_goal(clinic: Clinic, psql: psycopg.Connection) -> None:
    goal_id = await agreed(clinic, fed_by="meetings_attended")
    before = psql.execute("select * from goal where id = %s", [goal_id]).fetchone()
    await check_in(clinic, morning(2), meetings_attended=12)
    assert psql.execute("select * from goal where id = %s", [goal_id]).fetchone() == before
    assert (await read(clinic, goal_id, morning(2)))["status"] == "achieved"
    assert kept(psql, goal_id)[0] == "on_track"


async def test_a_draft_without_days_reads_nothing_yet(clinic: Clinic) -> None:
    await check_in(clinic, morning(2), meetings_attended=4)
    body = {**CANONICAL, "fed_by": "meetings_attended", "due_on": None}
    made = await ok(clinic, clinic.ana, morning(3), "POST", "/v1/patients/me/goals", body)
    assert made["progress"] == {"value": 0, "expected": None, "pace": None}
    assert await progress(clinic, made["id"], morning(3)) == []
