"""A backtest of the rules in force finds what they found when it happened: each finding, on each answer."""

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app.access import Actor, Role
from app.database import unit_of_work
from app.queries import absences as stored_absences
from app.queries import backtests as stored
from app.queries import follow_ups as stored_follow_ups
from app.queries import programs, rule_sets
from app.rules.replay import Compared, replay
from app.services import absences, backtests, follow_ups
from tests.api.publishing import edited, own_rule, published
from tests.attending import Room
from tests.moments import at
from tests.people import Clinic, Person
from tests.services.weeks import FIRST, Phone, live_through

DAYS = 24
BEFORE = datetime.combine(FIRST.date(), time(), ZoneInfo("America/New_York"))
END = FIRST + timedelta(days=DAYS + 8)
Told = set[tuple[UUID, str, str, UUID, int, datetime]]

MIXED = {
    "kind": "all",
    "conditions": [
        {"kind": "threshold", "signal": "mood", "op": "<=", "value": 4},
        {"kind": "any", "conditions": [
            {"kind": "change", "signal": "phq9.total", "against": "previous", "direction": "rise", "by": 1},
            {"kind": "silence", "signal": "phq9.total", "days": 5},
        ]},
    ],
}  # fmt: skip
MEDIAN = {
    "kind": "change", "signal": "sleep_hours", "against": "median", "window_days": 9, "direction": "fall",
    "by": 1.5,
}  # fmt: skip
SELDOM = {"kind": "total", "signal": "check_in", "window": "program_week", "op": "<", "value": 5}
ON_WORKDAYS = {"check_in_days": [0, 1, 2, 3, 4]}
SILENT = {"kind": "silence", "signal": "check_in", "hours": 40}
MISSED_AND_LOW = {
    "kind": "all",
    "conditions": [
        {"kind": "count", "signal": "session.missed", "op": ">=", "value": 1, "at_least": 1,
         "window_days": 3},
        {"kind": "threshold", "signal": "mood", "op": "<=", "value": 5},
    ],
}  # fmt: skip
EXCUSED = {
    "kind": "count", "signal": "session.excused", "op": ">=", "value": 1, "at_least": 2, "window_days": 9,
    "per": "reading",
}  # fmt: skip
HELPLESS = {
    "kind": "all",
    "conditions": [
        {"kind": "count", "signal": "crisis", "op": ">=", "value": 1, "at_least": 2, "window_days": 9,
         "per": "reading"},
        {"kind": "threshold", "signal": "craving", "op": ">=", "value": 1},
    ],
}  # fmt: skip
AWAY = {"kind": "silence", "signal": "session.attended", "days": 3}
LITTLE = {"kind": "total", "signal": "session.minutes", "window": "program_week", "op": "<", "value": 200}


async def look_until(clinic: Clinic, psql: psycopg.Connection, patient: Person, moment: datetime) -> None:
    """Look for absence whenever it is due until then, at the very moment."""
    while True:
        due = psql.execute(
            "select id, absence_due_at from enrollment where patient_id = %s and absence_due_at <= %s",
            [patient.id, moment],
        ).fetchone()
        if due is None:
            return
        async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
            assert await absences.look(db, due[0], due[1])


async def publish_more_rules(clinic: Clinic) -> None:
    body = await edited(clinic.sam)
    conditions = {
        "own.mixed": MIXED, "own.median": MEDIAN, "own.seldom": SELDOM, "own.silent": SILENT,
        "own.helpless": HELPLESS, "own.missed": MISSED_AND_LOW, "own.excused": EXCUSED, "own.away": AWAY,
        "own.little": LITTLE,
    }  # fmt: skip
    body["rules"] += [own_rule(condition, code=code) for code, condition in conditions.items()]
    await published(clinic.sam, body)


class Evenings:
    """Every other evening a session: attended, missed, entered late, corrected, excused long before. And now
    and then a goal that falls behind, and a look at the hours."""

    def __init__(
        self, clinic: Clinic, patient: Person, before: Callable[[datetime], Awaitable[None]], seed: int
    ) -> None:
        self.room = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
        self.patient_id, self.before, self.chance = patient.id, before, Random(seed)

    async def __call__(self, day: int) -> None:
        starts_at = FIRST + timedelta(days=day, hours=10)  # six in the evening
        if day % 2 == 0:
            await self.meet(await self.room.plan(starts_at, places=(self.patient_id,)), starts_at)
        if day % 5 == 0:
            later = starts_at + timedelta(days=self.chance.randint(1, 4), hours=1)
            await self.is_excused_from(await self.room.plan(later), starts_at + timedelta(hours=4))
        if day % 6 == 3:
            now = starts_at + timedelta(hours=5)
            await self.before(now)
            goal_id = await self.room.agree_on_a_goal(self.patient_id, now)
            await self.room.goal_stands(self.patient_id, goal_id, now, behind=self.chance.random() < 0.7)

    async def meet(self, session_id: UUID, starts_at: datetime) -> None:
        what_happens = self.chance.random()
        if what_happens < 0.35:
            await self.record(session_id, "arrived", starts_at - timedelta(minutes=4))
            await self.record(session_id, "attended", starts_at + timedelta(hours=3), 180)
        elif what_happens < 0.8:
            late = self.chance.choice((timedelta(minutes=30), timedelta(hours=11)))
            await self.record(session_id, "unexcused", starts_at + late)
            corrected = self.chance.choice((None, None, "excused", "late", "cancelled", "unexcused"))
            if corrected is not None:
                minutes = 100 if corrected == "late" else 0
                await self.record(session_id, corrected, starts_at + late + timedelta(hours=1), minutes)
        else:
            await self.record(session_id, "left_early", starts_at + timedelta(hours=3), 50)

    async def is_excused_from(self, session_id: UUID, now: datetime) -> None:
        await self.record(session_id, "excused", now)
        again = self.chance.choice((None, None, None, "expected", "excused", "cancelled"))
        if again is not None:
            await self.record(session_id, again, now + timedelta(minutes=20))

    async def record(self, session_id: UUID, status: str, now: datetime, minutes: int = 0) -> None:
        await self.before(now)
        await self.room.record(self.patient_id, session_id, status, now, minutes)


async def asks_for_help(clinic: Clinic, patient: Person, now: datetime, lived: datetime) -> None:
    """A cry for help that is resolved an hour later, and that nobody follows up."""
    async with at(clinic, patient, now) as client:
        body = {"id": str(uuid7()), "occurred_at": lived.isoformat()}
        alert_id = (await client.post("/v1/patients/me/crisis-flags", json=body)).json()["alert_id"]
    over = now + timedelta(hours=1)
    async with at(clinic, clinic.clara, over) as clara:
        seen = (await clara.get(f"/v1/alerts/{alert_id}")).json()["occurrences"]
        body = {"outcome": "contacted", "occurrences_seen": seen}
        assert (await clara.post(f"/v1/alerts/{alert_id}/resolution", json=body)).status_code == 200


async def nobody_follows_up(clinic: Clinic, now: datetime) -> None:
    """The sweep finds each at its moment."""
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        for each in await stored_follow_ups.due(db, now, 100):
            assert await follow_ups.look(db, each, now)


async def stand_short(clinic: Clinic, psql: psycopg.Connection, patient: Person, now: datetime) -> None:
    """A week of somebody's that falls short by two hours."""
    row = psql.execute("select id from enrollment where patient_id = %s", [patient.id]).fetchone()
    assert row is not None
    held = Room(clinic.app.state.engine, clinic.organization_id, clinic.program_id)
    await held.hours_stand(patient.id, row[0], now, shortfall_minutes=120)


def give_leave(patient: Person, psql: psycopg.Connection) -> None:
    """From the tenth day until the eighteenth."""
    psql.execute(
        "insert into leave_of_absence (organization_id, id, enrollment_id, patient_id, starts_at, ends_at,"
        " created_at) select organization_id, %s, id, patient_id, %s, %s, %s from enrollment"
        " where patient_id = %s",
        [uuid7(), FIRST + timedelta(days=9), FIRST + timedelta(days=17), FIRST, patient.id],
    )


def found_live(psql: psycopg.Connection, clinic: Clinic) -> Told:
    """By the answers and the silences of the days that are replayed."""
    rows = psql.execute(
        "select a.patient_id, o.rule, o.source_kind, o.source_id, o.source_revision, o.found_at"
        " from alert_occurrence o join alert a on a.id = o.alert_id where o.organization_id = %s"
        " and o.found_at > %s",
        [clinic.organization_id, BEFORE],
    )
    return set(rows.fetchall())


def supervisor(clinic: Clinic) -> Actor:
    return Actor(clinic.organization_id, "staff", clinic.sam.id, Role.SUPERVISOR, clinic.sam.credential_id)


async def planned(clinic: Clinic) -> backtests.Plan:
    """The rules in force, over everything that happened."""
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        program = await programs.find(db, supervisor(clinic), clinic.program_id)
        live = await rule_sets.in_version(db, program.id, program.rule_set_version)
        return await backtests.plan(
            db, program, live, base_version=None, first_day=FIRST.date(), last_day=END.date(), now=END
        )


def known_ahead(psql: psycopg.Connection, clinic: Clinic) -> set[UUID]:
    """The attendances of which something was said before their session."""
    rows = psql.execute(
        "select attendance_id from attendance_entry where organization_id = %s and received_at < filed_at"
        " and status = 'excused'",
        [clinic.organization_id],
    )
    return {attendance_id for (attendance_id,) in rows}


async def found_by_replay(clinic: Clinic) -> Told:
    plan = await planned(clinic)
    wanted = plan.live.signals | plan.draft.signals | backtests.FLOOR_SIGNALS
    rules, found = Compared(plan.live, plan.draft), set()
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        told = await stored.patients(db, supervisor(clinic), plan.scope)
        texts = await stored.texts(db, plan.scope, [each.patient_id for each in told])
    for case in (stored.case(text, plan.scope, wanted) for text in texts):
        for each in replay(case, rules, plan.scope.span.since, plan.scope.span.until):
            assert each.by_live and each.by_draft
            found.add((case.patient_id, each.finding.rule.code, *each.source, each.at))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_same_is_found(clinic: Clinic, psql: psycopg.Connection, seed: int) -> None:
    await publish_more_rules(clinic)
    if seed == 3:  # a program that asks on working days, and a leave
        psql.execute(
            "update program set calendar = %s where id = %s", [Jsonb(ON_WORKDAYS), clinic.program_id]
        )
        give_leave(clinic.ben, psql)
    # What has been lacking since they came, months before, is told before the days that are replayed.
    psql.execute(
        "update enrollment set absence_due_at = %s where organization_id = %s",
        [BEFORE, clinic.organization_id],
    )
    for place, patient in enumerate((clinic.ana, clinic.ben)):
        look = partial(look_until, clinic, psql, patient)
        evenings = Evenings(clinic, patient, look, 10 * seed + place)
        await live_through(Phone(clinic, patient, look, evenings), DAYS, 10 * seed + place)
        await look(END - timedelta(days=8))
        await stand_short(clinic, psql, patient, END - timedelta(days=8))
        for days, late in ((7, 0), (6, 30), (5, -10)):
            now = END - timedelta(days=days, minutes=late)
            await look_until(clinic, psql, patient, now)
            await asks_for_help(clinic, patient, now, now - timedelta(minutes=late * 40))
        await look_until(clinic, psql, patient, END - timedelta(days=1))
        await nobody_follows_up(clinic, END - timedelta(days=1))
        await look_until(clinic, psql, patient, END - timedelta(microseconds=1))
    live, replayed = found_live(psql, clinic), await found_by_replay(clinic)
    assert replayed - live == set(), "found by the replay alone"
    assert live - replayed == set(), "missed by the replay"
    rules = {rule for _, rule, *_ in live}
    assert {"own.mixed", "own.seldom", "own.silent", "craving.high", "si.phq9_item9"} <= rules
    assert {"own.missed", "own.excused", "own.away", "own.little", "session.missed"} <= rules
    assert {"si.crisis_flag", "crisis.follow_up_overdue", "own.helpless"} <= rules
    kinds = {"check_in", "assessment", "attendance", "goal", "hours", stored_absences.KIND}
    kinds |= {"crisis_flag", "follow_up"}
    assert {kind for _, _, kind, *_ in live} == kinds
    assert {revision for *_, revision, _ in live} >= {0, 1, 2}
    ahead = known_ahead(psql, clinic)
    assert {source_id for _, rule, _, source_id, *_ in live if rule == "own.excused"} & ahead
