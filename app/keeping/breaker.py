"""Whether the database answers, as this process last saw it: nobody waits twice for the same silence."""

import asyncio
import contextlib
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import unit_of_work
from app.queries import readiness

log = structlog.get_logger()
LOOK_SECONDS: Final = 1.0
"""How long the database may take to say that it is there, and how often it is asked while it is not."""


class Breaker:
    """One instance a process. `is_away`: it was asked and did not answer. `is_ours`: it did, and its tables
    are those of this version."""

    def __init__(self, engine: AsyncEngine, schema_heads: set[str]) -> None:
        self.is_away = False
        self.is_ours = False
        self._engine = engine
        self._heads = schema_heads
        self._doubted = asyncio.Event()

    def doubt(self) -> None:
        """A request failed for the database's sake: that may be its own affair, so ask."""
        self._doubted.set()

    async def watch(self) -> None:
        """Ask when there is doubt, and while it is away; for ever."""
        while True:
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS if self.is_away or not self.is_ours else None):
                    await self._doubted.wait()
            self._doubted.clear()

    async def look(self) -> None:
        """Ask the database whether it is there."""
        try:
            async with unit_of_work(self._engine, None) as db:
                db.hurry(LOOK_SECONDS)
                faults = await readiness.faults(db, self._heads)
        except Exception as failure:  # noqa: BLE001 - whatever keeps it from answering, it is away
            if not self.is_away:
                log.warning("database_given_up", code=type(failure).__name__)
            self.is_away, self.is_ours = True, False
            return
        if self.is_away:
            log.info("database_back")
        self.is_away, self.is_ours = False, "schema_not_current" not in faults
