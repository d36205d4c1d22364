"""How far each organization's feed has come, as this process knows it: an unchanged poll asks no database.

One connection of its own listens for changes, and reads the heads of the organizations that were asked about
lately: NOTIFY is a wake-up call that a disconnect loses, the reading is the truth. A head is trusted for
`FRESH_SECONDS` from the moment at which its reading began, unless a change was heard of since.
"""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

import structlog

from app.clock import stopwatch
from app.database import Driver, dedicated_connection, hang_up, tenant_statement
from app.observability import failure

log = structlog.get_logger()

CHANNEL = "handrail_feed"
FRESH_SECONDS = 2.0
_POLL_SECONDS = 0.5
_BREATH_SECONDS = 0.02  # however many changes are heard of, so often are heads read
_READ_SECONDS = 2.0
_WATCHED_SECONDS = 300.0
_PAUSES = (0.1, 5.0)  # the first and the longest before connecting again


class Head(NamedTuple):
    """The newest position of an organization's feed, and how often it changed who sees what."""

    position: int
    access_version: int


@dataclass(slots=True)
class _Watched:
    asked_at: float
    head: Head | None = None
    confirmed_at: float = -math.inf
    doubts: int = 0
    waiting: int = 0
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    def confirm(self, head: Head, doubts: int, since: float) -> None:
        """Take a reading that began at `since`, after so many doubts: it does not answer a later one."""
        if self.doubts == doubts:
            self.confirmed_at = since
        if head != self.head:
            self.head = head
            self.moved.set()
            self.moved = asyncio.Event()

    def doubt(self) -> None:
        self.doubts += 1
        self.confirmed_at = -math.inf


class Watermark:
    """The heads of one database; one instance an API process."""

    def __init__(self, url: str) -> None:
        """`url` as `database.engine_for` takes it. Nothing is connected before `running`."""
        self._url = url
        self._watched: dict[UUID, _Watched] = {}
        self._connection: Driver | None = None

    def head(self, organization_id: UUID) -> Head | None:
        """The head, no older than anything committed in this process and fresh otherwise; None: ask the
        database. To ask is to have it watched from now on."""
        watched = self._watch(organization_id)
        return watched.head if stopwatch() - watched.confirmed_at < FRESH_SECONDS else None

    async def passing(self, organization_id: UUID, position: int) -> None:
        """Return once the feed is past `position`."""
        watched = self._watch(organization_id)
        watched.waiting += 1
        try:
            while watched.head is None or watched.head.position <= position:
                await watched.moved.wait()
        finally:
            watched.waiting -= 1

    def doubt(self, organization_id: UUID) -> None:
        """Trust no reading of this head that began before now."""
        if (watched := self._watched.get(organization_id)) is not None:
            watched.doubt()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the heads known, whatever the database does meanwhile."""
        task = asyncio.create_task(self._run())
        _running.add(self)
        try:
            yield
        finally:
            _running.discard(self)
            task.cancel()
            _, unfinished = await asyncio.wait([task], timeout=1)
            if unfinished and self._connection is not None:
                hang_up(self._connection)
                await asyncio.wait([task])

    def _watch(self, organization_id: UUID) -> _Watched:
        watched = self._watched.setdefault(organization_id, _Watched(stopwatch()))
        watched.asked_at = stopwatch()
        return watched

    async def _run(self) -> None:
        pause, longest = _PAUSES
        while True:
            try:
                self._connection = await dedicated_connection(self._url, "watermark")
                with _deadline(self._connection):
                    await self._connection.execute(f"listen {CHANNEL}")
                await self._read(self._connection, self._due())
                pause = _PAUSES[0]
                await self._follow(self._connection)
            except Exception as exc:  # noqa: BLE001 - whatever it is, begin again; nothing is trusted meanwhile
                log.warning("watermark_away", **failure(exc))
            finally:
                if self._connection is not None:
                    await self._connection.close()
            for watched in self._watched.values():
                watched.doubt()
            await asyncio.sleep(pause)
            pause = min(pause * 2, longest)

    async def _follow(self, connection: Driver) -> None:
        while True:
            async for notice in connection.notifies(timeout=_POLL_SECONDS, stop_after=1):
                with contextlib.suppress(ValueError):
                    self.doubt(UUID(notice.payload))
            await asyncio.sleep(_BREATH_SECONDS)
            await self._read(connection, self._due())

    def _due(self) -> list[UUID]:
        """Whose head is to be read now; those whom nobody asks about any more are forgotten."""
        now = stopwatch()
        for organization_id, watched in list(self._watched.items()):
            if not watched.waiting and now - watched.asked_at > _WATCHED_SECONDS:
                del self._watched[organization_id]
        return [key for key, each in self._watched.items() if now - each.confirmed_at > _POLL_SECONDS]

    async def _read(self, connection: Driver, organization_ids: Iterable[UUID]) -> None:
        doubts = {key: self._watched[key].doubts for key in organization_ids}
        if not doubts:
            return
        since = stopwatch()
        with _deadline(connection):
            heads = await _heads(connection, doubts)
        for organization_id, head in heads.items():
            self._watched[organization_id].confirm(head, doubts[organization_id], since)


_running: set[Watermark] = set()


def committed(organization_id: UUID) -> None:
    """Something was committed to this organization's feed by this process, which now reads its own write."""
    for watermark in _running:
        watermark.doubt(organization_id)


@contextlib.contextmanager
def _deadline(connection: Driver) -> Iterator[None]:
    """Hang up on a server that does not answer: it would keep who waits, even to be cancelled."""
    deadline = asyncio.get_running_loop().call_later(_READ_SECONDS, hang_up, connection)
    try:
        yield
    finally:
        deadline.cancel()


async def _heads(connection: Driver, organization_ids: Iterable[UUID]) -> dict[UUID, Head]:
    """Each in its own tenant, all in one round trip."""
    cursors = {}
    async with connection.pipeline():
        await connection.execute("begin read only")
        for organization_id in organization_ids:
            await connection.execute(tenant_statement(organization_id))
            cursors[organization_id] = await connection.execute(
                "select position, access_version from feed_head where organization_id = %s",
                (organization_id,),
            )
        await connection.execute("commit")
    rows = {organization_id: await cursor.fetchone() for organization_id, cursor in cursors.items()}
    return {organization_id: Head(*row) for organization_id, row in rows.items() if row is not None}
