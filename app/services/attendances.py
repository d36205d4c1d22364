"""Keep what is known of a patient in a session; and what follows for a make-up and for what is scheduled."""

from datetime import datetime
from typing import Final
from uuid import UUID

from app.database import Db
from app.models import Attendance
from app.queries import absences
from app.queries import attendances as stored
from app.queries.attendances import Sitting
from app.services import make_ups
from app.services.attendance_entries import Word, state_of, write
from app.treatment.attendance import ATTENDED, State, sent_home

_OWES_NOTHING: Final = ATTENDED | {"cancelled"}


async def keep(
    db: Db, sitting: Sitting, attendance: Attendance, state: State, word: Word, now: datetime
) -> None:
    """Put an attendance into a state. The caller holds the patient's row, and has set what else there is.

    A missed session is made up for, or missed again; the chair of whoever came after all is given back.
    """
    before = state_of(attendance)
    if state.status not in {"excused", "made_up"}:
        attendance.excused_by = None
    await write(db, sitting.treatment_session, attendance, state, word, now)
    await make_ups.settle(db, attendance, before, now)
    if state.status in _OWES_NOTHING and before.status not in _OWES_NOTHING:
        await make_ups.release(db, attendance, now)
    if now < sitting.treatment_session.starts_at:
        absences.look_again(db, attendance.patient_id, now)


async def cancel_all(db: Db, session_id: UUID, by: UUID | None, now: datetime) -> None:
    """Of a session that the program cancels: nobody has missed it, and nobody has anything to make up for.

    Who was there was there: their minutes stay, and whoever is still in the room is sent home now. The caller
    holds the session.
    """
    sitting = await stored.any_sitting(db, session_id)
    word = Word("system" if by is None else "staff", by)
    known = await stored.held(db, sitting.treatment_session, await stored.everybody(db, session_id))
    for _, row in sorted(known.items()):
        if row.status == "arrived" and row.arrived_at is not None:
            state = sent_home(sitting.span, row.arrived_at, now, state_of(row).away)
            await keep(db, sitting, row, state, word, now)
        elif row.status not in {*ATTENDED, "cancelled"}:
            await keep(db, sitting, row, State("cancelled"), word, now)
