"""What this machine kept while the database was away: whether it goes on into the database, or waits for a
person."""

import asyncio
from datetime import UTC, datetime, timedelta

from app.settings import Settings
from app.spool import Tally, tally_of
from app.watching.faults import Fault
from app.watching.report import Report

LATE = timedelta(minutes=2)


class Spooled:
    """The spool of the machine on which the watcher runs; other machines tell of theirs in their metrics."""

    def __init__(self, own: Settings) -> None:
        self._folder = own.spool_folder

    async def look(self, now: datetime, report: Report) -> None:
        """What waits for longer than it should, and what was parked: the operator is told again when its
        number changes. Raises `SpoolError`."""
        tally: Tally | None = await asyncio.to_thread(tally_of, self._folder)
        if tally is None:
            return
        if tally.oldest_at is not None:
            since = datetime.fromtimestamp(tally.oldest_at, UTC)
            report.add_late(Fault.SPOOL_WAITING, None, since, now - LATE)
        if tally.parked:
            report.add(Fault.SPOOL_PARKED, str(tally.parked))
