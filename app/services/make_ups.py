"""Make up for a missed session by another: book a chair, give it back, and see whether it was enough."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, NotFound, Unacceptable
from app.models import Attendance, TreatmentSession
from app.models.treatment_session import KINDS
from app.queries import absences, attendances, audit
from app.queries import make_ups as stored
from app.queries.attendances import Sitting
from app.services.attendance_entries import SYSTEM, Word, blank, state_of, word_of, write
from app.treatment.attendance import (
    ATTENDED,
    GATHERINGS,
    MISSED,
    State,
    is_enough,
    last_make_up_day,
    may_make_up,
)
from app.treatment.minutes import Span

_NOT_OFFERED: Final = "This session cannot make up for it; choose one that is offered."


@dataclass(frozen=True, slots=True)
class Booking:
    """A chair in another session, and whether this made it so."""

    attendance: Attendance
    treatment_session: TreatmentSession
    is_new: bool


async def book(
    db: Db, actor: Actor, missed_id: UUID, named: UUID | None, chosen_id: UUID, now: datetime
) -> Booking:
    """Have a patient expected in another session, to make up for the one that they miss.

    The chairs are counted while nobody else can take one. Staff name the patient; they may choose sessions of
    any kind, and one that was attended already. The same again changes nothing. Raises `NotFound`,
    `Unacceptable` for the patient and at `/session_id` for what cannot be chosen, `Conflict` when there is
    nothing to make up for, when another is booked, and when it is full.
    """
    missed = await attendances.sitting(db, actor, missed_id)
    patient_id = await attendances.whose(db, actor, named)
    chosen = await _chosen(db, actor, chosen_id)
    row = await _row(db, chosen, patient_id) or blank(chosen.treatment_session, patient_id, now)
    of_missed = await _row(db, missed, patient_id)
    _audit(db, actor, row, now)
    if of_missed is not None and _is_so_already(row, of_missed):
        return Booking(row, chosen.treatment_session, is_new=False)
    owed = await stored.owed(db, missed, of_missed)
    if owed is None:
        raise Conflict("nothing_to_make_up", "There is nothing to make up for in this session.")
    if await stored.booked(db, owed[1]):
        raise Conflict("booked_already", "Another session is booked; give that chair back first.")
    if actor.role is not Role.PATIENT and row.status in ATTENDED and row.makes_up_id is None:
        await _link(db, owed, row, chosen, word_of(actor), now)
    else:
        await _require_option(db, actor, owed[0], patient_id, chosen.treatment_session.id, now)
        row.makes_up_id = owed[1].id
        await write(db, chosen.treatment_session, row, State("expected"), word_of(actor), now)
        absences.look_again(db, patient_id, now)
    return Booking(row, chosen.treatment_session, is_new=True)


async def withdraw(db: Db, actor: Actor, missed_id: UUID, named: UUID | None, now: datetime) -> None:
    """Give a booked chair back, before the session begins. Raises `NotFound` when there is none to give."""
    missed = await attendances.sitting(db, actor, missed_id)
    row = await _row(db, missed, await attendances.whose(db, actor, named))
    if row is not None and row.makes_up_id is not None:
        row, _ = await stored.with_session(db, row.makes_up_id)
    booking = await stored.booked(db, row) if row is not None else None
    if booking is None or booking[0].status != "expected" or booking[1].starts_at <= now:
        raise NotFound
    await write(db, booking[1], booking[0], State("cancelled"), word_of(actor), now)
    absences.look_again(db, booking[0].patient_id, now)
    _audit(db, actor, booking[0], now)


async def settle(db: Db, make_up: Attendance, before: State, now: datetime) -> None:
    """After a change of an attendance: what it is to make up for is made up, or missed again.

    Only when that has changed, so that the word of staff about the missed one stands. The caller holds the
    patient's row.
    """
    if make_up.makes_up_id is None:
        return
    missed, treatment_session = await stored.with_session(db, make_up.makes_up_id)
    span = Span(treatment_session.starts_at, treatment_session.ends_at)
    was, is_now = _makes_up(span, before), _makes_up(span, state_of(make_up))
    if is_now and not was and missed.status in {"expected", *MISSED}:
        await write(db, treatment_session, missed, State("made_up"), SYSTEM, now)
    elif was and not is_now and missed.status == "made_up":
        others = [each for each in await stored.of_missed(db, missed) if each is not make_up]
        if not any(_makes_up(span, state_of(each)) for each in others):
            await write(db, treatment_session, missed, await _missed_before(db, missed), SYSTEM, now)


async def release(db: Db, attendance: Attendance, now: datetime) -> None:
    """Give back the chair that was booked for somebody who has nothing to make up for any more."""
    for booking in await stored.of_missed(db, attendance):
        if booking.status == "expected":
            _, treatment_session = await stored.with_session(db, booking.id)
            await write(db, treatment_session, booking, State("cancelled"), SYSTEM, now)


def _makes_up(missed: Span, state: State) -> bool:
    return state.status in ATTENDED and is_enough(missed, state.minutes)


async def _missed_before(db: Db, missed: Attendance) -> State:
    """What it was before it was made up for."""
    entries = await attendances.newest_entries(db, missed)
    was_excused = next((each.status for each in entries if each.status in MISSED), None) == "excused"
    return State("excused" if was_excused else "unexcused")


async def _chosen(db: Db, actor: Actor, session_id: UUID) -> Sitting:
    try:
        await stored.hold_series(db, session_id)
        return await attendances.sitting(db, actor, session_id, "change")
    except NotFound:
        raise Unacceptable.at("/session_id", "not_offered", _NOT_OFFERED) from None


async def _row(db: Db, sitting: Sitting, patient_id: UUID) -> Attendance | None:
    return (await attendances.held(db, sitting.treatment_session, [patient_id])).get(patient_id)


def _is_so_already(row: Attendance, missed: Attendance) -> bool:
    is_for_it = row.makes_up_id is not None and row.makes_up_id in {missed.id, missed.makes_up_id}
    return is_for_it and (stored.is_taken(row) or row.status in ATTENDED)


async def _require_option(
    db: Db, actor: Actor, missed: Sitting, patient_id: UUID, session_id: UUID, now: datetime
) -> None:
    kinds: Sequence[str] = sorted(GATHERINGS) if actor.role is Role.PATIENT else KINDS
    option = await stored.option(db, missed, patient_id, session_id, now, kinds)
    if option is None:
        raise Unacceptable.at("/session_id", "not_offered", _NOT_OFFERED)
    if not option.has_room:
        raise Conflict("full", "There is no room left in this session; choose another one.")


async def _link(
    db: Db, owed: tuple[Sitting, Attendance], row: Attendance, chosen: Sitting, word: Word, now: datetime
) -> None:
    """Let what was attended count as a make-up."""
    missed, attendance = owed
    last_day = last_make_up_day(missed.treatment_session.local_date, missed.policy)
    is_in_time = chosen.treatment_session.local_date <= last_day and missed.span.end <= chosen.span.start
    if not (is_in_time and may_make_up(missed.span, chosen.span)):
        raise Unacceptable.at("/session_id", "not_offered", _NOT_OFFERED)
    row.makes_up_id = attendance.id
    await write(db, chosen.treatment_session, row, state_of(row), word, now)
    await settle(db, row, State("expected"), now)


def _audit(db: Db, actor: Actor, row: Attendance, now: datetime) -> None:
    audit.record(
        db, actor, now, Permission.ABSENCE_REPORT, of="attendance", id=row.id, patient_id=row.patient_id
    )
