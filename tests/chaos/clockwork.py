"""A real worker in a world whose clock runs faster: a minute of it is two seconds of ours.

Only ever started by the tests. `HANDRAIL_TEST_CLOCK` says when its time began, in our seconds, and the first
word on the command line which mistake, if any, it is to make.
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock, jobs, paging
from app.database import Db, engine_for, unit_of_work
from app.main import database_url
from app.models import Alert
from app.observability import configure_logging
from app.post_office import PostOffice
from app.queries import ladders
from app.queries.jobs import SWEEPS
from app.services import paging as page_service
from app.settings import settings

BEGINNING = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
FASTER = 30
SWEEP = timedelta(minutes=1)
CLOCK = "HANDRAIL_TEST_CLOCK"


def virtual(real_beginning: float) -> datetime:
    """What time it is in that world."""
    return BEGINNING + timedelta(seconds=(time.time() - real_beginning) * FASTER)


async def read_without_a_lock(db: Db, alert_id: UUID, now: datetime) -> Alert | None:
    """The first mistake: to read what is due, and to lock nothing while something is done about it."""
    found = await db.scalar(
        select(Alert).where(
            Alert.organization_id == db.organization_id, Alert.id == alert_id, Alert.timer_at <= now
        )
    )
    await asyncio.sleep(0.3)
    alert: Alert | None = found
    return alert


async def mark_and_then_send(
    engine: AsyncEngine, office: PostOffice, organization_id: UUID, page_id: UUID, now: object
) -> None:
    """The second mistake: to say that a page was sent, and then to send it."""
    async with unit_of_work(engine, organization_id) as db:
        claim = await page_service.claim(db, page_id, clock.now())
        if claim is None:
            return
        await page_service.settle(db, claim, True, "sent", clock.now())
    await paging._send(office, organization_id, claim)


MISTAKES = {"none": None, "lockless": read_without_a_lock, "mark_first": mark_and_then_send}


def main() -> None:
    """Work until killed."""
    mistake = sys.argv[1]
    clock.now = partial(virtual, float(os.environ[CLOCK]))  # type: ignore[assignment]
    if mistake == "lockless":
        ladders.claim = read_without_a_lock
    if mistake == "mark_first":
        paging.deliver = mark_and_then_send
    jobs.PERIODIC["sweep"] = jobs.Periodic("* * * * * */2", jobs.sweep, SWEEPS)
    own = settings()
    configure_logging(own.log_threshold)
    url = database_url(own)
    asyncio.run(jobs.run(url, engine_for(url, pool_size=12), PostOffice.of(own)))


if __name__ == "__main__":
    main()
