"""Record who tried to reach somebody after their cry for help."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Unacceptable
from app.models import AlertEntry, ContactAttempt
from app.queries import alerts as stored_alerts
from app.queries import audit, crisis_flags, events, idempotency
from app.services.answers import FURTHEST_AHEAD


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: how, whether it reached them, and what there is to say. `at` is aware."""

    id: UUID
    at: datetime
    way: str
    outcome: str
    note: str | None


async def record(
    db: Db, actor: Actor, crisis_flag_id: UUID, attempt: Attempt, now: datetime
) -> ContactAttempt:
    """Keep a contact attempt; an acknowledgement of the flag's alert holds from now on anew.

    It stands in the alert's log, too. Raises `NotFound` for a flag that is not visible, `Conflict` for an id
    that is taken, `Unacceptable` for an attempt to come.
    """
    if attempt.at > now + FURTHEST_AHEAD:
        raise Unacceptable.at("/at", "too_late", "Not in the future.")
    flag = (await crisis_flags.one(db, actor, crisis_flag_id)).flag
    kept = ContactAttempt(
        organization_id=db.organization_id, id=attempt.id, crisis_flag_id=flag.id, patient_id=flag.patient_id,
        staff_member_id=actor.id, at=attempt.at, way=attempt.way, outcome=attempt.outcome, note=attempt.note,
        recorded_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, kept)
    if flag.alert_id is not None:
        await _log(db, actor, flag.alert_id, attempt, now)
    audit.record(
        db, actor, now, Permission.CONTACT_ATTEMPT_RECORD, of="contact_attempt", id=kept.id,
        patient_id=flag.patient_id,
    )  # fmt: skip
    return kept


async def _log(db: Db, actor: Actor, alert_id: UUID, attempt: Attempt, now: datetime) -> None:
    alert = await stored_alerts.to_change(db, actor, alert_id)
    alert.hold(now)
    await db.flush()
    way, outcome = attempt.way.replace("_", " "), attempt.outcome.replace("_", " ")
    await db.add(AlertEntry.about(alert, "noted", now, by=actor.id, text=f"Contact by {way}: {outcome}."))
    events.record(db, "alert.noted", alert_id=alert.id, patient_id=alert.patient_id, now=now)
