"""Find out who has not come to a session; and let those who did have attended it when it is over."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.database import Db
from app.models import Attendance
from app.queries import attendances as known
from app.queries import no_shows as stored
from app.queries.attendances import Sitting
from app.services import attendances
from app.services.attendance_entries import SYSTEM, blank, state_of
from app.treatment.attendance import State, no_show_at, was_there
from app.treatment.minutes import Span

Find = Callable[[Db, UUID, int], Awaitable[Sequence[UUID]]]
Decide = Callable[[Sitting, Attendance, datetime], State]

BATCH: Final = 40
"""How many patients one unit of work sees to: it holds their rows, and a check-in waits for it."""


async def reckon(db: Db, session_id: UUID, now: datetime) -> bool:
    """See to a session whose moment has passed, and set the next one.

    After the grace period whoever is expected, and neither came nor is excused, is unexcused; at the end
    whoever is in the room has attended. False when there is nothing to do, or somebody else does it. Of more
    people than `BATCH` the rest is left to the next sweep.
    """
    sitting = await stored.claim(db, session_id, now)
    if sitting is None:
        return False
    treatment_session = sitting.treatment_session
    # Of a session that was entered when it had begun people know from then on.
    missing_from = no_show_at(
        Span(max(treatment_session.starts_at, treatment_session.created_at), treatment_session.ends_at),
        sitting.policy,
    )
    if treatment_session.status == "cancelled":
        await stored.set_next(db, session_id, None)
    elif now < missing_from:  # the policy, or the time of the treatment_session, is another than it was
        await stored.set_next(db, session_id, missing_from)
    elif await _see_to(db, sitting, missing_from, now):
        await stored.set_next(
            db, session_id, treatment_session.ends_at if now < treatment_session.ends_at else None
        )
    return True


async def _see_to(db: Db, sitting: Sitting, missing_from: datetime, now: datetime) -> bool:
    """Whether everybody was seen to."""
    treatment_session = sitting.treatment_session
    was_done = (
        treatment_session.reckon_at == treatment_session.ends_at and missing_from < treatment_session.ends_at
    )
    was_over = treatment_session.created_at >= treatment_session.ends_at
    if not (was_done or was_over or await _each(db, sitting, stored.missing, _is_missing, now)):
        return False
    # Whom nobody expects any more sits in no chair: what they were to make up for is still owed.
    if not await _each(db, sitting, stored.booked, _is_away, now):
        return False
    return now < treatment_session.ends_at or await _each(db, sitting, stored.in_the_room, _was_there, now)


async def _each(db: Db, sitting: Sitting, find: Find, decide: Decide, now: datetime) -> bool:
    """See to those who are found, as many as may be. Whether these were all."""
    treatment_session = sitting.treatment_session
    found = await find(db, treatment_session.id, BATCH + 1)
    rows = await known.held(db, treatment_session, found[:BATCH]) if found else {}
    # Somebody may have come, or gone on leave, before their row was held.
    still = set(await find(db, treatment_session.id, BATCH + 1)) if found else ()
    for patient_id in found[:BATCH]:
        if patient_id in still:
            row = rows.get(patient_id) or blank(treatment_session, patient_id, now)
            await attendances.keep(db, sitting, row, decide(sitting, row, now), SYSTEM, now)
    return len(found) <= BATCH


def _is_missing(_sitting: Sitting, _row: Attendance, _now: datetime) -> State:
    return State("unexcused")


def _is_away(_sitting: Sitting, _row: Attendance, _now: datetime) -> State:
    return State("cancelled")


def _was_there(sitting: Sitting, row: Attendance, now: datetime) -> State:
    came = row.arrived_at or sitting.span.start
    return was_there(sitting.span, sitting.policy, came, row.left_at, now, state_of(row).away)
