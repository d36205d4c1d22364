"""`handrail run` with all of its processes, a pager and a heartbeat that really go out. Then somebody stops
the worker, deletes an alert, clears a timer: the operator is told of each within two minutes, and the world
outside hears nothing as long as something is wrong."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil
import psycopg
import pytest
from httpx import AsyncClient, HTTPError
from uuid_utils.compat import uuid7

from app import embedded
from app.access import Role
from app.main import create_app
from app.settings import Settings
from tests.chaos.service import ROOT
from tests.demo.serving import free_port
from tests.pager.receivers import Receiver, http_server
from tests.people import add_organization, add_person, token_for
from tests.watcher.deleting import delete_alerts

TWO_MINUTES = 120.0


@dataclass
class Running:
    """The service as `handrail run` keeps it, and who hears of it."""

    process: subprocess.Popen[bytes]
    folder: Path
    base: str
    url: str
    operator: Receiver
    outside: Receiver

    def child(self, name: str) -> psutil.Process:
        """The process of this part, as it is now."""
        for each in psutil.Process(self.process.pid).children():
            if each.cmdline()[-1:] == [name]:
                return each
        raise AssertionError(f"there is no {name}")

    def told(self) -> list[str]:
        return [body["message"] for body in self.operator.bodies()]

    def superuser(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


@contextlib.asynccontextmanager
async def handrail_run(folder: Path) -> AsyncIterator[Running]:
    port = free_port()
    async with http_server() as operator, http_server() as outside:
        process = started(
            folder, HANDRAIL_DATA_DIR=str(folder), HANDRAIL_PORT=str(port),
            HANDRAIL_FALLBACK_PAGER=operator.address(), HANDRAIL_WEBHOOK_PRIVATE_HOSTS="127.0.0.1",
            HANDRAIL_HEARTBEAT_URL=f"http://127.0.0.1:{outside.port}/alive",
        )  # fmt: skip
        try:
            base = f"http://127.0.0.1:{port}"
            await _answers(base)
            server = embedded.start(folder)
            yield Running(process, folder, base, embedded.url(server), operator, outside)
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 60)
            embedded.stop(embedded.start(folder))


def started(folder: Path, **own: str) -> subprocess.Popen[bytes]:
    others = {key: value for key, value in os.environ.items() if not key.startswith("HANDRAIL_")}
    with (folder / "run.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run"], env=others | own, cwd=ROOT, stdout=log, stderr=log
        )


async def _answers(base: str) -> None:
    async with asyncio.timeout(90), AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(HTTPError):
                if (await client.get(f"{base}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.2)


async def within_two_minutes(what: str, happened: Callable[[], bool]) -> None:
    begun = perf_counter()
    while not happened():
        assert perf_counter() - begun < TWO_MINUTES, f"{what}: not within two minutes"
        await asyncio.sleep(0.2)
    print(f"{what}: after {perf_counter() - begun:.0f} s")


async def ana_craves(running: Running) -> None:
    """A clinic with one patient, admitted today, whose first check-in opens an alert."""
    app = create_app(Settings(data_dir=running.folder), running.url)
    try:
        organization_id, program_id = await add_organization(app, "Riverside")
        ana = await add_person(app, organization_id, program_id, Role.PATIENT, "ana")
        await ana.client.aclose()
        token = token_for(
            app, organization_id=organization_id, id=ana.id, role=ana.role, credential_id=ana.credential_id
        )
    finally:
        await app.state.engine.dispose()
    with running.superuser() as superuser:
        superuser.execute("update enrollment set starts_on = current_date, absence_due_at = now()")
    body: dict[str, Any] = {
        "id": str(uuid7()), "occurred_at": datetime.now(UTC).isoformat(), "answers": {"craving": 9},
        "time_zone": "America/New_York",
    }  # fmt: skip
    async with AsyncClient(trust_env=False, headers={"Authorization": f"Bearer {token}"}) as client:
        reply = await client.post(f"{running.base}/v1/patients/me/check-ins", json=body)
    assert reply.status_code == 201, reply.text


def alert_ids(running: Running) -> list[Any]:
    with running.superuser() as superuser:
        return [alert_id for (alert_id,) in superuser.execute("select id from alert").fetchall()]


def timers(running: Running) -> list[Any]:
    with running.superuser() as superuser:
        return [timer_at for (timer_at,) in superuser.execute("select timer_at from alert").fetchall()]


@pytest.mark.timeout(900)
async def test_the_operator_is_told_within_two_minutes(folder: Path) -> None:
    async with handrail_run(folder) as running:
        await ana_craves(running)
        heard = len(running.outside.asked)
        await within_two_minutes("all is well", lambda: len(running.outside.asked) > heard + 1)
        assert running.told() == []

        worker = running.child("worker")
        worker.send_signal(signal.SIGSTOP)
        heard = len(running.outside.asked)
        await within_two_minutes(
            "the worker was stopped", lambda: any("sweep_stale" in told for told in running.told())
        )
        silent_from = len(running.outside.asked)
        assert silent_from <= heard + 1, "at most one pass came before it could be noticed"

        (gone,) = alert_ids(running)
        with running.superuser() as superuser:
            delete_alerts(superuser, [gone])
        await within_two_minutes(
            "an alert was deleted", lambda: any("alert_missing (1)" in told for told in running.told())
        )
        (restored,) = alert_ids(running)
        assert restored != gone

        with running.superuser() as superuser:
            superuser.execute("update alert set timer_at = null")
        await within_two_minutes(
            "a timer was cleared", lambda: any("timer_missing (1)" in told for told in running.told())
        )
        assert timers(running) != [None]
        assert len(running.outside.asked) == silent_from, "silent as long as something was wrong"

        worker.send_signal(signal.SIGCONT)
        await within_two_minutes("all is well again", lambda: len(running.outside.asked) > silent_from)

        watcher = running.child("watcher")
        watcher.kill()
        heard = len(running.outside.asked)
        await within_two_minutes("the watcher was killed", lambda: len(running.outside.asked) > heard)
        assert running.child("watcher").pid != watcher.pid
        logged = (folder / "run.log").read_text("utf-8")
    told = running.told()
    print(f"{len(told)} pages to the operator, {len(running.outside.asked)} heartbeats")
    assert "ana" not in " ".join(told)
    assert "reconcile_failed" not in logged
