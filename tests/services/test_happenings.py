"""Sessions, goals and hours are answers, too: what they bring to light, when and with what."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app.access import Actor
from app.database import unit_of_work
from app.instruments.catalogue import CATALOGUE
from app.queries import everything, rule_sets
from app.rules.reading import Reading, Source
from app.services import absences, assessments, check_ins, happenings
from tests.api.publishing import edited, own_rule, published
from tests.attending import Room
from tests.people import Clinic, Person

MONDAY = datetime(2026, 11, 2, 23, tzinfo=UTC)
"""Six in the evening in New York."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON_ITS_OWN_DAY = timedelta(minutes=30)
TWICE_EXCUSED = {
    "kind": "count", "signal": "session.excused", "op": ">=", "value": 1, "at_least": 2, "window_days": 7,
    "per": "reading",
}  # fmt: skip
SHORT_WEEK = {
    "kind": "total", "signal": "session.minutes", "op": "<", "value": 540, "window": "program_week",
    "project": True,
}  # fmt: skip
CRAVING_AND_MISSED = {
    "kind": "all",
    "conditions": [
        {"kind": "threshold", "signal": "craving", "op": ">=", "value": 7},
        {"kind": "threshold", "signal": "session.missed", "op": ">=", "value": 1},
    ],
}


def room(clinic: Clinic) -> Room:
    return Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)


async def watch_for(clinic: Clinic, *conditions: dict[str, Any]) -> None:
    """The program's rules are these and no others: own.0, own.1, and so on."""
    body = await edited(clinic.sam)
    rules = enumerate(conditions)
    body["rules"] = [own_rule(condition, code=f"own.r{number}") for number, condition in rules]
    await published(clinic.sam, body)


def told(psql: psycopg.Connection, patient: Person) -> dict[str, int]:
    """How often each rule was found for somebody."""
    rows = psql.execute("select rule, occurrences from alert where patient_id = %s", [patient.id])
    return dict(rows.fetchall())


def due(psql: psycopg.Connection, patient: Person) -> datetime | None:
    row = psql.execute("select absence_due_at from enrollment where patient_id = %s", [patient.id])
    found = row.fetchone()
    assert found is not None
    moment: datetime | None = found[0]
    return moment


def nothing_is_due(psql: psycopg.Connection, patient: Person) -> None:
    psql.execute("update enrollment set absence_due_at = null where patient_id = %s", [patient.id])


def stay_of(psql: psycopg.Connection, patient: Person) -> UUID:
    row = psql.execute("select id from enrollment where patient_id = %s", [patient.id]).fetchone()
    assert row is not None
    stay_id: UUID = row[0]
    return stay_id


async def look(clinic: Clinic, psql: psycopg.Connection, patient: Person, now: datetime) -> bool:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        return await absences.look(db, stay_of(psql, patient), now)


async def check_in(clinic: Clinic, patient: Person, now: datetime, **answers: Any) -> None:
    draft = check_ins.Draft(uuid7(), now, "America/New_York", answers, None, None)
    actor = Actor(clinic.organization_id, "patient", patient.id, patient.role, patient.credential_id)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await check_ins.submit(db, actor, patient.id, draft, accept_language=None, now=now)


async def phq9(clinic: Clinic, patient: Person, now: datetime, item9: int) -> None:
    answers = {f"phq9-{number}": 0 for number in range(1, 9)} | {"phq9-9": item9}
    draft = assessments.Draft(uuid7(), "phq-9", None, now, "America/New_York", answers, None)
    actor = Actor(clinic.organization_id, "patient", patient.id, patient.role, patient.credential_id)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await assessments.submit(
            db, actor, patient.id, draft, catalogue=CATALOGUE, accept_language=None, now=now
        )


async def test_one_two_and_three_missed_sessions_under_the_default_rules(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    held, found = room(clinic), []
    for day in (0, 2, 4):
        at = MONDAY + day * DAY
        await held.record(clinic.ana.id, await held.plan(at), "unexcused", at + ON_ITS_OWN_DAY)
        found.append(told(psql, clinic.ana))
    assert found == [
        {"session.missed": 1},
        {"session.missed": 2, "session.missed_twice": 1},
        {"session.missed": 3, "session.missed_twice": 2, "session.missed_three": 1},
    ]
    assert told(psql, clinic.ben) == {}


@pytest.mark.parametrize("status", ["attended", "late", "left_early", "arrived", "excused", "cancelled"])
async def test_a_later_session_raises_nothing_of_what_was_missed_before(
    clinic: Clinic, psql: psycopg.Connection, status: str
) -> None:
    held = room(clinic)
    for day in (0, 2):
        at = MONDAY + day * DAY
        await held.record(clinic.ana.id, await held.plan(at), "unexcused", at + ON_ITS_OWN_DAY)
    before = told(psql, clinic.ana)
    at = MONDAY + 4 * DAY
    await held.record(clinic.ana.id, await held.plan(at), status, at + HOUR, minutes=60)
    assert told(psql, clinic.ana) == before


async def test_what_the_program_cancelled_does_not_stand_between_two_that_were_missed(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    held = room(clinic)
    for day, status in ((0, "unexcused"), (8, "cancelled"), (16, "unexcused")):
        at = MONDAY + day * DAY
        await held.record(clinic.ana.id, await held.plan(at), status, at + ON_ITS_OWN_DAY)
    assert told(psql, clinic.ana) == {"session.missed": 2, "session.missed_twice": 1}


async def test_what_was_excused_does(clinic: Clinic, psql: psycopg.Connection) -> None:
    held = room(clinic)
    for day, status in ((0, "unexcused"), (8, "excused"), (16, "unexcused")):
        at = MONDAY + day * DAY
        await held.record(clinic.ana.id, await held.plan(at), status, at + ON_ITS_OWN_DAY)
    assert told(psql, clinic.ana) == {"session.missed": 2}


async def test_a_corrected_session_counts_as_it_stands_now(clinic: Clinic, psql: psycopg.Connection) -> None:
    held = room(clinic)
    monday = await held.plan(MONDAY)
    await held.record(clinic.ana.id, monday, "unexcused", MONDAY + ON_ITS_OWN_DAY)
    await held.record(clinic.ana.id, monday, "attended", MONDAY + DAY, minutes=180)
    wednesday = await held.plan(MONDAY + 2 * DAY)
    await held.record(clinic.ana.id, wednesday, "unexcused", MONDAY + 2 * DAY + ON_ITS_OWN_DAY)
    assert told(psql, clinic.ana) == {"session.missed": 2}  # one was missed, and not two
    await held.record(clinic.ana.id, monday, "unexcused", MONDAY + 3 * DAY)
    assert told(psql, clinic.ana) == {"session.missed": 3, "session.missed_twice": 1}


async def test_a_session_missed_while_at_risk_is_pressing(clinic: Clinic, psql: psycopg.Connection) -> None:
    held = room(clinic)
    await phq9(clinic, clinic.ana, MONDAY - 3 * DAY, item9=1)
    for patient in (clinic.ana, clinic.ben):
        await held.record(patient.id, await held.plan(MONDAY), "unexcused", MONDAY + ON_ITS_OWN_DAY)
    assert told(psql, clinic.ana) == {"si.phq9_item9": 1, "session.missed": 1, "session.missed_at_risk": 1}
    assert told(psql, clinic.ben) == {"session.missed": 1}
    await phq9(clinic, clinic.ben, MONDAY + DAY, item9=2)  # an assessment knows of the sessions, too
    assert told(psql, clinic.ben) == {"session.missed": 1, "si.phq9_item9": 1, "session.missed_at_risk": 1}


async def test_a_goal_that_falls_behind_and_a_short_week_are_told(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    held, ana = room(clinic), clinic.ana
    walks, meetings = [await held.agree_on_a_goal(ana.id, MONDAY) for _ in range(2)]
    await held.goal_stands(ana.id, walks, MONDAY + DAY, behind=True)
    await held.goal_stands(ana.id, walks, MONDAY + 2 * DAY, behind=False)
    assert told(psql, ana) == {"goal.behind": 1}
    await held.goal_stands(ana.id, meetings, MONDAY + 3 * DAY, behind=True)
    assert told(psql, ana) == {"goal.behind": 2}
    stay_id = stay_of(psql, ana)
    await held.hours_stand(ana.id, stay_id, MONDAY + 7 * DAY, shortfall_minutes=0)
    assert "hours.low" not in told(psql, ana)
    await held.hours_stand(ana.id, stay_id, MONDAY + 14 * DAY, shortfall_minutes=150)
    assert told(psql, ana)["hours.low"] == 1


async def test_a_check_in_sees_the_sessions_where_a_rule_reads_both(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await watch_for(clinic, CRAVING_AND_MISSED)
    held, at = room(clinic), MONDAY
    await held.record(clinic.ana.id, await held.plan(at), "unexcused", at + ON_ITS_OWN_DAY)
    await check_in(clinic, clinic.ana, at + HOUR, craving=6)
    assert told(psql, clinic.ana) == {}
    await check_in(clinic, clinic.ana, at + 2 * HOUR, craving=7)
    assert told(psql, clinic.ana) == {"own.r0": 1}
    await check_in(clinic, clinic.ben, at, craving=9)
    await held.record(clinic.ben.id, await held.plan(at), "unexcused", at + ON_ITS_OWN_DAY)
    assert told(psql, clinic.ben) == {"own.r0": 1}  # and a session sees the check-ins


async def test_a_notice_ahead_raises_nothing_before_its_time(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await watch_for(clinic, TWICE_EXCUSED)
    held, ana = room(clinic), clinic.ana
    monday, friday = await held.plan(MONDAY), await held.plan(MONDAY + 4 * DAY)
    nothing_is_due(psql, ana)
    await held.record(ana.id, friday, "excused", MONDAY - 5 * DAY)
    assert due(psql, ana) == MONDAY + 4 * DAY
    await held.record(ana.id, monday, "excused", MONDAY - 4 * DAY)
    assert due(psql, ana) == MONDAY
    await check_in(clinic, ana, MONDAY - DAY, mood=5)
    assert await look(clinic, psql, ana, MONDAY)
    assert told(psql, ana) == {}
    assert due(psql, ana) == MONDAY + 4 * DAY  # it is not forgotten when somebody looks before
    assert await look(clinic, psql, ana, MONDAY + 4 * DAY + timedelta(seconds=20))
    assert told(psql, ana) == {"own.r0": 1}
    assert due(psql, ana) is None
    psql.execute("update enrollment set absence_due_at = %s where patient_id = %s", [MONDAY, ana.id])
    assert await look(clinic, psql, ana, MONDAY + 5 * DAY)
    assert told(psql, ana) == {"own.r0": 1}  # whoever looks again tells it no second time


async def test_a_notice_that_was_taken_back_raises_nothing(clinic: Clinic, psql: psycopg.Connection) -> None:
    await watch_for(clinic, {**TWICE_EXCUSED, "at_least": 1})
    held, ana = room(clinic), clinic.ana
    monday = await held.plan(MONDAY)
    nothing_is_due(psql, ana)
    await held.record(ana.id, monday, "excused", MONDAY - DAY)
    await held.record(ana.id, monday, "expected", MONDAY - HOUR)
    assert await look(clinic, psql, ana, MONDAY)
    assert told(psql, ana) == {}


async def test_a_session_makes_nobody_look_for_what_it_says_nothing_of(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    """No check-in and no questionnaire for months: that was told, or will be, without it."""
    held = room(clinic)
    nothing_is_due(psql, clinic.ana)
    await held.record(clinic.ana.id, await held.plan(MONDAY), "attended", MONDAY + 3 * HOUR, 180)
    assert due(psql, clinic.ana) is None


async def test_nobody_raises_nothing(clinic: Clinic) -> None:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        source = Source("attendance", uuid7(), 1)
        assert await happenings.watch(db, uuid7(), source, at=MONDAY, now=MONDAY) == []
        assert await happenings.watch(db, clinic.ivan.id, source, at=MONDAY, now=MONDAY) == []


async def planned(clinic: Clinic, patient: Person, now: datetime) -> list[Reading]:
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        known = await everything.held(db, patient.id, now)
        assert known is not None
        context = known.context
        rules = await rule_sets.in_version(db, context.program_id, context.rule_set_version)
        found = await everything.planned(db, context, patient.id, rules, now)
    return sorted(found, key=lambda each: each.at)


async def test_what_is_planned_is_the_rest_of_the_running_week(clinic: Clinic) -> None:
    await watch_for(clinic, SHORT_WEEK)
    held, ana = room(clinic), clinic.ana.id
    sunday_before, next_monday = (
        [await held.plan(MONDAY + days * DAY, places=(ana,)) for days in (-1, 7)]
    )  # fmt: skip
    monday, tuesday = [await held.plan(MONDAY + days * DAY, places=(ana,)) for days in (0, 1)]
    sunday = await held.plan(MONDAY + 6 * DAY, 90, everybody=True)
    await held.plan(MONDAY + 3 * DAY, places=(clinic.ben.id,))
    found = await planned(clinic, clinic.ana, MONDAY - DAY + 6 * HOUR)  # just after midnight
    assert [(each.source.id, each.value, each.day.day) for each in found] == [
        (monday, 180.0, 2), (tuesday, 180.0, 3), (sunday, 90.0, 8)
    ]  # fmt: skip
    assert {each.source.kind for each in found} == {"treatment_session"}
    assert [each.source.id for each in await planned(clinic, clinic.ana, MONDAY - DAY)] == [sunday_before]
    assert [each.source.id for each in await planned(clinic, clinic.ana, MONDAY + 7 * DAY)] == [next_monday]


@pytest.mark.parametrize(
    ("status", "is_open"),
    [
        (None, True), ("expected", True), ("arrived", True), ("attended", False), ("left_early", False),
        ("excused", False), ("unexcused", False), ("cancelled", False), ("made_up", False),
    ],
)  # fmt: skip
async def test_what_is_settled_is_planned_no_more(clinic: Clinic, status: str | None, is_open: bool) -> None:
    await watch_for(clinic, SHORT_WEEK)
    held, ana = room(clinic), clinic.ana.id
    session_id = await held.plan(MONDAY, places=(ana,))
    if status is not None:
        await held.record(ana, session_id, status, MONDAY + HOUR)
    assert bool(await planned(clinic, clinic.ana, MONDAY + HOUR)) is is_open


async def test_nobody_asks_for_plans_unless_a_rule_adds_them(clinic: Clinic) -> None:
    await watch_for(clinic, {**SHORT_WEEK, "project": False})
    await room(clinic).plan(MONDAY, places=(clinic.ana.id,))
    assert await planned(clinic, clinic.ana, MONDAY - HOUR) == []


async def test_a_week_is_short_as_soon_as_what_is_planned_does_not_suffice(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await watch_for(clinic, SHORT_WEEK)
    held, ana = room(clinic), clinic.ana
    sessions = [await held.plan(MONDAY + day * DAY, places=(ana.id,)) for day in (0, 1, 2, 3)]
    psql.execute(
        "update enrollment set absence_due_at = %s where patient_id = %s", [MONDAY - 12 * HOUR, ana.id]
    )
    assert await look(clinic, psql, ana, MONDAY - 12 * HOUR)  # twelve hours are planned
    at = MONDAY + ON_ITS_OWN_DAY
    await held.record(ana.id, sessions[0], "unexcused", at)
    assert due(psql, ana) != at  # nine are left
    await held.record(ana.id, sessions[2], "excused", at + HOUR)  # ahead: the plan is another one at once
    assert due(psql, ana) == at + HOUR
    assert await look(clinic, psql, ana, at + HOUR)
    assert told(psql, ana) == {"own.r0": 1}


async def test_nothing_is_short_while_people_are_in_the_room(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    await watch_for(clinic, SHORT_WEEK)
    held, ana = room(clinic), clinic.ana
    sessions = [await held.plan(MONDAY + day * DAY, places=(ana.id,)) for day in (0, 1, 2)]
    for place, session_id in enumerate(sessions):
        at = MONDAY + place * DAY
        await held.record(ana.id, session_id, "arrived", at - timedelta(minutes=5))
        for moment in (at + HOUR, at + 3 * HOUR + timedelta(seconds=15)):  # the sweep comes a little later
            psql.execute("update enrollment set absence_due_at = %s where patient_id = %s", [moment, ana.id])
            assert await look(clinic, psql, ana, moment)
        await held.record(ana.id, session_id, "attended", at + 3 * HOUR + timedelta(seconds=30), 180)
    assert told(psql, ana) == {}
