"""A thousand alerts that nobody answers, and three workers that are killed fifty times: every step that is
due is taken once, none early, none late, and every critical alert reaches its receiver. The same with a
worker that locks nothing, and with one that marks before it sends, finds what each of them spoils."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from app import embedded, migration
from app.access import Actor, Role
from app.database import engine_for, unit_of_work
from app.errors import Conflict
from app.main import create_app
from app.models import ContactMethod
from app.models.program import Program
from app.post_office import PostOffice, contact_place
from app.services import alerts
from app.settings import Settings
from tests.chaos.clockwork import BEGINNING, CLOCK, FASTER, SWEEP, virtual
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.service import ROOT
from tests.chaos.test_kill import seeded
from tests.people import add_organization, add_person

STEPS = ("primary", "on_call", "supervisor")
WAITS = {"critical": (10, 10, 15), "urgent": (15, 15, 30), "high": (30, 30, 45), "routine": (40, 40, 60)}
HOLD = timedelta(minutes=15)
BEGINS_WITHIN = timedelta(seconds=0.5) * FASTER  # of ours, half a second
ONE_SWEEP = SWEEP + BEGINS_WITHIN


@dataclass
class World:
    """The workers, and what they work on."""

    folder: Path
    url: str
    port: int
    mistake: str
    real_beginning: float = 0.0
    organization_id: UUID = field(default_factory=uuid7)
    clara: UUID = field(default_factory=uuid7)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    killed_at: list[datetime] = field(default_factory=list)
    ended: datetime = BEGINNING

    def bound(self, due: datetime, done: datetime) -> timedelta:
        """How late a step may be: one sweep, and one more for every worker that was killed meanwhile."""
        return ONE_SWEEP * (1 + sum(due <= each + SWEEP and each <= done for each in self.killed_at))

    def now(self) -> datetime:
        return virtual(self.real_beginning)

    def start(self) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "HANDRAIL_DATA_DIR": str(self.folder), "HANDRAIL_DATABASE_URL": self.url,
            "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1", CLOCK: str(self.real_beginning),
        }  # fmt: skip
        with (self.folder / "workers.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.clockwork", self.mistake]
            return subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)


async def prepare(world: World, count: int, chance: random.Random) -> None:
    """One organization, one patient an alert, three people to be told; alerts that open over an hour."""
    own = Settings(data_dir=world.folder)
    app = create_app(own, world.url)
    office = PostOffice.of(own)
    world.organization_id, program_id = await add_organization(app, "Riverside")
    people = {
        tell: await add_person(app, world.organization_id, program_id, role, tell)
        for tell, role in zip(STEPS, (Role.COUNSELOR, Role.COUNSELOR, Role.SUPERVISOR), strict=True)
    }
    world.clara = people["primary"].id
    async with unit_of_work(app.state.engine, world.organization_id) as db:
        for person in people.values():
            address = f"json://127.0.0.1:{world.port}/{person.id}"
            place = contact_place(world.organization_id, person.id, "pager")
            await db.add(
                ContactMethod(
                    organization_id=world.organization_id, staff_member_id=person.id, channel="pager",
                    position=0, severities=list(WAITS), address=office.sealer.seal(address, place=place),
                    hint="a receiver", changed_at=BEGINNING,
                )
            )  # fmt: skip
        driver = await db.driver()
        rotation = {"starts_on": "2026-01-05", "hand_over": "08:00", "members": [str(people["on_call"].id)]}
        schedule = uuid7()
        await driver.execute(
            "insert into on_call_schedule (organization_id, id, name, time_zone, rotation, created_at,"
            " row_version) values (%s, %s, 'Evenings', 'America/New_York', %s, %s, 1)",
            (world.organization_id, schedule, Jsonb(rotation), BEGINNING),
        )
        await db.execute(Program.__table__.update().values(on_call_schedule_id=schedule))
    with psycopg.connect(world.url) as superuser:
        for number in range(count):
            _add_alert(superuser, world, program_id, number, chance)
    for person in people.values():
        await person.client.aclose()
    await app.state.engine.dispose()


def _add_alert(
    superuser: psycopg.Connection, world: World, program_id: UUID, number: int, chance: random.Random
) -> None:
    """An alert of a patient of its own, whose ladder begins somewhere in an hour."""
    severity = chance.choice(list(WAITS))
    steps = [{"tell": t, "wait_minutes": w} for t, w in zip(STEPS, WAITS[severity], strict=True)]
    ladder = {
        "steps": steps, "rounds": None if severity == "critical" else 1, "hold_minutes": 15,
        "quiet_hours": False, "working_days": False, "digest": False,
    }  # fmt: skip
    organization, patient = world.organization_id, uuid7()
    opened = BEGINNING + timedelta(minutes=5 + chance.uniform(0, 60))
    superuser.execute(
        "insert into patient (organization_id, id, given_name, family_name, locale, time_zone, created_at,"
        " row_version) values (%s, %s, %s, 'Example', 'en', 'America/New_York', %s, 1)",
        (organization, patient, f"No {number}", BEGINNING),
    )
    superuser.execute(
        "insert into enrollment (organization_id, id, patient_id, program_id, starts_on, status, created_at,"
        " row_version) values (%s, %s, %s, %s, '2026-01-05', 'active', %s, 1)",
        (organization, uuid7(), patient, program_id, BEGINNING),
    )
    superuser.execute(
        "insert into care_team_member values (%s, %s, %s, 'primary_counselor', %s)",
        (organization, patient, world.clara, BEGINNING),
    )
    superuser.execute(
        "insert into alert (organization_id, id, patient_id, program_id, rule, rule_set_version, severity,"
        " floor, status, title, sentence, opened_at, due_at, occurrences, last_found_at, lived_at, ladder,"
        " cycle, step, timer_at) values (%s, %s, %s, %s, 'craving.high', 1, %s, false, 'open',"
        " 'Strong craving', 'Craving was 9.', %s, %s, 1, %s, %s, %s, 1, 0, %s)",
        (
            organization, uuid7(), patient, program_id, severity, opened, opened, opened, opened,
            Jsonb(ladder), opened,
        ),
    )  # fmt: skip


async def live(world: World, minutes: int, kills: int, chance: random.Random) -> None:
    """Let that world's time pass, while workers are killed, and some alerts are acknowledged."""
    world.real_beginning = time.time()
    world.workers = [world.start() for _ in range(3)]
    engine = engine_for(world.url, pool_size=4)
    end = BEGINNING + timedelta(minutes=minutes)
    moments = sorted(chance.uniform(0.08, 0.95) for _ in range(kills))
    acknowledged = 0
    try:
        while (now := world.now()) < end:
            while moments and (now - BEGINNING) / (end - BEGINNING) >= moments[0]:
                chance.choice(world.workers).kill()
                world.killed_at.append(now)
                moments.pop(0)
            world.workers = [each if each.poll() is None else world.start() for each in world.workers]
            if acknowledged < minutes:
                acknowledged += await _acknowledge_one(world, engine, now, chance)
            await asyncio.sleep(0.2)
    finally:
        world.ended = world.now()
        for worker in world.workers:
            worker.terminate()
        for worker in world.workers:
            worker.wait(30)
        await engine.dispose()


async def _acknowledge_one(world: World, engine: Any, now: datetime, chance: random.Random) -> bool:
    clara = Actor(world.organization_id, "staff", world.clara, Role.COUNSELOR, uuid7())
    async with unit_of_work(engine, world.organization_id) as db:
        found = await (await db.driver()).execute(
            "select id from alert where status = 'open' and opened_at < %s order by md5(id::text || %s)"
            " limit 1", (now - timedelta(minutes=2), str(chance.random())),
        )  # fmt: skip
        if (row := await found.fetchone()) is None:
            return False
    try:
        async with unit_of_work(engine, world.organization_id) as db:
            await alerts.acknowledge(db, clara, row[0], world.now())
    except Conflict:
        return False
    return True


@dataclass
class Reckoning:
    """What is wrong, by kind, and how late each step was."""

    faults: Counter[str] = field(default_factory=Counter)
    lateness: list[timedelta] = field(default_factory=list)
    steps: int = 0
    pages: int = 0
    expired: int = 0


def reckon(world: World, receiver: Receiver) -> Reckoning:
    """Follow every alert through its log: what was due when, and what was done about it."""
    told = Reckoning()
    arrived = Counter(receiver.arrived)
    with psycopg.connect(world.url) as superuser:
        entries: dict[UUID, list[Any]] = {}
        for row in superuser.execute(
            "select alert_id, kind, at, cycle, step from alert_entry order by at, id"
        ):
            entries.setdefault(row[0], []).append(row[1:])
        pages: dict[UUID, list[Any]] = {}
        for row in superuser.execute(
            "select alert_id, cycle, step, recipient_id, status, created_at from page"
        ):
            pages.setdefault(row[0], []).append(row[1:])
        everything = superuser.execute(
            "select id, severity, opened_at, timer_at, status, ladder from alert"
        ).fetchall()
    for alert_id, severity, opened, timer, status, ladder in everything:
        log, own = entries.get(alert_id, []), pages.get(alert_id, [])
        _follow(told, world, log, opened, ladder)
        is_urgent = severity == "critical" and opened + world.bound(opened, world.ended) < world.ended
        _compare(told, alert_id, is_urgent, log, own, arrived)
        told.pages += len(own)
        if status == "open" and timer and timer + world.bound(timer, world.ended) < world.ended:
            told.faults["left behind"] += 1
    return told


def _follow(
    told: Reckoning, world: World, log: list[Any], due: datetime | None, ladder: Any
) -> None:  # fmt: skip
    step = 0
    steps = ladder["steps"]
    for kind, at, _, number in log:
        if kind == "acknowledged":
            due = at + HOLD
            continue
        told.steps += 1
        if due is None or at < due - timedelta(milliseconds=1):
            told.faults["early"] += 1
        else:
            told.lateness.append(at - due)
            if at - due > world.bound(due, at):
                told.faults["late"] += 1
        if kind == "expired":
            step, due, told.expired = 0, at, told.expired + 1
        elif kind == "told":
            if number != step:
                told.faults["out of turn"] += 1
            due = at + timedelta(minutes=steps[step % len(steps)]["wait_minutes"])
            step += 1
        elif kind == "ended":
            due = None
        else:
            told.faults[kind] += 1
    if due is not None and due + world.bound(due, world.ended) < world.ended:
        told.faults["never"] += 1


def _compare(
    told: Reckoning, alert_id: UUID, is_urgent: bool, log: list[Any], pages: list[Any], arrived: Counter[Any]
) -> None:
    steps = Counter((cycle, step) for kind, _, cycle, step in log if kind == "told")
    intents = Counter((cycle, step) for cycle, step, *_ in pages)
    told.faults["step told twice"] += sum(each - 1 for each in steps.values())
    told.faults["intents differ from steps"] += sum(((intents - steps) + (steps - intents)).values())
    sent = Counter(str(recipient) for _, _, recipient, status, _ in pages if status == "sent")
    for recipient, times in sent.items():
        if arrived[recipient, str(alert_id)] < times:
            told.faults["marked and not received"] += 1
    if is_urgent and not any(alert == str(alert_id) for _, alert in arrived):
        told.faults["critical and never received"] += 1


async def run(
    folder: Path, mistake: str, *, count: int, minutes: int, kills: int, slowness: float = 0.02
) -> Reckoning:
    chance = seeded()
    server = embedded.start(folder)
    try:
        migration.ensure_database(embedded.url(server, "postgres"), "handrail")
        migration.upgrade(embedded.url(server))
        async with receiving(slowness) as receiver:
            world = World(folder, embedded.url(server), receiver.port, mistake)
            await prepare(world, count, chance)
            await live(world, minutes, kills, chance)
            found = reckon(world, receiver)
        faults = +found.faults
        print(
            f"{len(world.killed_at)} kills; {found.steps} steps, {found.pages} pages,"
            f" {len(receiver.arrived)} received"
        )
        late = sorted(each / SWEEP for each in found.lateness)
        median, almost_all = late[len(late) // 2], late[len(late) * 99 // 100]
        print(f"late by sweeps: median {median:.2f}, 99 % {almost_all:.2f}, at most {late[-1]:.2f}")
        print(f"{found.expired} acknowledgements ran out; {faults}")
        return found
    finally:
        embedded.stop(server)


@pytest.mark.timeout(600)
async def test_every_step_is_taken_once_in_time(folder: Path) -> None:
    found = await run(folder, "none", count=1_000, minutes=150, kills=50)
    assert found.steps > 3_000
    assert found.expired > 20
    assert not +found.faults


@pytest.mark.timeout(600)
async def test_a_worker_that_locks_nothing_is_found(folder: Path) -> None:
    found = await run(folder, "lockless", count=300, minutes=30, kills=0)
    assert found.faults["step told twice"] or found.faults["out of turn"]


@pytest.mark.timeout(600)
async def test_a_worker_that_marks_before_it_sends_is_found(folder: Path) -> None:
    found = await run(folder, "mark_first", count=300, minutes=50, kills=30, slowness=0.3)
    assert found.faults["marked and not received"]
