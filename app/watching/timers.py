"""Which timers must be set: of alerts that wait for somebody, and of stays in which silence would be news."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from app.database import Db, unit_of_work
from app.queries import absences, everything, received, rule_sets, watch
from app.queries.histories import history
from app.queries.watch import Stay
from app.rules.absence import absence_rules, episode, evaluate_absence, next_look
from app.rules.ahead import next_moment
from app.rules.evaluate import Finding
from app.rules.history import History
from app.rules.rule import RuleSet
from app.services import restoring
from app.watching.faults import Fault
from app.watching.report import Report

AT_ONCE = 200
"""How many stays a pass looks at, beside those at which no sweep will."""
_FIRST = UUID(int=0)


async def restore_alerts(engine: AsyncEngine, organization_id: UUID, now: datetime, report: Report) -> None:
    """Set the timers that alerts lack."""
    async with unit_of_work(engine, organization_id) as db:
        resting = await watch.without_timer(db, AT_ONCE)
    lacking = [alert.id for alert in resting if restoring.lacks_timer(alert)]
    for alert_id in lacking:
        with report.going_on("timers", organization_id):
            async with unit_of_work(engine, organization_id) as db:
                was_lacking = await restoring.wind(db, alert_id, now)
            if was_lacking:
                report.add(Fault.TIMER_MISSING, alert_id)


async def restore_stays(
    engine: AsyncEngine, organization_id: UUID, reached: UUID | None, now: datetime, report: Report
) -> UUID | None:
    """Look at the stays that no sweep will look at, and at some of the others, those behind `reached`.

    How far it came; None when it is through and begins again.
    """
    async with unit_of_work(engine, organization_id) as db:
        some = await watch.stays(db, reached or _FIRST, AT_ONCE)
        forgotten = await watch.stays_without_moment(db, AT_ONCE)
    for stay in {*some, *forgotten}:
        with report.going_on("stays", organization_id):
            async with unit_of_work(engine, organization_id) as db:
                is_lacking = await _lacks_moment(db, stay, now)
                if is_lacking:
                    restoring.wind_absence(db, stay.id, now)
            if is_lacking:
                report.add(Fault.ABSENCE_TIMER_MISSING, stay.id)
    return some[-1].id if len(some) == AT_ONCE else None


async def _lacks_moment(db: Db, stay: Stay, now: datetime) -> bool:
    """Whether there is something to tell of a stay, now or later, that no sweep will find in time.

    A moment that is too early is none to worry about: whoever looks sets the right one.
    """
    past = await received.past(db, stay.patient_id, now, ())
    if past is None or past.context.enrollment_id != stay.id:
        return False
    context, due = past.context, past.context.absence_due_at
    if due is not None and due <= now:
        return False
    rule_set = await rule_sets.in_version(db, context.program_id, context.rule_set_version)
    planned = await everything.planned(db, context, stay.patient_id, rule_set, now)
    read = [each for answer in past.answers for each in answer.readings]
    seen = history(context, read, now, planned)
    waits_until = next_moment(seen, now)
    is_missed = waits_until is not None and (due is None or due > waits_until)
    return is_missed or await _stays_silent(db, stay, rule_set, seen, due, now)


async def _stays_silent(
    db: Db, stay: Stay, rule_set: RuleSet, seen: History, due: datetime | None, now: datetime
) -> bool:
    """Whether something lacks, or will, that nobody has told and nobody will in time."""
    rules = absence_rules(rule_set)
    if rules and await _is_untold(db, stay, evaluate_absence(rule_set, seen, now), now):
        return True
    moment = next_look(rules, seen, now)
    if moment is None or (due is not None and due <= moment):
        return False
    return await _is_untold(db, stay, evaluate_absence(rule_set, seen, moment), moment)


async def _is_untold(db: Db, stay: Stay, findings: Sequence[Finding], at: datetime) -> bool:
    """Whether one of these findings is of an episode that was never told, whatever became of its alert."""
    episodes = {episode(finding, stay.patient_id, at) for finding in findings}
    return bool(episodes) and not episodes <= set(await absences.raised(db, episodes))
