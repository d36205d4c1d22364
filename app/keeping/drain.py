"""Works on what was kept, now that the database is back: in order for each patient, and once."""

import asyncio
from typing import Final

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.database import unit_of_work
from app.edge.kept_route import is_away
from app.errors import HandrailError, KeptConflict
from app.instruments.catalogue import Catalogue
from app.keeping.breaker import Breaker
from app.keeping.kinds import act_on
from app.keeping.said import unsealed
from app.sealing import Sealer, Unsealable
from app.spool import Entry, Spool

log = structlog.get_logger()

AT_ONCE: Final = 8
WORKERS: Final = 4
LEASE_SECONDS: Final = 12.0
"""Longer than all of a claim may take; if this process dies, another goes on after it."""
MOST_FAILURES: Final = 5
SOON_SECONDS: Final = 1.0
LONGEST_WAIT_SECONDS: Final = 15.0


class Drain:
    """One instance a process."""

    def __init__(
        self, engine: AsyncEngine, spool: Spool, sealer: Sealer, catalogue: Catalogue, breaker: Breaker
    ) -> None:
        self._engine = engine
        self._spool = spool
        self._sealer = sealer
        self._catalogue = catalogue
        self._breaker = breaker

    async def turn(self) -> int:
        """Work on what is next, at most one thing of each patient; how many are done with."""
        now = clock.now().timestamp()
        entries = await self._spool.claim(now, now + LEASE_SECONDS, AT_ONCE)
        places = asyncio.Semaphore(WORKERS)
        done = await asyncio.gather(*(self._work_on(entry, places) for entry in entries))
        kept = [entry.id for entry, is_done in zip(entries, done, strict=True) if is_done]
        if kept:
            await self._spool.remove(kept)
        return len(kept)

    async def _work_on(self, entry: Entry, places: asyncio.Semaphore) -> bool:
        """Whether it is in the database now."""
        async with places:
            if self._breaker.is_away:
                return False  # until its claim runs out
            try:
                await self._act_on(entry)
            except KeptConflict:  # it is in the database as a revision
                log.info("spool_drained", entry_id=entry.id, kind=entry.kind, outcome="revision")
                return True
            except Exception as failure:  # noqa: BLE001 - one that fails must not stop those after it
                await self._failed(entry, failure)
                return False
        log.info("spool_drained", entry_id=entry.id, kind=entry.kind, outcome="done")
        return True

    async def _act_on(self, entry: Entry) -> None:
        said = unsealed(entry, self._sealer)
        async with unit_of_work(self._engine, said.actor.organization_id) as db:
            await act_on(db, said, self._catalogue)

    async def _failed(self, entry: Entry, failure: Exception) -> None:
        facts = {"entry_id": entry.id, "kind": entry.kind, "exc_info": failure}
        now = clock.now().timestamp()
        if is_away(failure):
            log.warning("spool_drain_put_off", **facts)
            await self._breaker.look()
            if self._breaker.is_away:  # no fault of the entry's
                await self._spool.put_off(entry.id, now + SOON_SECONDS, failed=False)
                return
        elif (code := _final(failure)) or entry.attempts + 1 >= MOST_FAILURES:
            log.error("spool_parked", code=code or "failed", **facts)
            await self._spool.park(entry.id, code or "failed")
            return
        else:
            log.error("spool_drain_failed", **facts)
        wait = min(SOON_SECONDS * 2**entry.attempts, LONGEST_WAIT_SECONDS)
        await self._spool.put_off(entry.id, now + wait, failed=True)


def _final(failure: Exception) -> str | None:
    """What will be no better next time, by its code."""
    if isinstance(failure, HandrailError):
        return failure.code
    if isinstance(failure, Unsealable):
        return "unsealable"
    return "not_taken_any_more" if isinstance(failure, ValidationError) else None
