"""Keep crisis flags in step with their alert: found by a rule, seen, resolved, and followed up."""

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from uuid_utils.compat import uuid7

from app.database import Db
from app.models import Alert, CrisisFlag, FollowUp
from app.queries import crisis_flags as stored
from app.queries.crisis_flags import CRISIS_RULES, FLAG_RULE
from app.rules.evaluate import Finding
from app.rules.reading import Source

FOLLOW_UP_FROM: Final = timedelta(hours=24)
FOLLOW_UP_BY: Final = timedelta(hours=72)
"""When somebody is spoken with again after their crisis: "contact 24 to 72 hours after discharge"
(`docs/crisis.md` names the source)."""


async def found(db: Db, alert: Alert, finding: Finding, source: Source, now: datetime) -> None:
    """Raise the flag of a rule that found somebody in danger. The alert is there already.

    A flag that somebody raised is the source of its own alert. Any other finding costs nothing here.
    """
    code = finding.rule.code
    if code not in CRISIS_RULES or code == FLAG_RULE:
        return
    lived_at = finding.evidence.lived_at
    days = [reading.day for reading in finding.evidence.decisive if reading.source == source]
    await db.add(
        CrisisFlag(
            organization_id=alert.organization_id, id=uuid7(), patient_id=alert.patient_id,
            program_id=alert.program_id, alert_id=alert.id, raised_by_kind="rule", rule=code,
            occurred_at=lived_at, filed_at=lived_at, received_at=now, token_expired=False,
            local_date=max(days, default=_day(finding, lived_at)), fingerprint=source.id.bytes, status="open",
        )
    )  # fmt: skip


def _day(finding: Finding, moment: datetime) -> date:
    return moment.astimezone(finding.evidence.time_zone).date()


async def seen(db: Db, alert: Alert, by: UUID | None, now: datetime) -> None:
    """Somebody has the alert, and so its flags: the patient reads that they were seen, and when.

    `by` is a staff member's id, or None for an outside crisis service. Seen is seen: an acknowledgement that
    is taken back later changes no flag.
    """
    if alert.rule in CRISIS_RULES:
        await stored.see(db, alert, by, now)


async def settled(db: Db, alert: Alert, by: UUID | None, outcome: str, now: datetime) -> None:
    """The alert is resolved, and its flags with it; somebody is to speak with the person again.

    One follow-up an alert, whatever came of it: also where it was a mistake, a call does no harm. It is for
    whoever had the alert, and where nobody here had it for whoever resolved it.
    """
    if alert.rule not in CRISIS_RULES:
        return
    newest = await stored.settle(db, alert, by, outcome, now)
    if newest is not None:
        await db.add(_follow_up(alert, newest, by, now))


def _follow_up(alert: Alert, crisis_flag_id: UUID, by: UUID | None, now: datetime) -> FollowUp:
    due_by = now + FOLLOW_UP_BY
    return FollowUp(
        organization_id=alert.organization_id, id=uuid7(), patient_id=alert.patient_id,
        program_id=alert.program_id, crisis_flag_id=crisis_flag_id, assignee_id=alert.assignee_id or by,
        status="due", due_from=now + FOLLOW_UP_FROM, due_by=due_by, look_at=due_by, created_at=now,
    )  # fmt: skip
