"""Who waits for whom when many ask at once.

A process has one thread and so many connections. Whatever reads has an eighth of them, so that a hundred
dashboards stand in line with each other and not in anybody's way; whatever writes has half. A cry for help
takes any that is free, `RESERVED` are there for nobody else, and while one is heard, no reading begins.
"""

import asyncio
import contextlib
from typing import Final

from fastapi import Request

from app.access import Permission
from app.database import Lane

RESERVED: Final = 2
"""Connections of a process beyond those that an operator sets."""
GIVE_WAY_SECONDS: Final = 0.25
"""So long a reading waits for those who cry for help: with very many of them, somebody must still see who."""


class Lanes:
    """One instance a process, for so many connections."""

    def __init__(self, pool: int) -> None:
        self.crisis = Crisis()
        self.reads: Lane = Reads(max(1, pool // 8), self.crisis)
        self.writes: Lane = asyncio.Semaphore(max(1, pool // 2))

    def of(self, request: Request) -> Lane:
        """Where a request waits for its turn, once it is known what it asks for."""
        if getattr(request.state, "permission", None) is Permission.CRISIS_FLAG_RAISE:
            return self.crisis
        return self.reads if request.method == "GET" else self.writes


class Crisis:
    """Nobody waits here; others see that somebody is there."""

    def __init__(self) -> None:
        self.is_quiet = asyncio.Event()
        self.is_quiet.set()
        self._heard = 0

    async def acquire(self) -> bool:
        """Go ahead."""
        self._heard += 1
        self.is_quiet.clear()
        return True

    def release(self) -> None:
        """It is kept."""
        self._heard -= 1
        if not self._heard:
            self.is_quiet.set()


class Reads:
    """So many at once, first come, first served; and none begins while somebody cries for help."""

    def __init__(self, at_once: int, crisis: Crisis) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._crisis = crisis

    async def acquire(self) -> bool:
        """Wait for one's turn."""
        await self._free.acquire()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GIVE_WAY_SECONDS):
                    await self._crisis.is_quiet.wait()
        except BaseException:
            self.release()
            raise
        return True

    def release(self) -> None:
        """Let the next one begin."""
        self._free.release()
