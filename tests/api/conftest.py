"""What several tests of the API need."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.services import programs
from tests.people import Clinic, Person, add_person

ZONE_WITHOUT_A_DATABASE = "Antarctica/Troll"


async def add_nora(app: FastAPI, organization_id: UUID) -> Person:
    """A counselor of Riverside in a program of her own: she sees neither ana nor ben."""
    program_id = uuid7()
    async with unit_of_work(app.state.engine, organization_id) as db:
        draft = programs.Draft(
            id=program_id, name="Morning IOP", level_of_care="2.1", population="adults",
            minimum_weekly_hours=9, maximum_weekly_hours=19, time_zone="America/New_York", week_starts_on=0,
            questions=[], sentences={},
        )  # fmt: skip
        await programs.add(db, None, draft, datetime(2026, 1, 5, tzinfo=UTC))
    return await add_person(app, organization_id, program_id, Role.COUNSELOR, "nora")


@pytest.fixture
def reached(clinic: Clinic, psql: psycopg.Connection) -> None:
    """Give clara and sam an address: nothing is promised where no page reaches anybody."""
    people = [clinic.clara.id, clinic.sam.id]
    psql.execute("update staff_member set email = 'a@riverside.example' where id = any(%s)", [people])


@pytest.fixture
async def nora(clinic: Clinic) -> AsyncIterator[Person]:
    """The counselor next door."""
    person = await add_nora(clinic.app, clinic.organization_id)
    async with person.client:
        yield person


@pytest.fixture
async def lights_out(app: FastAPI, psql: psycopg.Connection) -> AsyncIterator[None]:
    """The server drops the connection of whoever writes an answer from `ZONE_WITHOUT_A_DATABASE`."""
    await app.state.engine.dispose()
    psql.execute(
        "create or replace function hang_up() returns trigger language plpgsql security definer as"
        " $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$"
    )
    for table in ("check_in", "assessment"):
        psql.execute(
            f"create trigger lights_out before insert on {table} for each row"
            f" when (new.time_zone = '{ZONE_WITHOUT_A_DATABASE}') execute function hang_up()"
        )
    yield
    for table in ("check_in", "assessment"):
        psql.execute(f"drop trigger lights_out on {table}")
