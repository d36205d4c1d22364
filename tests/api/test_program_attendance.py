"""GET /v1/programs/{id}/attendance."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb

from app.access import Role
from tests.api.test_caseload import add_check_in, add_result, statements_of
from tests.moments import at
from tests.people import Clinic, Person, add_person
from tests.treatment.recorded import record
from tests.treatment.sessions import Timetable

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 18, 20, 30, tzinfo=NEW_YORK)
"""Monday evening; the group began at six."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def evening(days: int = 0, hour: int = 18) -> datetime:
    return (datetime(2026, 11, 23, hour, tzinfo=NEW_YORK) + days * DAY).astimezone(UTC)


class Desk:
    """clara's view of the evening program."""

    def __init__(self, clinic: Clinic, psql: psycopg.Connection) -> None:
        self.clinic, self.psql = clinic, psql
        self.timetable = Timetable(clinic.app.state.engine, clinic.organization_id, clinic.program_id)

    async def group(self, days: int = 0, hour: int = 18, *, minutes: int = 180, **how: Any) -> UUID:
        places = tuple(each.id for each in how.pop("of", (self.clinic.ana, self.clinic.ben)))
        return await self.timetable.group(evening(days, hour), minutes, places=places, **how)

    def record(self, group: UUID, who: Person, status: str, *times: datetime, **columns: Any) -> None:
        record(self.psql, group, who.id, status, *times, **columns)

    async def read(self, who: Person | None = None, now: datetime = NOW, tag: str = "", **params: str) -> Any:
        path = f"/v1/programs/{self.clinic.program_id}/attendance"
        headers = {"If-None-Match": tag} if tag else {}
        async with at(self.clinic, who or self.clinic.clara, now) as client:
            return await client.get(path, params=params, headers=headers)

    async def shown(self, **asked: Any) -> dict[str, Any]:
        reply = await self.read(**asked)
        assert reply.status_code == 200, reply.text
        found: dict[str, Any] = reply.json()
        return found

    async def row(self, who: Person, **asked: Any) -> dict[str, Any]:
        rows = (await self.shown(**asked))["patients"]
        (row,) = [each for each in rows if each["patient_id"] == str(who.id)]
        assert isinstance(row, dict)
        return row


@pytest.fixture
def desk(clinic: Clinic, psql: psycopg.Connection) -> Desk:
    return Desk(clinic, psql)


async def test_a_program_without_sessions_has_its_patients(desk: Desk) -> None:
    shown = await desk.shown()
    assert (shown["missing"], shown["today"], shown["days"]) == ([], [], 14)
    assert {each["patient_name"] for each in shown["patients"]} == {"ana Example", "ben Example"}
    row = await desk.row(desk.clinic.ana)
    assert (row["attended_minutes"], row["scheduled_minutes"], row["minutes_rate"]) == (0, 0, None)
    assert (row["sessions_attended"], row["sessions_expected"], row["sessions_rate"]) == (0, 0, None)


async def test_who_has_not_come_is_missing_with_how_long_and_how_to_call_them(desk: Desk) -> None:
    desk.psql.execute("update patient set phone = '+1 212 555 0100' where id = %s", [desk.clinic.ana.id])
    group = await desk.group()
    desk.record(group, desk.clinic.ben, "arrived", evening())
    shown = await desk.shown()
    assert shown["missing"] == [
        {
            "session_id": str(group),
            "patient_id": str(desk.clinic.ana.id),
            "patient_name": "ana Example",
            "phone": "+1 212 555 0100",
            "minutes_since_start": 20,
            "status": None,
            "notice": None,
        }
    ]
    assert [
        {name: each[name] for name in ("id", "is_running", "expected", "present", "excused", "missing")}
        for each in shown["today"]
    ] == [{"id": str(group), "is_running": True, "expected": 2, "present": 1, "excused": 0, "missing": 1}]


async def test_what_they_said_ahead_stands_beside_them_while_nobody_has_decided(desk: Desk) -> None:
    group, said = await desk.group(), evening(-1)
    desk.record(group, desk.clinic.ana, "expected", notice_kind="work", notice_at=said)
    desk.record(group, desk.clinic.ben, "unexcused", notice_kind="other", notice_at=said, excused_by=None)
    missing = {each["patient_id"]: each for each in (await desk.shown())["missing"]}
    ana, ben = missing[str(desk.clinic.ana.id)], missing[str(desk.clinic.ben.id)]
    at_six = said.isoformat().replace("+00:00", "Z")
    assert (ana["status"], ana["notice"]) == ("expected", {"kind": "work", "at": at_six, "is_open": True})
    assert (ben["status"], ben["notice"]["is_open"]) == ("unexcused", False)


async def test_who_is_excused_on_leave_or_gone_is_not_missing(desk: Desk) -> None:
    app, organization_id, program_id = desk.clinic.app, desk.clinic.organization_id, desk.clinic.program_id
    cleo, dora = [
        await add_person(app, organization_id, program_id, Role.PATIENT, name) for name in ("cleo", "dora")
    ]
    group = await desk.group(of=(desk.clinic.ana, desk.clinic.ben, cleo, dora))
    desk.record(group, desk.clinic.ana, "excused")
    desk.record(group, desk.clinic.ben, "left_early", evening(), evening() + timedelta(minutes=10))
    desk.record(group, cleo, "cancelled")
    async with at(desk.clinic, desk.clinic.sam, NOW) as client:
        (stay,) = (await client.get(f"/v1/patients/{dora.id}/enrollments")).json()["items"]
        body = {"from": "2026-11-22", "back_on": "2026-11-25"}
        assert (await client.post(f"/v1/enrollments/{stay['id']}/leaves", json=body)).status_code == 201
    shown = await desk.shown()
    assert shown["missing"] == []
    (now,) = shown["today"]
    assert (now["expected"], now["present"], now["excused"], now["missing"]) == (2, 0, 1, 0)


async def test_sessions_are_those_that_run_or_begin_today(desk: Desk) -> None:
    morning = NOW.replace(hour=9)
    await desk.group(0, 5)  # over
    night = await desk.group(-1, 23, minutes=720)  # since last night
    running = await desk.group(0, 9)
    later = await desk.group(0, 23, everybody=True, capacity=None)
    await desk.group(1, 9)  # tomorrow
    gone = await desk.group(0, 20)
    desk.psql.execute("update treatment_session set status = 'cancelled' where id = %s", [gone])
    shown = await desk.shown(now=morning)
    assert [each["id"] for each in shown["today"]] == [str(night), str(running), str(later)]
    assert [each["is_running"] for each in shown["today"]] == [True, True, False]
    assert shown["today"][-1]["capacity"] is None
    assert [each["session_id"] for each in shown["missing"]] == [str(night)] * 2 + [str(running)] * 2


async def test_participation_is_of_sessions_that_are_over(desk: Desk) -> None:
    ana = desk.clinic.ana
    full, half, missed, cancelled = [await desk.group(days, of=(ana,)) for days in (-1, -2, -3, -4)]
    desk.record(full, ana, "attended", evening(-1), evening(-1) + 3 * HOUR)
    desk.record(half, ana, "late", evening(-2) + 1.5 * HOUR, evening(-2) + 3 * HOUR)
    desk.record(missed, ana, "excused")
    desk.record(cancelled, ana, "cancelled")
    await desk.group(0, of=(ana,))  # running
    row = await desk.row(ana)
    assert (row["attended_minutes"], row["scheduled_minutes"], row["minutes_rate"]) == (270, 540, 0.5)
    assert (row["sessions_attended"], row["sessions_expected"], row["sessions_rate"]) == (2, 3, 0.667)


async def test_so_many_days_up_to_and_with_today(desk: Desk) -> None:
    ana = desk.clinic.ana
    for days in (0, -1, -13, -14, -30):
        group = await desk.group(days, 9, of=(ana,))
        desk.record(group, ana, "attended", evening(days, 9), evening(days, 9) + 3 * HOUR)
    expected = {"1": 1, "2": 2, "14": 3, "15": 4, "31": 5}
    for days, number in expected.items():
        row = await desk.row(ana, days=days)
        assert row["sessions_expected"] == number
        assert row["engagement"]["attendance"] == {"asked": 3, "done": 3}, "always of fourteen days"
    assert (await desk.row(ana))["sessions_expected"] == 3


async def test_engagement_is_what_was_done_of_what_was_asked(desk: Desk) -> None:
    ana = desk.clinic.ana
    for days in range(1, 7):
        add_check_in(desk.psql, ana, NOW.date() - days * DAY, mood=5)
    add_result(desk.psql, ana, "phq-9", NOW.date() - 10 * DAY, 9)
    add_result(desk.psql, ana, "gad-7", NOW.date() - 20 * DAY, 9)
    group = await desk.group(-1, of=(ana,))
    desk.record(group, ana, "attended", evening(-1), evening(-1) + 3 * HOUR)
    assert (await desk.row(ana))["engagement"] == {
        # PHQ-9 was taken ten days ago and due again three days ago; GAD-7 has been due for thirteen.
        "check_ins": {"asked": 13, "done": 6}, "attendance": {"asked": 1, "done": 1},
        "instruments": {"asked": 3, "done": 1}, "asked": 17, "done": 8, "share": 0.471, "is_low": True,
    }  # fmt: skip


async def test_what_is_asked_is_what_the_program_asks(desk: Desk) -> None:
    desk.psql.execute(
        "update program set calendar = calendar || '{\"check_in_days\": [0]}', cadence = %s where id = %s",
        [Jsonb([]), desk.clinic.program_id],
    )
    found = (await desk.row(desk.clinic.ana))["engagement"]
    assert (found["check_ins"], found["instruments"]) == ({"asked": 1, "done": 0}, {"asked": 0, "done": 0})


async def test_who_does_the_least_comes_first_and_of_whom_nothing_is_asked_last(desk: Desk) -> None:
    app, organization_id, program_id = desk.clinic.app, desk.clinic.organization_id, desk.clinic.program_id
    cleo, dora = [
        await add_person(app, organization_id, program_id, Role.PATIENT, name) for name in ("cleo", "dora")
    ]
    desk.psql.execute("update enrollment set starts_on = '2026-12-01' where patient_id = %s", [dora.id])
    for who, days in ((desk.clinic.ana, 12), (desk.clinic.ben, 3), (cleo, 7)):
        for ago in range(1, days + 1):
            add_check_in(desk.psql, who, NOW.date() - ago * DAY, mood=5)
    rows = (await desk.shown())["patients"]
    assert [each["patient_name"].split()[0] for each in rows] == ["ben", "cleo", "ana", "dora"]
    assert [each["engagement"]["is_low"] for each in rows] == [True, True, False, False]
    assert rows[-1]["engagement"]["share"] is None


async def test_those_who_left_the_program_are_gone(desk: Desk) -> None:
    await desk.group()
    desk.psql.execute(
        "update enrollment set status = 'discharged', ends_on = '2026-11-20' where patient_id = %s",
        [desk.clinic.ben.id],
    )
    shown = await desk.shown()
    assert [each["patient_name"] for each in shown["patients"]] == ["ana Example"]
    assert [each["patient_name"] for each in shown["missing"]] == ["ana Example"]


async def test_an_unchanged_answer_is_304_until_something_changes(desk: Desk) -> None:
    group = await desk.group()
    first = await desk.read()
    assert first.headers["Cache-Control"] == "private, no-store"
    tag = first.headers["ETag"]
    again = await desk.read(now=NOW + timedelta(seconds=20), tag=tag)
    assert (again.status_code, again.content) == (304, b"")
    assert (await desk.read(now=NOW + timedelta(minutes=1), tag=tag)).status_code == 200
    desk.record(group, desk.clinic.ana, "arrived", evening())
    assert (await desk.read(tag=tag)).status_code == 200


async def test_whose_data_was_disclosed_is_written_down(desk: Desk) -> None:
    first = await desk.read()
    await desk.read(tag=first.headers["ETag"])
    found = desk.psql.execute(
        "select action, resource, patient_ids from audit_entry where actor_id = %s", [desk.clinic.clara.id]
    ).fetchall()
    ids = sorted([desk.clinic.ana.id, desk.clinic.ben.id])
    assert found == [("attendance:read", "attendance", ids)]


@pytest.mark.parametrize(
    ("who", "status"),
    [("ana", 403), ("clara", 200), ("sam", 200), ("adele", 403), ("olga", 403), ("dmitri", 404)],
)
async def test_it_is_for_the_staff_of_the_program(desk: Desk, who: str, status: int) -> None:
    assert (await desk.read(getattr(desk.clinic, who))).status_code == status


async def test_it_is_for_nobody_else(desk: Desk, clinic: Clinic, nora: Person) -> None:
    path = f"/v1/programs/{clinic.program_id}/attendance"
    assert (await nora.client.get(path)).status_code == 404
    assert (await clinic.nobody.get(path)).status_code == 401
    theirs = await nora.client.get(f"/v1/programs/{nora.program_id}/attendance")
    assert (theirs.status_code, theirs.json()["patients"]) == (200, [])


@pytest.mark.parametrize("days", ["0", "32", "x"])
async def test_so_many_days_cannot_be_looked_at(desk: Desk, days: str) -> None:
    assert (await desk.read(days=days)).status_code == 422


async def test_however_many_patients_there_are_it_is_a_handful_of_statements(desk: Desk) -> None:
    async def statements() -> int:
        with statements_of(desk.clinic.app) as sent:
            await desk.read()
        return len(sent)

    before = await statements()
    for number in range(5):
        who = await add_person(
            desk.clinic.app, desk.clinic.organization_id, desk.clinic.program_id, Role.PATIENT, f"p{number}"
        )
        group = await desk.group(-number, of=(who,))
        desk.record(group, who, "attended", evening(-number), evening(-number) + HOUR)
    assert await statements() == before <= 4
