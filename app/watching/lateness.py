"""What is late, and whom nobody told. Nothing is put right here: somebody has to look."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from pydantic import BaseModel

from app.database import Db
from app.queries import pulses, rule_sets, watch
from app.queries.jobs import DEFAULT, PAGES, SWEEPS, WEBHOOKS
from app.queries.watch import Lateness
from app.watching.faults import Fault
from app.watching.report import Report

LATE = timedelta(minutes=2)
STALE = timedelta(minutes=1)
"""Three sweeps were missed; sooner than the others, so that the operator knows within two minutes."""
WORKED_ON = (DEFAULT, SWEEPS, PAGES, WEBHOOKS)
_MOST = 500
_NEVER = datetime.min.replace(tzinfo=UTC)


async def of_organization(db: Db, now: datetime, report: Report) -> None:
    """What an organization waits for, and since when."""
    assert db.organization_id is not None
    waiting = await watch.lateness(db, now)
    _count(waiting, now, report)
    for fault, moment in (
        (Fault.LADDER_LATE, waiting.timer_at),
        (Fault.ABSENCE_LATE, waiting.absence_due_at),
        (Fault.PAGES_LATE, waiting.look_at),
        (Fault.WEBHOOKS_LATE, waiting.webhook_due_at),
    ):
        if moment is not None:
            report.add_late(fault, db.organization_id, moment, now - LATE)
    for alert_id, began in await watch.unreached(db, now - LATE, _MOST):
        report.add_late(Fault.NOBODY_REACHED, alert_id, began, now - LATE)
    for program_id, version in await watch.programs(db):
        if await _is_unreadable(db, program_id, version):
            report.add(Fault.RULES_UNREADABLE, program_id)


def _count(waiting: Lateness, now: datetime, report: Report) -> None:
    if waiting.timer_at is not None:
        report.ladder_lag = max(report.ladder_lag, (now - waiting.timer_at).total_seconds())
    report.pages_waiting += waiting.pages_waiting
    for severity, seconds in waiting.unacknowledged.items():
        report.unacknowledged[severity] = max(report.unacknowledged.get(severity, 0.0), seconds)


async def _is_unreadable(db: Db, program_id: UUID, version: int) -> bool:
    rule_set = await rule_sets.in_version(db, program_id, version)
    return not all(isinstance(rule.condition, BaseModel) for rule in rule_set.rules)


async def of_the_worker(db: Db, now: datetime, report: Report) -> None:
    """Whether somebody sweeps and works on jobs."""
    sweep = (await pulses.every(db)).get("sweep")
    report.add_late(Fault.SWEEP_STALE, None, sweep.at if sweep else _NEVER, now - STALE)
    if sweep and sweep.facts.get("failures"):
        report.add(Fault.SWEEP_FAILING)
    for name, queue in (await watch.queues(db, now)).items():
        if name in WORKED_ON and queue.since is not None:
            report.add_late(Fault.QUEUE_STUCK, name, queue.since, now - LATE)
