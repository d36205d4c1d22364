"""Attendance: who was in a session, as staff write it down and as it came about."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor, Permission, Role
from app.dependencies import CurrentPage, Db, Now, Whose, requires
from app.dependencies.newest_first import Position
from app.edge.strict_route import BATCH_BYTES
from app.edge.strict_route import router as strict_router
from app.errors import NotFound
from app.queries import attendances as stored
from app.queries import audit, patients
from app.schemas.attendance import (
    AttendanceBody,
    AttendanceDetail,
    AttendanceEntryRead,
    AttendanceRead,
    PatientAttendance,
    PatientAttendancePage,
    Roster,
    RosterBody,
    RosterReply,
    RosterResult,
)
from app.schemas.fields import Day
from app.services import rosters
from app.services.rosters import Item

router = strict_router("/v1", "attendance")
ROSTER = "/sessions/{session_id}/attendance"
PRIVATE = "private, no-store"

Reader = Annotated[Actor, requires(Permission.ATTENDANCE_READ)]
Recorder = Annotated[Actor, requires(Permission.ATTENDANCE_RECORD)]


@router.get(ROSTER, operation_id="read_roster")
async def roster(session_id: UUID, actor: Reader, db: Db, now: Now, response: Response) -> Roster:
    """Everybody who is expected in a session, or of whom something is known; to a patient only themselves."""
    sitting = await stored.sitting(db, actor, session_id)
    seats = await stored.roster(db, actor, sitting)
    if actor.role is Role.PATIENT and not seats:
        raise NotFound
    audit.record(
        db, actor, now, Permission.ATTENDANCE_READ, of="treatment_session", id=session_id,
        patient_ids=[each.patient_id for each in seats],
    )  # fmt: skip
    response.headers["Cache-Control"] = PRIVATE
    return Roster.of(session_id, seats)


@router.put(ROSTER, operation_id="record_roster", max_body_size=BATCH_BYTES)
async def record(session_id: UUID, body: RosterBody, actor: Recorder, db: Db, now: Now) -> RosterReply:
    """Write down a whole roster, all of it or nothing. Sending it again changes nothing."""
    items = [_item(each.patient_id, each) for each in body.items]
    results = await rosters.record(db, actor, session_id, items, now)
    return RosterReply(items=[RosterResult.of(row, changed=changed) for row, changed in results])


@router.get(ROSTER + "/{patient_id}", operation_id="read_attendance")
async def one(
    session_id: UUID, patient_id: Whose, actor: Reader, db: Db, now: Now, response: Response
) -> AttendanceDetail:
    """What is known of one patient in a session, and how it came about."""
    seat = await stored.seat(db, actor, await stored.sitting(db, actor, session_id), patient_id)
    history = await stored.history(db, seat.attendance) if seat.attendance else ()
    reader_id = actor.id if actor.role is Role.PATIENT else None
    audit.record(db, actor, now, Permission.ATTENDANCE_READ, of="attendance", patient_id=patient_id)
    response.headers["Cache-Control"] = PRIVATE
    entries = [AttendanceEntryRead.of(each, reader_id) for each in history]
    return AttendanceDetail.seated(session_id, seat, history=entries)


@router.put(ROSTER + "/{patient_id}", operation_id="record_attendance")
async def record_one(
    session_id: UUID, patient_id: Whose, body: AttendanceBody, actor: Recorder, db: Db, now: Now
) -> AttendanceRead:
    """Write down one patient's part in a session, or correct it, at any time: what it was before is kept.

    The times decide whether they were late or left early, and how many minutes count. Somebody of the program
    who was not expected may be written down as well.
    """
    result = await rosters.record_one(db, actor, session_id, _item(patient_id, body), now)
    return AttendanceRead.of(result.attendance)


@router.get("/patients/{patient_id}/attendance", operation_id="list_attendance")
async def of_patient(
    *,
    patient_id: Whose,
    actor: Reader,
    db: Db,
    now: Now,
    page: CurrentPage,
    position: Position,
    response: Response,
    first_day: Annotated[Day | None, Query(alias="from", description="The first day of a session.")] = None,
    last_day: Annotated[Day | None, Query(alias="to", description="The last day of a session.")] = None,
) -> PatientAttendancePage:
    """What is known of a patient's part in sessions, the latest session first."""
    await patients.find(db, actor, patient_id)
    found = await stored.of_patient(
        db, actor, patient_id, first_day=first_day, last_day=last_day, limit=page.limit + 1, before=position
    )
    audit.record(db, actor, now, Permission.ATTENDANCE_READ, of="attendance", patient_id=patient_id)
    shown = found[: page.limit]
    keys = [key for row, treatment_session in shown[-1:] for key in (treatment_session.starts_at, row.id)]
    response.headers["Cache-Control"] = PRIVATE
    return PatientAttendancePage(
        items=[PatientAttendance.beside(*each) for each in shown],
        next_cursor=page.next_cursor(len(found) > page.limit, *keys),
    )


def _item(patient_id: UUID, body: AttendanceBody) -> Item:
    return Item(patient_id, body.said(), body.source, body.reason or None, body.revision)
