"""The spool, from a coroutine: a thread of its own speaks to the disk, and a slow disk holds up nobody."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from app.spool.entry import Entry, NewEntry, Placed, Tally
from app.spool.faults import SpoolUnwritable
from app.spool.store import Store

SECONDS: Final = 3.0
"""How long anybody waits for the disk. What it takes later is kept all the same, and was not acknowledged."""

_Result = TypeVar("_Result")


class Spool:
    """As `Store`, whose methods say what these do. One instance a process."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        """`folder` is on a local disk: not every network knows fsync and locks."""
        self._store = Store(folder, megabytes)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")

    async def put(self, entries: Sequence[NewEntry], page_at: float) -> Sequence[Placed]:
        """Keep all of them or none."""
        return await self._run(lambda: self._store.put(entries, page_at))

    async def claim(self, now: float, until: float, most: int) -> Sequence[Entry]:
        """The entries that are next."""
        return await self._run(lambda: self._store.claim(now, until, most))

    async def claim_pages(self, now: float, until: float, most: int) -> Sequence[Entry]:
        """The entries for which somebody is to be paged now."""
        return await self._run(lambda: self._store.claim_pages(now, until, most))

    async def paged(self, id: str, at: float) -> None:
        """Somebody was paged."""
        await self._run(lambda: self._store.paged(id, at))

    async def remove(self, ids: Sequence[str]) -> None:
        """These are in the database."""
        await self._run(lambda: self._store.remove(ids))

    async def put_off(self, id: str, until: float, *, failed: bool) -> None:
        """Let it be tried again then; `failed` when it is its own fault."""
        await self._run(lambda: self._store.put_off(id, until, failed=failed))

    async def park(self, id: str, code: str) -> None:
        """Leave it to a person."""
        await self._run(lambda: self._store.park(id, code))

    async def waits(self, organization_id: str, patient_id: str) -> bool:
        """Whether anything that is not parked is there of this patient."""
        return await self._run(lambda: self._store.waits(organization_id, patient_id))

    async def tally(self) -> Tally:
        """How much is kept."""
        return await self._run(self._store.tally)

    async def close(self) -> None:
        """Let go of the file. To be called when nothing else is."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._store.close)
        self._thread.shutdown(wait=False)

    async def _run(self, act: Callable[[], _Result]) -> _Result:
        # Not cancelled: a thread cannot be, and what it keeps it keeps.
        doing = asyncio.get_running_loop().run_in_executor(self._thread, act)
        done, _ = await asyncio.wait({doing}, timeout=SECONDS)
        if not done:
            doing.add_done_callback(_forget)
            raise SpoolUnwritable
        return doing.result()


def _forget(late: "asyncio.Future[_Result]") -> None:
    if not late.cancelled():
        late.exception()
