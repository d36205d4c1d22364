"""Take it that somebody will not be there, and say whether that is excused."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict
from app.models import Attendance
from app.queries import attendances as stored
from app.queries import audit, rosters
from app.queries.attendances import Sitting
from app.services import attendances
from app.services.attendance_entries import blank, state_of, word_of
from app.treatment.attendance import ATTENDED, State
from app.treatment.excuse import is_excused
from app.treatment.policy import NoticeKind


@dataclass(frozen=True, slots=True)
class Notice:
    """What comes in between, and what the patient says about it."""

    kind: NoticeKind
    reason: str | None


async def tell(
    db: Db, actor: Actor, session_id: UUID, named: UUID | None, notice: Notice, now: datetime
) -> tuple[Sitting, Attendance]:
    """Keep that a patient will not come, or has not come. By the program's policy that is excused at once, or
    left to staff. Staff name the patient.

    The last notice stands; one that is excused stays so. Raises `NotFound` for the session,
    `Unacceptable` for the patient, `Conflict` when it is cancelled or over, when the patient is there, and
    when nobody expects them.
    """
    sitting = await stored.sitting(db, actor, session_id, "presence")
    treatment_session, patient_id = sitting.treatment_session, await stored.whose(db, actor, named)
    row = (await stored.held(db, treatment_session, [patient_id])).get(patient_id) or blank(
        treatment_session, patient_id, now
    )
    await _require_awaited(db, sitting, row, now)
    state, is_same = _state(sitting, row, notice, now), _is_same(row, notice)
    if state != state_of(row) or not is_same:
        if state.status == "excused" and row.status != "excused":
            row.excused_by = "policy"
        row.notice_kind, row.notice_reason, row.notice_at = notice.kind, notice.reason, now
        await attendances.keep(db, sitting, row, state, word_of(actor, notice.reason), now)
    audit.record(db, actor, now, Permission.ABSENCE_REPORT, of="attendance", id=row.id, patient_id=patient_id)
    return sitting, row


def _state(sitting: Sitting, row: Attendance, notice: Notice, now: datetime) -> State:
    known = state_of(row)
    if known.status != "expected":  # excused, or missed already
        return known
    excused = is_excused(sitting.policy, notice.kind, now, sitting.span.start)
    return State("excused") if excused else State("expected")


def _is_same(row: Attendance, notice: Notice) -> bool:
    return (row.notice_kind, row.notice_reason) == (notice.kind, notice.reason)


async def _require_awaited(db: Db, sitting: Sitting, row: Attendance, now: datetime) -> None:
    treatment_session = sitting.treatment_session
    if treatment_session.status == "cancelled":
        raise Conflict("session_cancelled", "This session is cancelled.")
    if now >= treatment_session.ends_at:
        raise Conflict("session_over", "This session is over.")
    if row.status in ATTENDED:
        raise Conflict("already_there", "They are there.")
    if row.status == "cancelled" or row.patient_id not in await rosters.expected_in(db, treatment_session.id):
        raise Conflict("not_expected", "They are not expected in this session.")
