"""Looks at everything, twice a minute: tells the operator what is wrong, and the world when nothing is."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import unit_of_work
from app.queries import pulses, tenants
from app.queries.received import Place
from app.settings import Settings
from app.watching import answers, lateness, timers
from app.watching.faults import Trouble
from app.watching.heartbeat import Heartbeat
from app.watching.operator import Operator
from app.watching.report import Report
from app.watching.spooled import Spooled


class Watcher:
    """One watcher. How far it has come with what it looks at in slices is remembered here only."""

    def __init__(
        self, engine: AsyncEngine, operator: Operator, heartbeat: Heartbeat, spooled: Spooled
    ) -> None:
        self._engine = engine
        self._spooled = spooled
        self._operator = operator
        self._heartbeat = heartbeat
        self._since: datetime | None = None
        self._answers: dict[UUID, Place | None] = {}
        self._stays: dict[UUID, UUID | None] = {}

    async def look(self, now: datetime) -> set[Trouble]:
        """One pass: put right what can be, tell of it and of the rest. What was found.

        Whatever fails is itself a fault that is told: a watcher that stumbles in silence watches nothing.
        """
        self._since = self._since or now
        report = Report(self._since)
        for organization_id in await self._organizations(report):
            await self._look_at(organization_id, now, report)
        with report.going_on("worker"):
            async with unit_of_work(self._engine, None) as db:
                await lateness.of_the_worker(db, now, report)
        with report.going_on("spool"):
            await self._spooled.look(now, report)
        with report.going_on("pulse"):
            await self._write_down(report, now)
        is_told = await self._tell(report, now)
        if is_told and report.is_settled and not report.troubles:
            await self._heartbeat.beat()
        return report.troubles

    async def _organizations(self, report: Report) -> Sequence[UUID]:
        with report.going_on("organizations"):
            async with unit_of_work(self._engine, None) as db:
                return await tenants.every(db)
        return ()

    async def _look_at(self, organization_id: UUID, now: datetime, report: Report) -> None:
        engine = self._engine
        with report.going_on("answers", organization_id):
            self._answers[organization_id] = await answers.restore(
                engine, organization_id, self._answers.get(organization_id), now, report
            )
        with report.going_on("timers", organization_id):
            await timers.restore_alerts(engine, organization_id, now, report)
        with report.going_on("stays", organization_id):
            self._stays[organization_id] = await timers.restore_stays(
                engine, organization_id, self._stays.get(organization_id), now, report
            )
        with report.going_on("lateness", organization_id):
            async with unit_of_work(engine, organization_id) as db:
                await lateness.of_organization(db, now, report)

    async def _tell(self, report: Report, now: datetime) -> bool:
        with report.going_on("operator"):
            return await self._operator.tell(report.troubles, now)
        return False

    async def _write_down(self, report: Report, now: datetime) -> None:
        oldest = {f"unacknowledged_{severity}": age for severity, age in report.unacknowledged.items()}
        async with unit_of_work(self._engine, None) as db:
            await pulses.beat(
                db, "watch", now, faults=len(report.troubles), ladder_lag=report.ladder_lag,
                pages_waiting=report.pages_waiting, heartbeat_failures=self._heartbeat.failures, **oldest,
            )  # fmt: skip


def watcher_of(engine: AsyncEngine, own: Settings) -> Watcher:
    """The watcher that the settings ask for."""
    return Watcher(engine, Operator(own), Heartbeat(own.heartbeat_url), Spooled(own))
