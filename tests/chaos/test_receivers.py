"""Webhooks to receivers that answer 500, hang, drip, redirect inwards, move inwards, flood, or are gone, from
a real worker: each ends in the right state, the one that is well is not kept waiting, the worker's memory
stays flat and nobody inside is ever connected to. A worker that trusts whoever answers, and one that serves
one endpoint after the other, are found."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import psutil
import psycopg
import pytest
from standardwebhooks import Webhook
from uuid_utils.compat import uuid7

from app import clock, embedded, migration
from app.main import create_app
from app.settings import Settings
from tests.chaos.courier import MOVED
from tests.chaos.far_sides import Side, drips, flood, hangs, says, side
from tests.chaos.service import ROOT
from tests.people import Clinic, open_clinics

EVENTS = ["alert.opened", "alert.noted"]
NOTES = 24
SECONDS = 45.0
GROWTH = 40 << 20
FULL = 16 << 20
PATH = "/v1/webhook-endpoints"


@dataclass
class World:
    """A clinic, its endpoints by name, and who works for it."""

    clinic: Clinic
    url: str
    worker: subprocess.Popen[bytes]
    sides: dict[str, Side]
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    told_at: dict[str, float] = field(default_factory=dict)
    grew: int = 0

    async def register(self) -> None:
        for name, its in self.sides.items():
            body = {"url": f"http://127.0.0.1:{its.port}/{name}", "event_types": EVENTS}
            made = await self.clinic.adele.client.post(PATH, json=body)
            assert made.status_code == 201, made.text
            self.endpoints[name] = made.json()
        # What stood at a public address when it was registered has moved to one of ours.
        with psycopg.connect(self.url) as superuser:
            superuser.execute(
                "update webhook_endpoint set url = %s where id = %s",
                [f"https://{MOVED}:{self.sides['moved'].port}/", self.endpoints["moved"]["id"]],
            )

    async def note(self, alert_id: str) -> None:
        body = {"id": str(uuid7()), "text": "Called."}
        reply = await self.clinic.clara.client.post(f"/v1/alerts/{alert_id}/notes", json=body)
        assert reply.status_code == 201, reply.text
        sequence = len(self.told_at) + 2
        self.told_at[str(sequence)] = time.monotonic()

    async def rotate(self) -> str:
        path = f"{PATH}/{self.endpoints['well']['id']}"
        reply = await self.clinic.adele.client.post(
            f"{path}/secret-rotation", json={"overlap_hours": 1}, headers={"If-Match": '"1"'}
        )
        assert reply.status_code == 200, reply.text
        secret: str = reply.json()["secret"]
        return secret

    def states(self) -> dict[str, set[tuple[str, str | None]]]:
        """By endpoint, how deliveries stand that were tried."""
        with psycopg.connect(self.url) as superuser:
            rows = superuser.execute(
                "select endpoint_id::text, status, code from webhook_delivery where attempts > 0"
            ).fetchall()
        names = {each["id"]: name for name, each in self.endpoints.items()}
        found: dict[str, set[tuple[str, str | None]]] = {name: set() for name in self.endpoints}
        for endpoint_id, status, code in rows:
            found[names[endpoint_id]].add((status, code))
        return found

    def waits(self) -> list[float]:
        """For how long each note was on its way to the one that is well."""
        found = []
        for arrived, _, body in self.sides["well"].calls:
            said = json.loads(body)
            told = self.told_at.get(str(said["data"]["sequence"]))
            if said["type"] == "alert.noted" and told is not None:
                found.append(arrived - told)
        return found


@contextlib.asynccontextmanager
async def world_of(folder: Path, mistake: str) -> AsyncIterator[World]:
    server = embedded.start(folder)
    url = embedded.url(server)
    migration.ensure_database(embedded.url(server, "postgres"), "handrail")
    migration.upgrade(url)
    environment = os.environ | {
        "HANDRAIL_DATA_DIR": str(folder), "HANDRAIL_WEBHOOK_PRIVATE_HOSTS": "127.0.0.1",
    }  # fmt: skip
    app = create_app(Settings(data_dir=folder, webhook_private_hosts="127.0.0.1"), url)
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(embedded.stop, server)
        await stack.enter_async_context(app.router.lifespan_context(app))
        clinic = await stack.enter_async_context(open_clinics(app))
        sides = {
            name: await stack.enter_async_context(side(behave))
            for name, behave in {
                "well": says("204 No Content"), "broken": says("500 Internal Server Error"), "hangs": hangs,
                "drips": drips, "gone": says("410 Gone"), "moved": hangs, "inside": says("200 OK"),
            }.items()
        }  # fmt: skip
        inside = sides.pop("inside")
        redirecting = says(
            f"307 Temporary Redirect\r\nlocation: http://127.0.0.1:{inside.port}/latest/meta-data/"
        )
        sides["redirects"] = await stack.enter_async_context(side(redirecting))
        sides["floods"] = await stack.enter_async_context(flood())
        with (folder / "worker.log").open("ab") as log:
            command = [sys.executable, "-m", "tests.chaos.courier", mistake]
            worker = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)  # noqa: ASYNC220 - it is only started
        stack.callback(worker.wait)
        stack.callback(worker.kill)
        world = World(clinic, url, worker, sides)
        await world.register()
        world.sides["inside"] = inside
        yield world


async def play(world: World) -> str:
    """An alert and what happens to it, while all of them are told; the secret after a rotation half way."""
    body = {"id": str(uuid7()), "occurred_at": clock.now().isoformat(), "time_zone": "America/New_York"}
    await world.clinic.ana.client.post("/v1/patients/me/check-ins", json=body | {"answers": {"craving": 9}})
    alerts = (await world.clinic.clara.client.get("/v1/alerts")).json()["items"]
    alert_id = next(each["id"] for each in alerts if each["rule"] == "craving.high")
    await asyncio.sleep(5)
    process, secret = psutil.Process(world.worker.pid), ""
    before, most, until = process.memory_info().rss, 0, time.monotonic() + SECONDS
    for number in range(NOTES):
        if number == NOTES // 2:
            secret = await world.rotate()
        await world.note(alert_id)
        await asyncio.sleep(0.5)
        most = max(most, process.memory_info().rss)
    while time.monotonic() < until:
        await asyncio.sleep(0.5)
        most = max(most, process.memory_info().rss)
    world.grew = most - before
    print(f"worker grew {world.grew >> 20} MB; slowest note {max(world.waits(), default=0):.2f} s")
    return secret


def faults(world: World) -> set[str]:
    """What is not as it should be."""
    found, states, waits = set(), world.states(), world.waits()
    if len(waits) != NOTES or states["well"] != {("delivered", "delivered")}:
        found.add("the one that is well was not told of everything once")
    elif quantiles(waits, n=20)[-1] > 5:
        found.add("the one that is well was kept waiting")
    if world.grew > GROWTH or world.sides["floods"].sent >= FULL * len(world.sides["floods"].calls):
        found.add("it listened to a flood")
    if world.sides["inside"].connections or world.sides["moved"].connections:
        found.add("somebody inside was connected to")
    return found


@pytest.mark.timeout(300)
async def test_each_ends_in_its_right_state_and_delays_nobody(folder: Path) -> None:
    async with world_of(folder, "none") as world:
        secret = await play(world)
        assert faults(world) == set(), (folder / "worker.log").read_text("utf-8")[-4000:]
        states = world.states()
        assert states["broken"] == {("waiting", "failed")}
        assert {code for _, code in states["hangs"]} <= {"timed_out", None}
        assert ("waiting", "timed_out") in states["hangs"]
        assert ("waiting", "timed_out") in states["drips"]
        assert states["redirects"] == {("waiting", "redirected")}
        assert states["moved"] == {("waiting", "address_forbidden")}
        assert states["floods"] == {("waiting", "too_large")}
        assert {status for status, _ in states["gone"]} == {"parked"}
        gone = await world.clinic.adele.client.get(f"{PATH}/{world.endpoints['gone']['id']}")
        assert (gone.json()["status"], gone.json()["disabled_code"]) == ("disabled", "gone")
        heard = world.sides["well"].calls
        assert len({headers["webhook-id"] for _, headers, _ in heard}) == len(heard)
        first, after = Webhook(world.endpoints["well"]["secret"]), Webhook(secret)
        both = [len(headers["webhook-signature"].split()) == 2 for _, headers, _ in heard]
        assert any(both)
        assert not all(both)
        for (_, headers, body), is_rotated in zip(heard, both, strict=True):
            first.verify(body, headers)
            if is_rotated:
                after.verify(body, headers)


@pytest.mark.timeout(300)
async def test_a_worker_that_trusts_whoever_answers_is_found(folder: Path) -> None:
    async with world_of(folder, "trusting") as world:
        await play(world)
        assert {"somebody inside was connected to", "it listened to a flood"} <= faults(world)


@pytest.mark.timeout(300)
async def test_a_worker_that_serves_one_after_the_other_is_found(folder: Path) -> None:
    async with world_of(folder, "one_by_one") as world:
        await play(world)
        assert faults(world) & {
            "the one that is well was kept waiting", "the one that is well was not told of everything once",
        }  # fmt: skip
