"""POST /v1/telehealth/{integration_id}/events: what a platform tells is kept, and attendance follows."""

import asyncio
import json
from datetime import timedelta
from random import Random
from types import SimpleNamespace

import psycopg
import pytest

from app import jobs
from tests.api.evenings import Evening, moment, utc
from tests.moments import at
from tests.people import Clinic
from tests.telehealth.platform import Platform, applied

SECOND = timedelta(seconds=1)


@pytest.fixture
async def evening(clinic: Clinic, psql: psycopg.Connection) -> Evening:
    return await Evening.planned(clinic, psql)


@pytest.fixture(params=["generic", "zoom"])
async def platform(clinic: Clinic, evening: Evening, request: pytest.FixtureRequest) -> Platform:
    """Which knows ana, and whose meeting is the evening group."""
    found = await Platform.connected(clinic, request.param)
    assert (await found.bind(session_id=str(evening.id))).status_code == 200
    await found.knows(clinic.ana)
    return found


@pytest.fixture
async def generic(clinic: Clinic, evening: Evening) -> Platform:
    found = await Platform.connected(clinic)
    assert (await found.bind(session_id=str(evening.id))).status_code == 200
    await found.knows(clinic.ana)
    return found


def kept(evening: Evening) -> int:
    ((count,),) = evening.psql.execute(
        "select count(*) from telehealth_event where organization_id = %s", [evening.clinic.organization_id]
    ).fetchall()
    return int(count)


async def test_whoever_joined_and_left_has_these_minutes(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    for kind, clock in (("joined", "18:05"), ("left", "20:00")):
        reply = await platform.tell(kind, moment(clock), who=clinic.ana)
        assert (reply.status_code, reply.json()) == (200, {"status": "kept"})
        await applied(evening, clock)
    assert evening.known() == ("left_early", 115, 2)
    detail = await evening.ask("GET", evening.roster(clinic.ana), clinic.clara, "22:30")
    assert [each["source"] for each in detail.json()["history"]] == ["telehealth", "telehealth"]


async def test_gone_and_back_is_one_attendance_with_the_time_in_between_left_out(
    clinic: Clinic, evening: Evening, platform: Platform
) -> None:
    for kind, clock in (("joined", "17:58"), ("left", "19:00"), ("joined", "19:20"), ("left", "21:02")):
        await platform.tell(kind, moment(clock), moment("22:00"), who=clinic.ana)
    await applied(evening, "22:00")
    assert evening.known() == ("attended", 160, 1)
    read = (await evening.ask("GET", evening.roster(clinic.ana), clinic.clara, "22:30")).json()
    assert read["away"] == [{"left_at": utc("19:00"), "back_at": utc("19:20")}]
    assert (read["arrived_at"], read["left_at"]) == (utc("17:58"), utc("21:00"))
    path = f"/v1/patients/{clinic.ana.id}/hours?from=2026-11-23&to=2026-11-29"
    hours = await evening.ask("GET", path, clinic.clara, "22:30")
    (week,) = hours.json()["weeks"]
    assert (week["attended_minutes"], week["scheduled_minutes"]) == (160, 180)


async def test_any_order_doubled_and_an_hour_late_is_the_same(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    story = [
        ("joined", "18:00"),
        ("left", "18:30"),
        ("joined", "18:40"),
        ("left", "20:10"),
        ("ended", "21:00"),
    ]
    calls = [(kind, clock, f"msg_{number}") for number, (kind, clock) in enumerate(story)] * 2
    Random(4).shuffle(calls)
    said = []
    for kind, clock, name in calls:
        who = None if kind == "ended" else clinic.ana
        now = moment("22:00") + len(said) * SECOND
        said.append((await generic.tell(kind, moment(clock), now, who=who, id=name)).json()["status"])
        if len(said) % 3 == 0:
            await applied(evening, "22:01")
    await applied(evening, "22:01")
    assert sorted(said) == ["kept"] * 5 + ["known"] * 5
    assert evening.known() is not None
    status, minutes, _ = evening.known() or ("", 0, 0)
    assert (status, minutes) == ("left_early", 120)
    assert kept(evening) == 5


async def test_whoever_was_missing_was_there_after_all_and_the_alert_closes(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    await evening.sweep("18:30")
    assert evening.known() == ("unexcused", 0, 1)
    assert [(rule, status) for rule, status, _ in evening.alerts()] == [("session.missed", "open")]
    await generic.tell("joined", moment("18:01"), moment("19:05"), who=clinic.ana)
    await applied(evening, "19:05")
    assert evening.known() == ("arrived", 0, 2)
    assert evening.alerts() == [("session.missed", "resolved", "corrected")]
    await evening.sweep("21:00")
    assert evening.known() == ("attended", 179, 3)


async def test_what_staff_have_written_stands(clinic: Clinic, evening: Evening, generic: Platform) -> None:
    assert (await evening.write("21:05", status="excused")).status_code == 200
    await generic.tell("joined", moment("18:00"), moment("21:10"), who=clinic.ana)
    assert await applied(evening, "21:10") == 1
    assert evening.known() == ("excused", 0, 1)
    copied = await evening.write("21:20", status="attended", left_at=utc("19:00"), source="telehealth")
    assert copied.status_code == 200
    await generic.tell("left", moment("20:00"), moment("21:30"), who=clinic.ana)
    assert await applied(evening, "21:30") == 1
    assert evening.known() == ("left_early", 60, 2)


async def test_what_staff_copy_from_the_platform_is_their_word(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    copied = await evening.write("19:10", status="attended", left_at=utc("19:00"), source="telehealth")
    assert copied.status_code == 200
    await generic.tell("joined", moment("18:00"), moment("21:30"), who=clinic.ana)
    assert await applied(evening, "21:30") == 1
    assert evening.known() == ("left_early", 60, 1)


async def test_a_roster_that_says_the_same_leaves_the_platform_its_word(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    for kind, clock in (("joined", "18:00"), ("left", "19:00"), ("joined", "19:30")):
        await generic.tell(kind, moment(clock), moment("20:00"), who=clinic.ana)
    await applied(evening, "20:00")
    assert (await evening.write("20:30", status="attended")).status_code == 200
    await generic.tell("left", moment("20:45"), who=clinic.ana)
    await applied(evening, "20:45")
    assert evening.known() == ("left_early", 135, 2)


async def test_a_time_that_staff_give_sets_the_platforms_aside(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    for kind, clock in (("joined", "18:00"), ("left", "19:00"), ("joined", "19:30"), ("left", "21:00")):
        await generic.tell(kind, moment(clock), moment("21:00"), who=clinic.ana)
    await applied(evening, "21:00")
    assert evening.known() == ("attended", 150, 1)
    reply = await evening.write("21:30", left_at=utc("21:00"))
    assert (reply.json()["minutes"], reply.json()["away"]) == (180, [])


async def test_the_waiting_room_is_not_the_session(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    await generic.tell("joined", moment("17:50"), who=clinic.ana)
    await applied(evening, "17:50")
    assert evening.known() == ("arrived", 0, 1)
    await generic.tell("left", moment("17:55"), who=clinic.ana)
    await applied(evening, "17:55")
    assert evening.known() == ("expected", 0, 2)
    await evening.sweep("18:30")
    assert evening.known() == ("unexcused", 0, 3)


async def test_a_platforms_no_show_is_one_when_the_program_says_so(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    await generic.tell("no_show", moment("18:10"), who=clinic.ana)
    assert await applied(evening, "18:10") == 1
    assert evening.known() is None
    await generic.tell("no_show", moment("18:31"), who=clinic.ana)
    await applied(evening, "18:31")
    assert evening.known() == ("unexcused", 0, 1)
    await generic.tell("joined", moment("18:02"), moment("18:40"), who=clinic.ana)
    await applied(evening, "18:40")
    assert evening.known() == ("arrived", 0, 2)
    assert evening.alerts() == [("session.missed", "resolved", "corrected")]


async def test_whoever_said_in_the_room_that_they_came_was_there_before_they_joined(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    assert (await evening.arrive("18:00")).status_code == 201
    await generic.tell("joined", moment("18:30"), who=clinic.ana)
    await generic.tell("left", moment("20:00"), who=clinic.ana)
    await applied(evening, "20:00")
    assert evening.known() == ("left_early", 120, 2)


async def test_a_meeting_that_nobody_knew_counts_as_soon_as_somebody_says_what_it_is(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    await generic.tell("joined", moment("18:00"), moment("21:30"), who=clinic.ana, meeting="another")
    await applied(evening, "21:30")
    assert evening.known() is None
    reply = await generic.bind("another", clock="21:40", session_id=str(evening.id))
    assert reply.status_code == 200
    await applied(evening, "21:40")
    assert evening.known() == ("attended", 180, 1)


async def test_a_room_that_is_used_again_is_that_of_the_session_of_the_time(
    clinic: Clinic, evening: Evening, psql: psycopg.Connection
) -> None:
    """And whoever stays in it for the next session has come to that one, too."""
    platform = await Platform.connected(clinic)
    await platform.knows(clinic.ana)
    ((series_id,),) = psql.execute("select series_id from treatment_session where id = %s", [evening.id])
    late = await evening.table.group(moment("21:00"), 60, places=(clinic.ana.id,), title="Late group")
    psql.execute("update treatment_session set series_id = %s where id = %s", [series_id, late])
    assert (await platform.bind(session_series_id=str(series_id))).status_code == 200
    await platform.tell("joined", moment("18:00"), who=clinic.ana)
    await applied(evening, "18:00")
    assert (evening.known(), evening.known(of=late)) == (("arrived", 0, 1), None)
    await evening.sweep("21:00")
    assert await applied(evening, "21:09") == 0
    assert await applied(evening, "21:10") == 1
    assert evening.known(of=late) == ("arrived", 0, 1)
    await platform.tell("left", moment("21:40"), who=clinic.ana)
    await applied(evening, "21:40")
    assert (evening.known(), evening.known(of=late)) == (("attended", 180, 2), ("left_early", 40, 2))


async def test_the_end_of_the_meeting_is_the_end_for_everybody_in_it(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    evening = await Evening.planned(clinic, psql, clinic.ana, clinic.ben)
    platform = await Platform.connected(clinic)
    await platform.bind(session_id=str(evening.id))
    for each in (clinic.ana, clinic.ben):
        await platform.knows(each)
        await platform.tell("joined", moment("18:00"), who=each)
    await platform.tell("ended", moment("20:30"))
    await applied(evening, "20:30")
    assert [evening.known(each) for each in (clinic.ana, clinic.ben)] == [("left_early", 150, 1)] * 2


async def test_nobody_attends_a_session_of_a_program_that_they_are_not_in(
    clinic: Clinic, evening: Evening, generic: Platform, psql: psycopg.Connection
) -> None:
    psql.execute(
        "update enrollment set ends_on = '2026-11-01', status = 'completed' where patient_id = %s",
        [clinic.ana.id],
    )
    await generic.tell("joined", moment("18:00"), who=clinic.ana)
    assert await applied(evening, "18:00") == 1
    assert evening.known() is None


async def test_a_job_applies_what_was_told_at_once(
    clinic: Clinic, evening: Evening, generic: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await generic.tell("joined", moment("18:00"), who=clinic.ana)
    ((name, args),) = evening.psql.execute(
        "select task_name, args from procrastinate_jobs where args ->> 'organization_id' = %s"
        " and task_name = 'apply_telehealth'",
        [str(clinic.organization_id)],
    ).fetchall()
    task = jobs.application("postgresql:///nowhere").tasks[name]
    monkeypatch.setattr(jobs.clock, "now", lambda: moment("18:01"))
    worker = SimpleNamespace(additional_context={"engine": clinic.app.state.engine})
    for _ in range(2):
        await task.func(worker, **args)
    assert evening.known() == ("arrived", 0, 1)


async def test_of_calls_at_the_same_time_one_is_kept(
    clinic: Clinic, evening: Evening, generic: Platform
) -> None:
    now = moment("18:00")
    body = json.dumps(generic.told("joined", now, who=clinic.ana)).encode()
    headers = generic.signed(body, now)
    async with at(clinic, clinic.adele, now) as client:
        calls = [client.post(generic.events, content=body, headers=headers) for _ in range(4)]
        said = [each.status_code for each in await asyncio.gather(*calls)]
    assert sorted(said) == [200, 409, 409, 409]
    assert kept(evening) == 1
