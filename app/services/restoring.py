"""Put back what must be there and is not: alerts of answers, timers of alerts and of stays."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from pydantic import ValidationError

from app.access import Permission
from app.database import Db
from app.ladders.ladder import Ladder
from app.models import Alert, AlertEntry
from app.queries import absences, crisis_flags, received, watch
from app.queries.received import Received
from app.rules.certainty import holds_anywhere, rests_on_stay
from app.rules.evaluate import Finding
from app.services import alerts

log = structlog.get_logger()


async def open_missing(
    db: Db, answer: Received, findings: Sequence[Finding], now: datetime
) -> Sequence[Alert]:
    """Open, or repeat, the alerts that an answer must have led to and did not. Those that it opened.

    Looked at again under the lock of whoever writes answers, so that nothing is opened twice. Where nobody
    knows any more what held then, it is left alone.
    """
    assert db.organization_id is not None
    await received.hold(db, answer.patient_id)
    there = await received.rules_found(db, answer.source)
    changes = await received.changes_since(db, answer.patient_id, answer.received_at)
    due = [finding for finding in findings if finding.rule.code not in there]
    certain = [finding for finding in due if _is_certain(finding, changes)]
    for finding in due:
        event = "alert_restored" if finding in certain else "alert_doubtful"
        log.warning(event, rule=finding.rule.code, source_id=answer.source.id)
    subject = alerts.Subject(db.organization_id, answer.patient_id, answer.program_id)
    opened = await alerts.open_or_repeat(db, subject, certain, answer.source, now)
    await db.add(*(AlertEntry.about(alert, "restored", now) for alert in opened))
    for alert in opened:
        if alert.rule == crisis_flags.FLAG_RULE:
            await crisis_flags.attach(db, answer.source.id, alert)
    return opened


def _is_certain(finding: Finding, changes: Collection[str]) -> bool:
    """Whether it held then, too: days are counted by the patient's zone, and silence by their stay."""
    in_doubt = Permission.PATIENT_MANAGE in changes or (
        Permission.ENROLLMENT_MANAGE in changes and rests_on_stay(finding.rule)
    )
    return not in_doubt or holds_anywhere(finding)


def lacks_timer(alert: Alert) -> bool:
    """Whether nothing will happen to an unresolved alert by itself, although something must."""
    if alert.timer_at is not None:
        return False
    return alert.status == "acknowledged" or alert.snoozed_until is not None or not _has_ended(alert)


async def wind(db: Db, alert_id: UUID, now: datetime) -> bool:
    """Set the timer of an alert that lacks it. False when it does not, or when somebody else is at it.

    A snooze and an acknowledgement still get their time.
    """
    alert = await watch.claim_without_timer(db, alert_id)
    if alert is None or not lacks_timer(alert):
        return False
    if alert.snoozed_until is not None:
        alert.timer_at = alert.snoozed_until
    elif alert.acknowledged_at is not None:
        hold = timedelta(minutes=alert.ladder.get("hold_minutes", 0))
        alert.timer_at = max(now, alert.acknowledged_at + hold)
    else:
        alert.timer_at = now
    log.warning("timer_restored", alert_id=alert.id)
    await db.flush()
    await db.add(AlertEntry.about(alert, "restored", now))
    return True


def wind_absence(db: Db, enrollment_id: UUID, now: datetime) -> None:
    """Have the next sweep look at a stay: it finds out what there is to tell, and when to look again."""
    log.warning("absence_timer_restored", enrollment_id=enrollment_id)
    absences.set_sooner(db, enrollment_id, now)


def _has_ended(alert: Alert) -> bool:
    """Whether a ladder has been climbed to its end. One that cannot be read has not."""
    try:
        return Ladder.model_validate(alert.ladder).step(alert.step) is None
    except ValidationError:
        return False
