"""An alert of ana's in a database of its own, pages that really go out to servers on this machine, and
somebody who does a worker's work when it is told to."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from app import paging, sweeps
from app.access import Role
from app.database import Db, unit_of_work
from app.post_office import PostOffice
from tests.api.test_escalation_policies import ladder, put, step
from tests.moments import at
from tests.people import Person, add_person
from tests.services.test_ladders import Story

EVERYTHING = ["critical", "urgent", "high", "routine"]
DEAD_PORT = 9  # discard: nobody listens there


class Post(Story):
    """The story of an alert, and of the pages about it."""

    @property
    def office(self) -> PostOffice:
        found: PostOffice = self.clinic.app.state.office
        return found

    def set_up(self, **changed: Any) -> None:
        """The server is set up otherwise from now on."""
        self.clinic.app.state.office = replace(self.office, **changed)

    async def reach(self, person: Person, **ways: str) -> None:
        """By these channels and addresses, in this order."""
        items = [
            {"channel": channel, "address": address, "severities": EVERYTHING}
            for channel, address in ways.items()
        ]
        async with at(self.clinic, person, self.now) as client:
            reply = await client.put("/v1/staff/me/contact-methods", json={"items": items})
        assert reply.status_code == 200, reply.text

    async def only_supervisors(self, severity: str) -> None:
        """A ladder that tells them first, and then whoever is on call."""
        own = ladder(step("supervisor", 5), step("on_call", 5))
        assert (await put(self.clinic.sam, self.clinic, severity, own)).status_code == 200

    async def another_supervisor(self, name: str) -> Person:
        clinic = self.clinic
        return await add_person(clinic.app, clinic.organization_id, clinic.program_id, Role.SUPERVISOR, name)

    @property
    def office_folder(self) -> Path:
        folder: Path = self.clinic.app.state.settings.data_dir
        return folder

    def unit_of_work(self) -> AbstractAsyncContextManager[Db]:
        return unit_of_work(self.clinic.app.state.engine, self.clinic.organization_id)

    def dies_after(self, calls: int) -> Callable[[], datetime]:
        """A clock that is asked so often, and then the worker is no more."""
        left = iter([self.now] * calls)

        def clock() -> datetime:
            for moment in left:
                return moment
            raise asyncio.CancelledError

        return clock

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def clock(self) -> datetime:
        return self.now

    async def sweep_now(self) -> None:
        """As a worker does, all that is due; nobody's silence is news here."""
        self.psql.execute("update enrollment set absence_due_at = null")
        await sweeps.sweep(self.clinic.app.state.engine, self.now)

    async def deliver(
        self, page_id: UUID, *, clock: Callable[[], datetime] | None = None, office: PostOffice | None = None
    ) -> None:
        """As a worker does it that has a job for this page."""
        engine, organization_id = self.clinic.app.state.engine, self.clinic.organization_id
        await paging.deliver(engine, office or self.office, organization_id, page_id, clock or self.clock)

    def take_jobs(self) -> list[UUID]:
        """The pages that have a job, which is taken away."""
        rows = self.psql.execute(
            "delete from procrastinate_jobs where task_name = 'deliver_page' and status = 'todo'"
            " returning id, args->>'page_id', args->>'organization_id'"
        ).fetchall()
        assert {organization for *_, organization in rows} <= {str(self.clinic.organization_id)}
        return [UUID(page) for _, page, _ in sorted(rows)]

    async def work(self) -> None:
        """Do all jobs, also those that come of it."""
        while pages := self.take_jobs():
            for page_id in pages:
                await self.deliver(page_id)

    def told(self) -> list[str]:
        """Step, name, channel and status of every page, and the code of every attempt at it."""
        rows = self.psql.execute(
            "select page.step, coalesce(staff_member.name, page.tell), channel, page.status,"
            " (select string_agg(code, ',' order by number) from page_attempt where page_id = page.id)"
            " from page left join staff_member on staff_member.id = page.recipient_id"
            " order by page.created_at, page.id"
        ).fetchall()
        return [
            f"{number} {name} {channel} {status} {codes or '-'}"
            for number, name, channel, status, codes in rows
        ]

    def page_ids(self) -> list[UUID]:
        return [each for (each,) in self.psql.execute("select id from page order by created_at, id")]

    def minutes_to_next(self) -> float | None:
        """Until the alert's timer is over."""
        due = self._next_timer()
        return None if due is None else (due - self.now).total_seconds() / 60
