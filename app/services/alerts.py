"""Open, repeat, acknowledge, resolve, assign and annotate alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict
from app.models import Alert, AlertEntry, AlertOccurrence
from app.queries import alerts as stored
from app.queries import audit, events, staff
from app.rules.evaluate import Finding
from app.rules.reading import Source
from app.rules.rule import due_at


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose alert it is: the patient, their program, and the zone in which its working days count."""

    organization_id: UUID
    patient_id: UUID
    program_id: UUID | None
    time_zone: ZoneInfo


async def open_or_repeat(
    db: Db, subject: Subject, findings: Sequence[Finding], source: Source, now: datetime
) -> list[Alert]:
    """Turn what an answer brought to light into alerts, one for each rule that has none unresolved.

    The caller holds the patient's row: two answers at once would otherwise open two.
    """
    if not findings:
        return []
    standing = await stored.unresolved(db, subject.patient_id, [finding.rule.code for finding in findings])
    return [
        await _open_or_repeat(db, subject, each, standing=standing, source=source, now=now)
        for each in findings
    ]


async def _open_or_repeat(
    db: Db, subject: Subject, finding: Finding, *, standing: dict[str, Alert], source: Source, now: datetime
) -> Alert:
    rule = finding.rule
    due = due_at(rule.severity, now, subject.time_zone, rule.answer_within_minutes)
    alert = standing.get(rule.code)
    if alert is None:
        kind = "opened"
        alert = Alert.opened(
            finding, organization_id=subject.organization_id, patient_id=subject.patient_id,
            program_id=subject.program_id, due_at=due, now=now,
        )  # fmt: skip
    else:
        kind = "reopened" if alert.found_again(finding, due_at=due, now=now) else "repeated"
    await db.add(alert)
    await db.add(AlertOccurrence.of(alert, finding, source, now), AlertEntry.about(alert, kind, now))
    events.record(db, f"alert.{kind}", alert_id=alert.id, patient_id=alert.patient_id, now=now)
    return alert


async def acknowledge(db: Db, actor: Actor, alert_id: UUID, now: datetime) -> Alert:
    """Say that somebody has it. Saying so twice changes nothing."""
    alert = await stored.to_change(db, actor, alert_id)
    if alert.acknowledge(actor.id, now):
        await _log(db, actor, alert, "acknowledged", now)
    _audit(db, actor, now, Permission.ALERT_ACKNOWLEDGE, alert)
    return alert


async def resolve(
    db: Db,
    actor: Actor,
    alert_id: UUID,
    *,
    outcome: str,
    note: str | None,
    occurrences_seen: int,
    now: datetime,
) -> Alert:
    """Close an alert with its outcome. The same from the same person again changes nothing.

    Raises `Conflict` when a newer occurrence was not seen, or when it was resolved otherwise.
    """
    alert = await stored.to_change(db, actor, alert_id)
    if not await _closed_so(db, alert, actor, outcome, note):
        alert.resolve(actor.id, outcome, occurrences_seen, now)
        await _log(db, actor, alert, "resolved", now, outcome=outcome, text=note)
    _audit(db, actor, now, Permission.ALERT_RESOLVE, alert)
    return alert


async def _closed_so(db: Db, alert: Alert, actor: Actor, outcome: str, note: str | None) -> bool:
    if alert.status != "resolved" or (alert.resolved_by, alert.outcome) != (actor.id, outcome):
        return False
    entry = await stored.resolution(db, alert)
    return entry is not None and entry.text == note


async def assign(db: Db, actor: Actor, alert_id: UUID, to: UUID, now: datetime) -> Alert:
    """Make an alert somebody's; when it is theirs already, nothing changes.

    Raises `Unacceptable` for somebody who could not see it.
    """
    alert = await stored.to_change(db, actor, alert_id)
    if alert.assignee_id != to:
        await staff.require_in_care_of(db, to, alert.patient_id)
        alert.assign(to)
        await _log(db, actor, alert, "assigned", now, assignee_id=to)
    _audit(db, actor, now, Permission.ALERT_ASSIGN, alert)
    return alert


async def annotate(db: Db, actor: Actor, alert_id: UUID, *, note_id: UUID, note: str, now: datetime) -> bool:
    """Add a note to an alert, resolved or not. False when this very note is there already.

    Raises `Conflict` when the id belongs to something else.
    """
    alert = await stored.to_change(db, actor, alert_id)
    entry = AlertEntry.about(alert, "noted", now, by=actor.id, text=note)
    entry.id = note_id
    there = await stored.keep_entry(db, entry)
    if there is None:
        events.record(db, "alert.noted", alert_id=alert.id, patient_id=alert.patient_id, now=now)
    elif (there.alert_id, there.author_id, there.text) != (alert.id, actor.id, note):
        raise Conflict("id_taken", "This id is in use; make a new one.")
    _audit(db, actor, now, Permission.ALERT_ANNOTATE, alert)
    return there is None


def _audit(db: Db, actor: Actor, now: datetime, action: Permission, alert: Alert) -> None:
    audit.record(db, actor, now, action, of="alert", id=alert.id, patient_id=alert.patient_id)


async def _log(
    db: Db, actor: Actor, alert: Alert, kind: str, now: datetime, *, assignee_id: UUID | None = None,
    outcome: str | None = None, text: str | None = None,
) -> None:  # fmt: skip
    await db.flush()
    await db.add(
        AlertEntry.about(alert, kind, now, by=actor.id, assignee_id=assignee_id, outcome=outcome, text=text)
    )
    events.record(db, f"alert.{kind}", alert_id=alert.id, patient_id=alert.patient_id, now=now)
