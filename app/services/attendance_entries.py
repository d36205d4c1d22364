"""Write the next state of an attendance, and watch what comes of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Role
from app.database import Db
from app.models import Attendance, AttendanceEntry, TreatmentSession
from app.rules.reading import Source
from app.services import happenings, missed_alerts
from app.treatment.attendance import State
from app.treatment.away import read, stored

Said = Literal["patient", "staff", "telehealth", "system"]


@dataclass(frozen=True, slots=True)
class Word:
    """On whose word an attendance changes, and why, as far as they said so."""

    source: Said
    by: UUID | None = None
    reason: str | None = None


SYSTEM: Final = Word("system")


def word_of(actor: Actor, reason: str | None = None) -> Word:
    """The word of whoever is asking."""
    return Word("patient" if actor.role is Role.PATIENT else "staff", actor.id, reason)


def blank(treatment_session: TreatmentSession, patient_id: UUID, now: datetime) -> Attendance:
    """An attendance of which nothing is known yet: it is not in the database before its first state is."""
    return Attendance(
        organization_id=treatment_session.organization_id, id=uuid7(), session_id=treatment_session.id,
        patient_id=patient_id, program_id=treatment_session.program_id, status="expected", arrived_at=None,
        left_at=None, minutes=0, away=[], source="system", notice_kind=None, notice_reason=None,
        notice_at=None,
        excused_by=None, makes_up_id=None, wrong_codes=0, revision=0, changed_at=now, changed_by=None,
    )  # fmt: skip


def state_of(attendance: Attendance) -> State:
    """What is known now. SQLAlchemy knows the status as any text."""
    status, away = attendance.status, read(attendance.away)
    return State(status, attendance.arrived_at, attendance.left_at, attendance.minutes, away)  # type: ignore[arg-type]  # the database holds the set of them


async def write(
    db: Db,
    treatment_session: TreatmentSession,
    attendance: Attendance,
    state: State,
    word: Word,
    now: datetime,
) -> None:
    """Put an attendance into a state, with an entry in its history; evaluate the rules over it, and close the
    alerts of what is missed no longer.

    The caller holds the patient's row. What only changes the words of it changes nothing for the rules.
    """
    before, is_first = state_of(attendance), attendance.revision == 0
    attendance.status, attendance.arrived_at, attendance.left_at, attendance.minutes, away = state
    attendance.away = stored(away)
    attendance.source, attendance.changed_by, attendance.changed_at = word.source, word.by, now
    attendance.revision += 1
    await db.add(attendance)
    await db.add(_entry(treatment_session, attendance, word, now))
    told = before.status, before.minutes
    if state.status == "expected" or (not is_first and told == (state.status, state.minutes)):
        return
    source = Source("attendance", attendance.id, attendance.revision)
    await happenings.watch(db, attendance.patient_id, source, at=treatment_session.starts_at, now=now)
    if before.status == "unexcused":
        outcome: missed_alerts.Settled = "made_up" if state.status == "made_up" else "corrected"
        await missed_alerts.close_settled(db, attendance, outcome, now)


def _entry(
    treatment_session: TreatmentSession, attendance: Attendance, word: Word, now: datetime
) -> AttendanceEntry:
    return AttendanceEntry(
        organization_id=attendance.organization_id, attendance_id=attendance.id,
        revision=attendance.revision, session_id=attendance.session_id, patient_id=attendance.patient_id,
        program_id=attendance.program_id, filed_at=treatment_session.starts_at,
        local_date=treatment_session.local_date, received_at=now, status=attendance.status,
        arrived_at=attendance.arrived_at, left_at=attendance.left_at, minutes=attendance.minutes,
        away=attendance.away,
        source=word.source, changed_by=word.by, reason=word.reason,
    )  # fmt: skip
