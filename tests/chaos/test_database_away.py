"""PostgreSQL is stopped for two minutes under load, and the API killed five times meanwhile: every 202 is in
the database afterwards, once, with its alert, and for everything on the safety floor somebody was paged
within five seconds. The same against an API that says 202 before it has kept anything, and against one that
pages when it suits it: both are found out."""

import asyncio
import contextlib
import random
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from httpx import AsyncClient, HTTPError
from starlette.requests import Request
from starlette.responses import Response
from uuid_utils.compat import uuid7

from app import embedded, migration
from app.keeping.said import unsealed
from app.post_office import PostOffice
from app.settings import Settings
from app.spool import Store, tally_of
from tests.chaos.receiver import Receiver, receiving
from tests.chaos.reckoning import lost, rules_of, wrong
from tests.chaos.service import REAL, Service, _answers, _free_port, _keep_api
from tests.chaos.test_kill import people, seeded
from tests.chaos.writers import Ledger, Phone, Write, writes

PAGED_WITHIN = 5.0
PACE = (0.2, 0.8)
FLOOR = {"si.not_safe", "si.phq9_item9", "si.crisis_flag"}
_ENTRY = re.compile(rb"spool show ([0-9a-f-]{36})")


@dataclass
class Pager(Receiver):
    """When the page about an entry arrived, by the clock of this process."""

    at: dict[str, float] = field(default_factory=dict)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        if named := _ENTRY.search(body):
            self.at.setdefault(named[1].decode(), time.perf_counter())
        return Response()


@dataclass
class Story:
    """What was sent, what came back when, and what stood in the spool before the database came back."""

    ledger: Ledger
    kept: dict[str, float] = field(default_factory=dict)
    """Answered with 202, by id: when the request that was so answered had been sent."""
    entries: dict[str, str] = field(default_factory=dict)
    slowest: float = 0.0
    kills: int = 0


@contextlib.asynccontextmanager
async def running(
    folder: Path, program: Sequence[str], pager: Receiver, patch: Any
) -> AsyncIterator[Service]:
    """Two API processes on one data folder, and a database that nobody starts again but the test."""
    server = embedded.start(folder)
    url = embedded.url(server)
    migration.ensure_database(embedded.url(server, "postgres"), "handrail")
    migration.upgrade(url)
    patch.setenv("HANDRAIL_DATABASE_URL", url)
    patch.setenv("HANDRAIL_FALLBACK_PAGER", f"json://127.0.0.1:{pager.port}/page")
    patch.setenv("HANDRAIL_WEBHOOK_PRIVATE_HOSTS", "127.0.0.1")
    service = Service(folder, program, server, (_free_port(), _free_port()))
    keeper = asyncio.create_task(_keep_api(service))
    try:
        await _answers(service)
        yield service
    finally:
        service.over.set()
        await keeper
        for process in service.processes.values():
            process.kill()
            process.wait()
        embedded.revive(server)
        embedded.stop(server)


async def speak(
    service: Service, phone: Phone, story: Story, over: asyncio.Event, chance: random.Random
) -> None:
    """One phone: now and then something to say, sent until it was answered."""
    headers = {"Authorization": f"Bearer {phone.token}"}
    async with AsyncClient(headers=headers, timeout=8) as client:
        while not over.is_set():
            write = something(phone, chance)
            story.ledger.sent[write.body["id"]] = write
            while True:
                if await attempt(client, chance.choice(service.bases()), write, story):
                    break
                await asyncio.sleep(chance.uniform(0.05, 0.3))
            await asyncio.sleep(chance.uniform(*PACE))


def something(phone: Phone, chance: random.Random) -> Write:
    if chance.random() < 0.2:
        return Write("crisis_flag", phone.patient_id, {"id": str(uuid7())})
    return writes(phone, 1, chance)[0][0]


async def attempt(client: AsyncClient, base: str, write: Write, story: Story) -> bool:
    noun = {"check_in": "check-ins", "assessment": "assessments", "crisis_flag": "crisis-flags"}[write.kind]
    sent_at = time.perf_counter()
    try:
        reply = await client.post(f"{base}/v1/patients/me/{noun}", json=write.body)
    except HTTPError as failure:
        story.ledger.statuses[type(failure).__name__] += 1
        return False
    story.slowest = max(story.slowest, time.perf_counter() - sent_at)
    story.ledger.statuses[str(reply.status_code)] += 1
    if reply.status_code == 202:
        story.kept[write.body["id"]] = sent_at
        story.ledger.acknowledged.setdefault(write.body["id"], 202)
    story.ledger.note(write.body["id"], reply.status_code)
    return reply.status_code in {200, 201, 202}


async def live_through(
    service: Service, seconds: float, kills: int, chance: random.Random, *, phones: int = 8
) -> Story:
    """Everybody speaks; the database goes, the API is killed again and again, the database comes back."""
    story, over = Story(Ledger()), asyncio.Event()
    everybody, _ = await people(service)
    async with asyncio.TaskGroup() as group:
        for phone in everybody[:phones]:
            group.create_task(speak(service, phone, story, over, random.Random(chance.random())))
        await asyncio.sleep(3)
        await asyncio.to_thread(embedded.stop, service.server)
        for _ in range(kills):
            await asyncio.sleep(seconds / (kills + 1) * chance.uniform(0.8, 1.1))
            service.processes[chance.choice(service.ports)].kill()
            story.kills += 1
        await asyncio.sleep(seconds / (kills + 1))
        await asyncio.sleep(2)  # whatever is being kept is kept, and paged for
        story.entries = kept_entries(service)
        await asyncio.to_thread(embedded.revive, service.server)
        await asyncio.sleep(3)
        over.set()
    await drained(service)
    return story


def kept_entries(service: Service) -> dict[str, str]:
    """Which entry has kept which id."""
    own = Settings(data_dir=service.folder)
    store, sealer = Store(own.spool_folder, own.spool_megabytes), PostOffice.of(own).sealer
    try:
        return {str(unsealed(entry, sealer).id): entry.id for entry in store.entries()}
    finally:
        store.close()


async def drained(service: Service) -> None:
    async with asyncio.timeout(120):
        while True:
            tally = tally_of(service.folder / "spool")
            assert tally is not None
            if not tally.waiting:
                break
            await asyncio.sleep(0.2)
    assert tally.parked == 0


def unpaged(story: Story, pager: Pager) -> list[str]:
    """What is on the safety floor, was answered with 202, and nobody was paged for in time."""
    found = []
    for key, sent_at in story.kept.items():
        if not rules_of(story.ledger.sent[key]) & FLOOR or key not in story.entries:
            continue
        arrived = pager.at.get(story.entries[key])
        if arrived is None or arrived - sent_at > PAGED_WITHIN:
            found.append(key)
    return found


def on_the_floor(story: Story) -> int:
    return sum(bool(rules_of(story.ledger.sent[key]) & FLOOR) for key in story.kept)


@pytest.mark.timeout(600)
async def test_two_minutes_without_a_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = seeded()
    async with receiving(kind=Pager) as pager, running(folder, REAL, pager, monkeypatch) as service:
        story = await live_through(service, 120, 5, chance)
        with psycopg.connect(service.url) as superuser:
            gone, faults = lost(superuser, story.ledger), wrong(superuser, story.ledger)
        logged = service.logged()
    late = unpaged(story, pager)
    waits = [
        pager.at[entry] - story.kept[key]
        for key, entry in story.entries.items()
        if entry in pager.at and key in story.kept
    ]
    print(f"{len(story.kept)} kept, {on_the_floor(story)} on the floor, {len(gone)} lost")
    print(f"answers {dict(story.ledger.statuses)}, the slowest after {story.slowest:.2f} s")
    print(f"{story.kills} kills, {service.starts} starts")
    print(f"{len(pager.at)} pages, the last {max(waits):.2f} s after its request")
    assert story.kills == 5
    assert len(story.kept) > 500
    assert on_the_floor(story) > 100
    assert gone == set()
    assert faults == []
    assert late == []
    told = {status for status in story.ledger.statuses if status.isdecimal()}
    assert told <= {"200", "201", "202", "503"}
    assert story.slowest < 5.5
    assert "unexpected_error" not in logged


@pytest.mark.timeout(300)
async def test_an_api_that_answers_before_it_keeps_is_found_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = seeded()
    program = ("-m", "tests.chaos.planted_spool", "answer_first")
    async with receiving(kind=Pager) as pager, running(folder, program, pager, monkeypatch) as service:
        story = await live_through(service, 30, 4, chance)
        with psycopg.connect(service.url) as superuser:
            gone, faults = lost(superuser, story.ledger), wrong(superuser, story.ledger)
    print(f"planted: {len(gone)} of {len(story.kept)} kept answers lost")
    assert gone
    assert any("is lost" in fault for fault in faults)


@pytest.mark.timeout(300)
async def test_an_api_that_pages_when_it_suits_it_is_found_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = seeded()
    program = ("-m", "tests.chaos.planted_spool", "page_later")
    async with receiving(kind=Pager) as pager, running(folder, program, pager, monkeypatch) as service:
        story = await live_through(service, 10, 1, chance)
    assert unpaged(story, pager)
    assert Counter(story.ledger.statuses)["202"] > 20
