"""ana's alerts, an endpoint of the clinic's, and somebody who does a worker's work when told to."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from app import clock, delivering
from app.database import unit_of_work
from app.post_office import PostOffice
from app.queries import webhook_deliveries as stored
from tests.delivering.far_side import FarSide, far_side
from tests.people import Clinic

PATH = "/v1/webhook-endpoints"
EVERYTHING = [
    "alert.opened",
    "alert.repeated",
    "alert.reopened",
    "alert.acknowledged",
    "alert.noted",
    "alert.resolved",
]


@dataclass
class Endpoint:
    """One of the clinic's, and its secret."""

    id: UUID
    secret: str
    side: FarSide


@dataclass
class Courier:
    """Brings what is due, as of `now`."""

    clinic: Clinic
    psql: psycopg.Connection
    stack: AsyncExitStack
    now: datetime = field(default_factory=clock.now)

    @property
    def office(self) -> PostOffice:
        found: PostOffice = self.clinic.app.state.office
        return found

    async def endpoint(self, **changes: Any) -> Endpoint:
        """A far side, and an endpoint that leads there."""
        side = await self.stack.enter_async_context(far_side())
        body = {"url": side.url, "event_types": EVERYTHING, **changes}
        made = await self.clinic.adele.client.post(PATH, json=body)
        assert made.status_code == 201, made.text
        return Endpoint(UUID(made.json()["id"]), made.json()["secret"], side)

    async def craving(self) -> str:
        """ana says so: the alert that is open then."""
        body = {
            "id": str(uuid7()), "occurred_at": clock.now().isoformat(), "time_zone": "America/New_York",
            "answers": {"craving": 9}, "note": "my dog is called Nala",
        }  # fmt: skip
        reply = await self.clinic.ana.client.post("/v1/patients/me/check-ins", json=body)
        assert reply.status_code == 201, reply.text
        alerts = (await self.clinic.clara.client.get("/v1/alerts")).json()["items"]
        return next(each["id"] for each in alerts if each["rule"] == "craving.high")

    async def behind(self) -> list[UUID]:
        """The endpoints for which a sweep finds something to do."""
        async with unit_of_work(self.clinic.app.state.engine, self.clinic.organization_id) as db:
            return list(await stored.behind(db, self.now, 100))

    async def serve(self, endpoint: Endpoint) -> None:
        state = self.clinic.app.state
        await delivering.serve(
            state.engine, self.office, self.clinic.organization_id, endpoint.id, lambda: self.now
        )

    async def wait(self, endpoint: Endpoint, **later: float) -> None:
        """Time passes, and somebody sees to the endpoint."""
        self.now += timedelta(**later)
        await self.serve(endpoint)

    async def deliveries(self, endpoint: Endpoint, **query: str) -> list[dict[str, Any]]:
        """Oldest first."""
        reply = await self.clinic.adele.client.get(f"{PATH}/{endpoint.id}/deliveries", params=query)
        assert reply.status_code == 200, reply.text
        items: list[dict[str, Any]] = reply.json()["items"]
        return sorted(items, key=lambda each: (each["position"] or 0, each["id"]))

    async def tried(self, endpoint: Endpoint, delivery: dict[str, Any]) -> list[dict[str, Any]]:
        reply = await self.clinic.adele.client.get(f"{PATH}/{endpoint.id}/deliveries/{delivery['id']}")
        assert reply.status_code == 200, reply.text
        found: list[dict[str, Any]] = reply.json()["tried"]
        return found

    async def replay(self, endpoint: Endpoint, **which: Any) -> Any:
        return await self.clinic.adele.client.post(f"{PATH}/{endpoint.id}/replays", json=which)

    async def read(self, endpoint: Endpoint) -> dict[str, Any]:
        found: dict[str, Any] = (await self.clinic.adele.client.get(f"{PATH}/{endpoint.id}")).json()
        return found

    def jobs(self, task: str) -> int:
        """How many of them wait that name this clinic."""
        row = self.psql.execute(
            "select count(*) from procrastinate_jobs where task_name = %s and args->>'organization_id' = %s",
            [task, str(self.clinic.organization_id)],
        ).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def private(clinic: Clinic) -> Iterator[None]:
    """This machine's own address is allowed."""
    before = clinic.app.state.office
    clinic.app.state.office = replace(before, private_hosts=frozenset({"127.0.0.1"}))
    yield
    clinic.app.state.office = before


@pytest.fixture
async def courier(clinic: Clinic, psql: psycopg.Connection, private: None) -> AsyncIterator[Courier]:
    async with AsyncExitStack() as stack:
        yield Courier(clinic, psql, stack)
