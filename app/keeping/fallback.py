"""The page that needs no database: for what is on the safety floor, while nobody else can be told."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final, NamedTuple

import structlog

from app import clock, pager
from app.pager import Notice
from app.sentences import DEFAULT_LOCALE
from app.settings import Settings
from app.spool import Spool, SpoolError

log = structlog.get_logger()

WAIT_SECONDS: Final = 2.0
"""How long somebody's answer waits for the page; it goes on behind it."""
LEASE_SECONDS: Final = 3.0
"""Whoever pages has so long before another process takes over: theirs may have died."""
AGAIN_SECONDS: Final = 5.0
_SEND_SECONDS: Final = 20.0
_AT_ONCE: Final = 32
_REMEMBERED: Final = 1000


class Cry(NamedTuple):
    """Who asks for help, and under which reference that is kept: None when it could not be."""

    patient_id: str
    entry_id: str | None


class Fallback:
    """Pages whom the environment names. One instance a process."""

    def __init__(self, own: Settings, spool: Spool) -> None:
        self._addresses = pager.fallback_addresses(own)
        self._hosts = own.private_hosts
        self._link = f"{own.dashboard}/readyz"
        self._spool = spool
        self._going_on: set[asyncio.Task[Any]] = set()
        self._being_paged: set[str] = set()
        self._cried: dict[bytes, float] = {}

    async def page(self, cries: Sequence[Cry]) -> bool:
        """Page for each of them; whether somebody was reached for all within `WAIT_SECONDS`."""
        if not self._addresses:
            log.error("fallback_pager_missing", count=len(cries))
            return False
        paging = [self._start(self._page(cry)) for cry in cries]
        done, _ = await asyncio.wait(paging, timeout=WAIT_SECONDS)
        return len(done) == len(paging) and all(each.result() for each in done)

    async def page_unkept(self, digest: bytes, patient_id: str) -> bool:
        """Page for what could not even be kept; once, however often it is sent again."""
        if digest in self._cried:
            return True
        reached = await self.page([Cry(patient_id, None)])
        if reached:
            if len(self._cried) >= _REMEMBERED:
                self._cried.pop(next(iter(self._cried)))
            self._cried[digest] = clock.stopwatch()
        return reached

    async def page_again(self) -> None:
        """Page for everything kept for which nobody was reached yet: by this process, or by one that died."""
        if not self._addresses:
            return
        now = clock.now().timestamp()
        for entry in await self._spool.claim_pages(now, now + AGAIN_SECONDS, _AT_ONCE):
            self._start(self._page(Cry(entry.patient_id, entry.id)))

    async def close(self) -> None:
        """Leave off. What was not delivered is so marked, and another process goes on."""
        for each in self._going_on:
            each.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)

    async def _page(self, cry: Cry) -> bool:
        """Whether anybody was reached: the first of those who are asked will do."""
        key = cry.entry_id or cry.patient_id
        if key in self._being_paged:
            return False
        self._being_paged.add(key)
        notice = pager.fallback_notice(cry.patient_id, cry.entry_id, DEFAULT_LOCALE, self._link)
        try:
            sending = [self._start(self._send(address, notice)) for address in self._addresses]
            for each in asyncio.as_completed(sending):
                if await each:
                    await self._write_down(cry)
                    return True
            return False
        finally:
            self._being_paged.discard(key)

    async def _send(self, address: str, notice: Notice) -> bool:
        outcome = await pager.notify(address, notice, private_hosts=self._hosts, timeout=_SEND_SECONDS)
        if not outcome.delivered:
            log.error("fallback_not_paged", code=outcome.code)
        return outcome.delivered

    async def _write_down(self, cry: Cry) -> None:
        if cry.entry_id is None:
            return
        try:
            await self._spool.paged(cry.entry_id, clock.now().timestamp())
        except SpoolError:  # then somebody is paged once more
            log.warning("spool_mark_failed", entry_id=cry.entry_id)

    def _start(self, work: Coroutine[Any, Any, bool]) -> "asyncio.Task[bool]":
        task = asyncio.create_task(work)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)
        return task
