"""A clinic in a database of its own, somebody who sweeps, and a watcher whose pages and heartbeats really go
out: to servers on this machine."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app import clock, sweeps
from app.access import Actor
from app.database import unit_of_work
from app.main import create_app
from app.services import check_ins
from app.settings import Settings
from app.watching import Trouble, Watcher, watcher_of
from tests.attending import Room
from tests.edge.conftest import logs  # noqa: F401 - a fixture for the tests of this folder
from tests.pager.receivers import Receiver, http_server
from tests.people import Clinic, Person, open_clinics
from tests.watcher.deleting import delete_alerts

MINUTE = timedelta(minutes=1)


@dataclass
class World:
    """Everything that the watcher watches, and everybody whom it tells."""

    clinic: Clinic
    own: Settings
    operator: Receiver
    outside: Receiver
    watcher: Watcher
    superuser: psycopg.Connection
    now: datetime

    @property
    def app(self) -> FastAPI:
        return self.clinic.app

    async def pass_by(self, after: timedelta = MINUTE, *, swept: bool = True) -> set[Trouble]:
        """So much later the worker sweeps, and the watcher looks. What it found."""
        self.now += after
        if swept:
            await self.sweep()
        return await self.watcher.look(self.now)

    async def sweep(self) -> None:
        await sweeps.sweep(self.app.state.engine, self.now)

    async def tells(
        self, person: Person, at: datetime, *, late: timedelta = timedelta(), **said: Any
    ) -> UUID:
        """A check-in as of some other day, which no access token would be good for. Its id."""
        draft = check_ins.Draft(uuid7(), at, "America/New_York", said, None, None)
        actor = Actor(person.organization_id, "patient", person.id, person.role, person.credential_id)
        async with unit_of_work(self.app.state.engine, person.organization_id) as db:
            await check_ins.submit(db, actor, person.id, draft, accept_language=None, now=at + late)
        return draft.id

    @property
    def room(self) -> Room:
        """Where the sessions of ana's and ben's program take place."""
        return Room(self.app.state.engine, self.clinic.organization_id, self.clinic.program_id)

    def told(self) -> list[str]:
        """What the operator was told, in order."""
        return [body["message"] for body in self.operator.bodies()]

    def delete_alerts(self, *alert_ids: UUID | str) -> None:
        """By hand, as only a superuser can: the alerts and whatever says that they were there."""
        delete_alerts(self.superuser, alert_ids)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.superuser.execute(statement, values).fetchall()

    def restart(self, **changed: Any) -> None:
        """A new watcher, that remembers nothing; with other settings, when some are named."""
        self.own = self.own.model_copy(update=changed)
        self.watcher = watcher_of(self.app.state.engine, self.own)


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def world(own_database: str, tmp_path: Path, superuser: psycopg.Connection) -> AsyncIterator[World]:
    """Admitted today, swept once, and watched for ten minutes."""
    async with http_server() as operator, http_server() as outside:
        own = Settings(
            data_dir=tmp_path,
            fallback_pager=operator.address(),  # type: ignore[arg-type]  # pydantic reads it
            heartbeat_url=f"http://127.0.0.1:{outside.port}/alive",  # type: ignore[arg-type]  # the same
            webhook_private_hosts="127.0.0.1",
        )
        app = create_app(own, own_database)
        async with app.router.lifespan_context(app), open_clinics(app) as clinic:
            superuser.execute("update enrollment set starts_on = current_date, absence_due_at = now()")
            watcher = watcher_of(app.state.engine, own)
            world = World(clinic, own, operator, outside, watcher, superuser, clock.now())
            await world.sweep()
            await watcher.look(world.now - 10 * MINUTE)
            outside.asked.clear()
            yield world
