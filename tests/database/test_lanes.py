"""Who waits for whom when many ask at once."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.dependencies.lanes import GIVE_WAY_SECONDS, Lanes
from tests.people import Clinic

POOL = 16
SOON = 0.05


@pytest.fixture
def narrow(app: FastAPI) -> Iterator[Lanes]:
    """One reads and one writes at a time."""
    usual, app.state.lanes = app.state.lanes, Lanes(1)
    yield app.state.lanes
    app.state.lanes = usual


async def waits(turn: asyncio.Task[bool]) -> bool:
    await asyncio.wait([turn], timeout=SOON)
    return not turn.done()


async def test_a_cry_for_help_waits_for_no_list_and_no_check_in(clinic: Clinic, narrow: Lanes) -> None:
    await narrow.reads.acquire()
    await narrow.writes.acquire()
    now = datetime.now(UTC).isoformat()
    answers = {"id": str(uuid7()), "occurred_at": now, "time_zone": "UTC", "answers": {"mood": 5}}
    reading = asyncio.create_task(clinic.clara.client.get("/v1/alerts"))
    writing = asyncio.create_task(clinic.ben.client.post("/v1/patients/me/check-ins", json=answers))
    cry = await clinic.ana.client.post("/v1/patients/me/crisis-flags", json={})
    assert cry.status_code == 201
    assert not reading.done() and not writing.done()
    narrow.reads.release()
    narrow.writes.release()
    assert (await reading).status_code == 200
    assert cry.json()["alert_id"] in (await reading).text
    assert (await writing).status_code == 201


async def test_reads_stand_in_line_with_each_other_only() -> None:
    lanes = Lanes(POOL)
    for _ in range(POOL // 8):
        await lanes.reads.acquire()
    third = asyncio.create_task(lanes.reads.acquire())
    assert await waits(third)
    await lanes.writes.acquire()
    lanes.reads.release()
    assert await third


async def test_no_read_begins_while_a_cry_is_heard() -> None:
    lanes = Lanes(POOL)
    await lanes.crisis.acquire()
    await lanes.crisis.acquire()
    reading = asyncio.create_task(lanes.reads.acquire())
    assert await waits(reading)
    lanes.crisis.release()
    assert await waits(reading), "one of two is still heard"
    lanes.crisis.release()
    assert not await waits(reading)


async def test_with_very_many_cries_somebody_still_sees_who() -> None:
    lanes = Lanes(POOL)
    await lanes.crisis.acquire()
    async with asyncio.timeout(GIVE_WAY_SECONDS * 4):
        assert await lanes.reads.acquire()


async def test_who_leaves_the_line_leaves_their_place_to_others() -> None:
    lanes = Lanes(1)
    await lanes.crisis.acquire()
    gone = asyncio.create_task(lanes.reads.acquire())
    assert await waits(gone)
    gone.cancel()
    await asyncio.wait([gone])
    lanes.crisis.release()
    assert await lanes.reads.acquire()


async def test_a_unit_of_work_gives_its_turn_back_however_it_ends(app: FastAPI) -> None:
    lane = asyncio.Semaphore(1)
    with contextlib.suppress(ZeroDivisionError):
        async with unit_of_work(app.state.engine, None, lane) as db:
            await db.driver()
            assert lane.locked()
            raise ZeroDivisionError
    assert not lane.locked()
    async with unit_of_work(app.state.engine, None, lane):
        assert not lane.locked(), "one that is not used takes no turn"
    async with unit_of_work(app.state.engine, None, lane) as db:
        await db.driver()
    assert not lane.locked()
