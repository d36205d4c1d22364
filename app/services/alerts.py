"""Open, repeat, acknowledge, resolve, assign and annotate alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict
from app.ladders.due import due_at
from app.models import Alert, AlertEntry, AlertOccurrence
from app.models.alert import PAGING
from app.queries import alerts as stored
from app.queries import audit, events, staff
from app.queries import ladders as stored_ladders
from app.queries.ladders import Situation
from app.rules.evaluate import Finding
from app.rules.reading import Source
from app.services import crisis_flag_standings, ladders


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose alert it is: the patient, and the program that answers for them."""

    organization_id: UUID
    patient_id: UUID
    program_id: UUID | None


async def open_or_repeat(
    db: Db, subject: Subject, findings: Sequence[Finding], source: Source, now: datetime
) -> list[Alert]:
    """Turn what an answer brought to light into alerts, one for each rule that has none unresolved.

    Each new one climbs the first step of its ladder: its pages are written in this unit of work. The caller
    holds the patient's row: two answers at once would otherwise open two.
    """
    if not findings:
        return []
    situation = await stored_ladders.situation(db, subject.patient_id, subject.program_id, now)
    standing = await stored.unresolved(db, subject.patient_id, [finding.rule.code for finding in findings])
    return [
        await _repeat(db, alert, finding, source, situation, now)
        if (alert := standing.get(finding.rule.code))
        else await _open(db, subject, finding, source, situation, now)
        for finding in findings
    ]


async def _open(
    db: Db, subject: Subject, finding: Finding, source: Source, situation: Situation, now: datetime
) -> Alert:
    alert = Alert.opened(
        finding, organization_id=subject.organization_id, patient_id=subject.patient_id,
        program_id=subject.program_id, due_at=_due_at(finding, situation, now),
        ladder=situation.ladders[finding.rule.severity], now=now,
    )  # fmt: skip
    await db.add(alert)
    await _record_occurrence(db, alert, finding, source, "opened", now)
    await ladders.climb(db, alert, situation, now)
    await crisis_flag_standings.found(db, alert, finding, source, now)
    return alert


async def _repeat(
    db: Db, alert: Alert, finding: Finding, source: Source, situation: Situation, now: datetime
) -> Alert:
    """A further occurrence. What is pressing pages again, and wakes whoever let it rest."""
    reopened = alert.found_again(
        finding, due_at=_due_at(finding, situation, now), ladder=situation.ladders[finding.rule.severity],
        now=now,
    )  # fmt: skip
    pages_again = finding.rule.severity in PAGING
    await db.flush()
    await _record_occurrence(db, alert, finding, source, "reopened" if reopened else "repeated", now)
    if pages_again and alert.step == 0:
        await ladders.climb(db, alert, situation, now)
    elif pages_again:
        await ladders.tell_again(db, alert, situation, now)
    await crisis_flag_standings.found(db, alert, finding, source, now)
    return alert


async def _record_occurrence(
    db: Db, alert: Alert, finding: Finding, source: Source, kind: str, now: datetime
) -> None:
    await db.add(AlertOccurrence.of(alert, finding, source, now), AlertEntry.about(alert, kind, now))
    events.record(db, f"alert.{kind}", alert_id=alert.id, patient_id=alert.patient_id, now=now)


def _due_at(finding: Finding, situation: Situation, now: datetime) -> datetime:
    rule = finding.rule
    return due_at(rule.severity, now, situation.calendar, rule.answer_within_minutes)


async def acknowledge(db: Db, actor: Actor, alert_id: UUID, now: datetime) -> Alert:
    """Say that somebody has it. Saying so twice changes nothing."""
    alert = await stored.to_change(db, actor, alert_id)
    if alert.acknowledge(actor.id, now):
        await _log(db, actor, alert, "acknowledged", now)
        await crisis_flag_standings.seen(db, alert, actor.id, now)
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
        await crisis_flag_standings.settled(db, alert, actor.id, outcome, now)
    _audit(db, actor, now, Permission.ALERT_RESOLVE, alert)
    return alert


async def close(db: Db, alert: Alert, outcome: str, now: datetime) -> None:
    """Close an alert that has settled itself: nobody did. It is in the log and in the feed as any other.

    The caller holds the patient's row and the alert's. Raises `Conflict` once resolved.
    """
    alert.close(outcome, now)
    await db.flush()
    await db.add(AlertEntry.about(alert, "resolved", now, outcome=outcome))
    await crisis_flag_standings.settled(db, alert, None, outcome, now)
    events.record(db, "alert.resolved", alert_id=alert.id, patient_id=alert.patient_id, now=now)


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
        alert.hold(now)
        await _log(db, actor, alert, "assigned", now, assignee_id=to)
    _audit(db, actor, now, Permission.ALERT_ASSIGN, alert)
    return alert


async def snooze(db: Db, actor: Actor, alert_id: UUID, minutes: int, now: datetime) -> Alert:
    """Let an alert's ladder rest for so many minutes; then it is climbed anew.

    Raises `Conflict` for a critical alert, and for one that is resolved.
    """
    alert = await stored.to_change(db, actor, alert_id)
    until = now + timedelta(minutes=minutes)
    alert.snooze(until)
    await _log(db, actor, alert, "snoozed", now, until=until)
    _audit(db, actor, now, Permission.ALERT_SNOOZE, alert)
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
        alert.hold(now)
        events.record(db, "alert.noted", alert_id=alert.id, patient_id=alert.patient_id, now=now)
    elif (there.alert_id, there.author_id, there.text) != (alert.id, actor.id, note):
        raise Conflict("id_taken", "This id is in use; make a new one.")
    _audit(db, actor, now, Permission.ALERT_ANNOTATE, alert)
    return there is None


def _audit(db: Db, actor: Actor, now: datetime, action: Permission, alert: Alert) -> None:
    audit.record(db, actor, now, action, of="alert", id=alert.id, patient_id=alert.patient_id)


async def _log(
    db: Db, actor: Actor, alert: Alert, kind: str, now: datetime, *, assignee_id: UUID | None = None,
    outcome: str | None = None, text: str | None = None, until: datetime | None = None,
) -> None:  # fmt: skip
    await db.flush()
    await db.add(
        AlertEntry.about(
            alert, kind, now, by=actor.id, assignee_id=assignee_id, outcome=outcome, text=text, until=until
        )
    )
    events.record(db, f"alert.{kind}", alert_id=alert.id, patient_id=alert.patient_id, now=now)
