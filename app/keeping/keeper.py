"""Takes a request in while the database is away, and sees to it that something comes of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.crisis_resources import danger_now, resources
from app.edge.kept_route import Sent
from app.errors import Unavailable
from app.instruments.catalogue import Catalogue
from app.keeping.breaker import Breaker
from app.keeping.drain import Drain
from app.keeping.fallback import LEASE_SECONDS, Cry, Fallback
from app.keeping.kinds import looked_at
from app.keeping.said import sealed
from app.schemas.help import CrisisResource, Help
from app.schemas.kept import KeptReply
from app.sealing import Sealer
from app.sentences import negotiate, sentence
from app.settings import Settings
from app.spool import NewEntry, Placed, Spool, SpoolError, Tally

log = structlog.get_logger()
IDLE_SECONDS: Final = 1.0


class Keeping:
    """The `Keeper` of an API process. Nothing is opened before something is kept, or `running`."""

    def __init__(
        self, own: Settings, engine: AsyncEngine, sealer: Sealer, catalogue: Catalogue, schema_heads: set[str]
    ) -> None:
        self._country = own.country
        self._anything_waits = False
        self._catalogue = catalogue
        self._sealer = sealer
        self._spool = Spool(own.spool_folder, own.spool_megabytes)
        self._breaker = Breaker(engine, schema_heads)
        self._fallback = Fallback(own, self._spool)
        self._drain = Drain(engine, self._spool, sealer, catalogue, self._breaker)

    @property
    def is_away(self) -> bool:
        """Whether the database did not answer lately; it is asked again every second."""
        return self._breaker.is_away

    async def has_more_of(self, sent: Sent) -> bool:
        """Whether something that the same patient sent earlier still waits. The disk is asked only while
        anything waits at all, as known a second ago."""
        if not self._anything_waits:
            return False
        try:
            return await self._spool.waits(str(sent.actor.organization_id), str(sent.patient_id))
        except SpoolError:
            return False

    def doubt(self) -> None:
        """A request failed for the database's sake: it is asked whether it is there."""
        self._breaker.doubt()

    def look_at(self, sent: Sent) -> Sent:
        """What was sent, with its id, and whether it is on the safety floor. Raises `Unacceptable`."""
        return looked_at(sent, self._catalogue)

    async def keep(self, sent: Sequence[Sent]) -> Sequence[KeptReply]:
        """Keep all of it or nothing: it is on the disk, fsynced, when this returns, and the fallback page for
        what is urgent was tried. Raises `Unavailable` for what could not be kept; that page is tried then,
        too."""
        entries = [sealed(each, self._sealer) for each in sent]
        try:
            placed = await self._spool.put(entries, clock.now().timestamp() + LEASE_SECONDS)
        except SpoolError as failure:
            log.exception("spool_refused", code=type(failure).__name__, count=len(entries))
            await self._page_unkept(entries)
            raise Unavailable(
                "database_away", "Nothing is confirmed as kept. Send the same again in a moment."
            ) from None
        self._anything_waits = True
        log.info("spool_kept", count=len(entries), kind=sent[0].kind)
        is_told = await self._page(entries, placed)
        return [
            KeptReply(id=each.id, help=self._help(each, is_told=is_told) if each.is_urgent else None)
            for each in sent
        ]

    async def tally(self) -> Tally | None:
        """How much is kept; None when the disk does not tell."""
        try:
            return await self._spool.tally()
        except SpoolError:
            return None

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Page, ask after the database and work on what is kept, until the end of the block."""
        turns = (self._breaker.watch(), _again(self._page_turn), _again(self._drain_turn))
        tasks = [asyncio.create_task(turn) for turn in turns]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            await self._fallback.close()
            await self._spool.close()

    async def _page(self, entries: Sequence[NewEntry], placed: Sequence[Placed]) -> bool:
        cries = [
            Cry(entry.patient_id, there.id)
            for entry, there in zip(entries, placed, strict=True)
            if entry.urgent and not there.is_paged
        ]
        return await self._fallback.page(cries) if cries else True

    async def _page_unkept(self, entries: Sequence[NewEntry]) -> None:
        for entry in entries:
            if entry.urgent:
                await self._fallback.page_unkept(entry.digest, entry.patient_id)

    def _help(self, sent: Sent, *, is_told: bool) -> Help:
        """Whom to call, and what happens now: no promise that needs the database."""
        locale, today = negotiate(None, sent.accept_language), sent.now.date()
        what_now = sentence("help.kept_told" if is_told else "help.kept", locale)
        lines = resources(self._country, today, locale)
        return Help(
            message=f"{what_now} {danger_now(self._country, today, locale)}",
            resources=[CrisisResource.model_validate(line) for line in lines],
            safety_plan=None,
        )

    async def _page_turn(self) -> bool:
        if (await self._spool.tally()).unpaged:
            await self._fallback.page_again()
        return False

    async def _drain_turn(self) -> bool:
        """Whether more may wait."""
        self._anything_waits = (await self._spool.tally()).waiting > 0
        if not self._breaker.is_ours or not self._anything_waits:
            return False
        return await self._drain.turn() > 0


async def _again(turn: Callable[[], Awaitable[bool]]) -> None:
    """For ever: at once where there is more to do, else every second."""
    while True:
        goes_on = False
        try:
            goes_on = await turn()
        except Exception:  # a disk or a database that fails is there again later
            log.exception("keeping_failed")
        await asyncio.sleep(0 if goes_on else IDLE_SECONDS)
