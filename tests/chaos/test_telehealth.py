"""Ten thousand calls of a telehealth platform, shuffled and doubled, hours and weeks late, to two API
processes of which one is killed now and then, while several workers apply what was kept: the minutes are
those counted by hand. Calls that are forged, stale or came before are refused, none with 5xx. The same with a
fault that believes the order in which events come finds other minutes, or this would prove nothing."""

import asyncio
import contextlib
import json
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from httpx import AsyncClient, HTTPError
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app import clock, sweeps
from app.access import Role
from app.database import unit_of_work
from app.main import create_app
from app.services import telehealth_presence
from app.settings import Settings
from app.telehealth.presence import Event, Stay
from tests.chaos import service
from tests.chaos.service import REAL, Service, running
from tests.people import Clinic, add_person, open_clinics
from tests.telehealth.meetings import EVENING, SIX, Watched, watched
from tests.treatment.sessions import Timetable

CALLS, KILLS, SENDERS, WORKERS = 10_000, 5, 16, 3
PATIENTS = 20
HOSTILE = 200


@dataclass
class Storm:
    """What is told, and what was answered."""

    clinic: Clinic
    path: str
    secret: str
    calls: list[tuple[str, bytes]] = field(default_factory=list)
    expected: dict[tuple[UUID, UUID], int] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def signed(self, name: str, body: bytes, now: datetime) -> dict[str, str]:
        signature = Webhook(self.secret).sign(name, now, body.decode())
        stamp = str(int(now.timestamp()))
        return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}


class Room(NamedTuple):
    """Where an evening takes place, and how much later than the one that was watched."""

    name: str
    shift: timedelta


async def prepared(app: FastAPI, clinic: Clinic, count: int, chance: random.Random) -> Storm:
    """As many evenings of twenty patients as it takes; each event is told twice."""
    adele = clinic.adele.client
    base = "/v1/telehealth-integrations"
    made = (await adele.post(base, json={"platform": "generic", "name": "Video rooms"})).json()
    storm = Storm(clinic, f"/v1/telehealth/{made['id']}/events", made["secret"])
    patients = [
        await add_person(app, clinic.organization_id, clinic.program_id, Role.PATIENT, f"patient{n}")
        for n in range(PATIENTS)
    ]
    keys = {
        each.id: (await adele.put(f"{base}/{made['id']}/participants/{each.id}")).json()["participant_id"]
        for each in patients
    }
    table = Timetable.of(clinic)
    yesterday = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=12)
    day = 0
    while len(storm.calls) < count:
        shift = yesterday - SIX - timedelta(days=day)
        day += 1
        session_id = await table.group(SIX + shift, places=tuple(keys), created_at=SIX + shift)
        bound = await adele.put(
            f"{base}/{made['id']}/meetings/room-{day}", json={"session_id": str(session_id)}
        )
        assert bound.status_code == 200, bound.text
        storm.calls += evening(storm, keys, session_id, Room(f"room-{day}", shift), chance)
    chance.shuffle(storm.calls)
    return storm


def evening(
    storm: Storm, keys: dict[UUID, str], session_id: UUID, room: Room, chance: random.Random
) -> list[tuple[str, bytes]]:
    ended = EVENING.end + timedelta(seconds=chance.randrange(-600, 900))
    events: list[dict[str, Any]] = [told("session.ended", ended + room.shift, meeting_id=room.name)]
    for patient_id, key in keys.items():
        story: Watched = watched(chance, ended)
        storm.expected[session_id, patient_id] = story.minutes(EVENING)
        for each in story.events():
            if each.kind in {"joined", "left"}:
                data = {"meeting_id": room.name, "participant_id": key, "connection_id": each.connection}
                events.append(told(f"participant.{each.kind}", each.at + room.shift, **data))
    return [(f"msg_{uuid7().hex}", json.dumps(each).encode()) for each in events] * 2


def told(kind: str, moment: datetime, **data: str) -> dict[str, Any]:
    return {"type": kind, "timestamp": moment.isoformat(), "data": data}


async def deliver(storm: Storm, bases: list[str], chance: random.Random) -> None:
    """One of the platform's senders: takes the next call, and tells it until it is taken."""
    async with AsyncClient(timeout=10) as client:
        while storm.calls:
            name, body = storm.calls.pop()
            while True:
                headers = storm.signed(name, body, clock.now())
                with contextlib.suppress(HTTPError):
                    reply = await client.post(
                        chance.choice(bases) + storm.path, content=body, headers=headers
                    )
                    storm.answers[reply.status_code] += 1
                    if reply.status_code == 409:  # in the same second as the first, byte for byte
                        break
                    if reply.status_code == 200:
                        storm.taken.append((headers, body))
                        break
                await asyncio.sleep(chance.uniform(0.05, 0.3))


async def work(app: FastAPI, organization_id: UUID, is_over: asyncio.Event) -> None:
    """One worker: applies what is due, until nothing is to come and nothing is left."""
    find, act = sweeps.KINDS["telehealth"]
    while True:
        was_over = is_over.is_set()
        async with unit_of_work(app.state.engine, organization_id) as db:
            due = list(await find(db, clock.now(), 60))
        random.shuffle(due)
        for event_id in due:
            async with unit_of_work(app.state.engine, organization_id) as db:
                await act(db, event_id, clock.now())
        if was_over and not due:
            return
        await asyncio.sleep(0 if due else 0.1)


async def rage(app: FastAPI, own: Service | None, storm: Storm, bases: list[str], kills: int) -> None:
    chance, is_over, count = random.Random(11), asyncio.Event(), len(storm.calls)
    async with asyncio.TaskGroup() as group:
        workers = [
            group.create_task(work(app, storm.clinic.organization_id, is_over)) for _ in range(WORKERS)
        ]
        async with asyncio.TaskGroup() as senders:
            for number in range(SENDERS):
                senders.create_task(deliver(storm, bases, random.Random(number)))
            for killed in range(kills):
                while len(storm.calls) > count * (kills - killed) // (kills + 1):  # noqa: ASYNC110 - no event
                    await asyncio.sleep(0.05)
                assert own is not None
                service.kill_api(own, chance)
        is_over.set()
        await asyncio.gather(*workers)


def wrong(url: str, storm: Storm) -> dict[tuple[UUID, UUID], tuple[int, int]]:
    """Where the minutes that are known are not those counted by hand."""
    with psycopg.connect(url) as superuser:
        rows = superuser.execute("select session_id, patient_id, minutes from attendance").fetchall()
        (left,) = superuser.execute("select count(*) from telehealth_event where look_at is not null")
    assert left == (0,)
    known = {(session_id, patient_id): minutes for session_id, patient_id, minutes in rows}
    return {
        key: (minutes, known.get(key, 0))
        for key, minutes in storm.expected.items()
        if known.get(key, 0) != minutes
    }


async def refused(storm: Storm, bases: list[str]) -> Counter[tuple[str, int]]:
    """What is answered to calls that came just now, that were signed otherwise, and that are old."""
    answers: Counter[tuple[str, int]] = Counter()
    async with AsyncClient(timeout=10) as client:
        for number, (headers, body) in enumerate(storm.taken[-HOSTILE:]):
            old = storm.signed(headers["webhook-id"], body, clock.now() - timedelta(seconds=302))
            for how, sent, content in (
                ("again", headers, body),
                ("forged", {**headers, "webhook-id": f"msg_{number}"}, body),
                ("forged", headers, body.replace(b"room", b"Room")),
                ("stale", old, body),
            ):
                url = bases[number % len(bases)] + storm.path
                reply = await client.post(url, content=content, headers=sent)
                answers[how, reply.status_code] += 1
    return answers


@pytest.mark.timeout(1500)
async def test_ten_thousand_calls_come_to_the_minutes_counted_by_hand(folder: Path) -> None:
    async with running(folder, REAL) as own:
        app = create_app(Settings(data_dir=folder), own.url)
        async with app.router.lifespan_context(app), open_clinics(app) as clinic:
            storm = await prepared(app, clinic, CALLS, random.Random(7))
            count = len(storm.calls)
            await rage(app, own, storm, own.bases(), KILLS)
            assert own.starts > KILLS, "it was killed"
            assert wrong(own.url, storm) == {}
            answers = await refused(storm, own.bases())
            assert answers == {
                ("again", 409): HOSTILE, ("forged", 401): 2 * HOSTILE, ("stale", 401): HOSTILE,
            }  # fmt: skip
    print(f"{count} calls, {len(storm.expected)} attendances, {dict(storm.answers)}")
    assert count >= CALLS
    assert storm.answers.keys() <= {200, 409, 503}


def in_the_order_they_came(events: list[Event]) -> list[Stay]:
    """The planted fault: whoever joined last left first, as the events happened to come."""
    found, since = [], None
    for event in events:
        if event.kind == "joined":
            since = event.at
        elif event.kind == "left" and since is not None and since < event.at:
            found.append(Stay(since, event.at))
            since = None
    return found


async def test_whoever_believes_the_order_in_which_they_come_is_found_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telehealth_presence, "stays", in_the_order_they_came)
    async with running(folder, REAL) as own:
        app = create_app(Settings(data_dir=folder), own.url)
        async with app.router.lifespan_context(app), open_clinics(app) as clinic:
            storm = await prepared(app, clinic, 300, random.Random(7))
            await rage(app, None, storm, own.bases(), 0)
            assert wrong(own.url, storm)
