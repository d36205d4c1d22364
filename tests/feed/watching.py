"""What the tests of polls, feeds and streams wait for and count."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import event
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import unit_of_work
from app.services import programs
from app.watermark import Head, Watermark
from tests.people import Clinic, Person, add_person


async def trusted_head(app: FastAPI, organization_id: UUID) -> Head:
    """The head that the process knows of, as soon as it trusts one."""
    watermark: Watermark = app.state.watermark
    await until(lambda: watermark.head(organization_id) is not None)
    head = watermark.head(organization_id)
    assert head is not None
    return head


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that nobody tells of."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - see above
            await asyncio.sleep(0.005)


@contextmanager
def connections_taken(app: FastAPI) -> Iterator[list[object]]:
    """One entry for each connection taken from the pool meanwhile: without one there is no statement."""
    taken: list[object] = []

    def checked_out(*facts: object) -> None:
        taken.append(facts)

    pool = app.state.engine.sync_engine.pool
    event.listen(pool, "checkout", checked_out)
    try:
        yield taken
    finally:
        event.remove(pool, "checkout", checked_out)


async def colleague_elsewhere(clinic: Clinic) -> Person:
    """carl, counselor of the same organization in another program: he sees none of these patients."""
    morning = uuid7()
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await programs.add(
            db,
            None,
            programs.Draft(
                id=morning, name="Morning IOP", level_of_care="2.1", population="adults",
                minimum_weekly_hours=9, maximum_weekly_hours=19, time_zone="America/New_York",
                week_starts_on=0, questions=[], sentences={},
            ),
            datetime(2026, 1, 5, tzinfo=UTC),
        )  # fmt: skip
    return await add_person(clinic.app, clinic.organization_id, morning, Role.COUNSELOR, "carl")
