"""A group on a Monday evening, for the tests of who was there: from 18:00 to 21:00 on November 23."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import psycopg
from httpx import Response

from app import sweeps
from app.database import unit_of_work
from tests.moments import at
from tests.people import Clinic, Person
from tests.treatment.sessions import CODE, Timetable

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (23, 24, 25, 26))


@dataclass
class Evening:
    """The group, and what people say about it at some time of the clock on the wall."""

    clinic: Clinic
    psql: psycopg.Connection
    table: Timetable
    id: UUID
    others: dict[str, UUID] = field(default_factory=dict)

    @classmethod
    async def planned(cls, clinic: Clinic, psql: psycopg.Connection, *who: Person, **more: Any) -> "Evening":
        """In which these have a place; ana, if nobody is named."""
        table = Timetable.of(clinic)
        places = tuple(each.id for each in who or (clinic.ana,))
        group = await table.group(table.moment(MONDAY, "18:00"), places=places, **more)
        return cls(clinic, psql, table, group)

    def path(self, rest: str = "", of: UUID | None = None) -> str:
        return f"/v1/sessions/{of or self.id}/{rest}".rstrip("/")

    def roster(self, person: Person | None = None) -> str:
        return self.path("attendance" if person is None else f"attendance/{person.id}")

    async def ask(
        self, method: str, path: str, person: Person, clock: str, json: Any = None, *, day: date = MONDAY
    ) -> Response:
        """One request at this time."""
        async with at(self.clinic, person, self.table.moment(day, clock)) as client:
            return await client.request(method, path, json=json)

    async def write(
        self, clock: str = "21:30", *, of: Person | None = None, by: Person | None = None,
        day: date = MONDAY, **body: Any,
    ) -> Response:  # fmt: skip
        """Clara, if it is nobody else, writes down ana, if it is nobody else."""
        path = self.roster(of or self.clinic.ana)
        return await self.ask("PUT", path, by or self.clinic.clara, clock, body, day=day)

    async def arrive(
        self, clock: str, *, by: Person | None = None, day: date = MONDAY, **body: Any
    ) -> Response:
        sent = {"code": CODE, **body}
        return await self.ask("POST", self.path("arrival"), by or self.clinic.ana, clock, sent, day=day)

    async def sweep(self, clock: str, day: date = MONDAY) -> None:
        """What the worker does with sessions at this time."""
        find, act = sweeps.KINDS["treatment_session"]
        now = self.table.moment(day, clock)
        async with unit_of_work(self.clinic.app.state.engine, self.clinic.organization_id) as db:
            for session_id in await find(db, now, 100):
                await act(db, session_id, now)

    def known(self, person: Person | None = None, of: UUID | None = None) -> tuple[str, int, int] | None:
        """Status, minutes and revision of what is known of somebody."""
        return self.psql.execute(
            "select status, minutes, revision from attendance where session_id = %s and patient_id = %s",
            [of or self.id, (person or self.clinic.ana).id],
        ).fetchone()

    def alerts(self, person: Person | None = None) -> list[tuple[str, str, str | None]]:
        return self.psql.execute(
            "select rule, status, outcome from alert where patient_id = %s order by opened_at, rule",
            [(person or self.clinic.ana).id],
        ).fetchall()

    def trail(self, action: str) -> list[tuple[Any, ...]]:
        """Who did what of whom, as the audit has it."""
        return self.psql.execute(
            "select actor_id, resource, patient_id, patient_ids, outcome from audit_entry"
            " where organization_id = %s and action = %s order by id",
            [self.clinic.organization_id, action],
        ).fetchall()


def utc(clock: str, day: date = MONDAY) -> str:
    """As a reply spells a time of the clock on the wall in New York."""
    return moment(clock, day).astimezone(UTC).isoformat().replace("+00:00", "Z")


def local(clock: str, day: date = MONDAY) -> str:
    """As a client in New York sends it, in November."""
    return f"{day.isoformat()}T{clock}:00-05:00"


def moment(clock: str, day: date = MONDAY) -> datetime:
    return Timetable.of_nobody().moment(day, clock)
