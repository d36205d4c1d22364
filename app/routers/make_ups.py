"""Make-ups: which sessions would make up for a missed one; take a chair in one of them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.edge.strict_route import router as strict_router
from app.models import Attendance, TreatmentSession
from app.queries import attendances, audit
from app.queries import make_ups as stored
from app.schemas.absence import Booked, MakeUpBody, MakeUps
from app.schemas.attendance import SessionRef
from app.services import make_ups

router = strict_router("/v1/sessions/{session_id}", "attendance")

Reporter = Annotated[Actor, requires(Permission.ABSENCE_REPORT)]
Named = Annotated[UUID | None, Query(description="Of whom staff ask; a patient asks of themselves.")]


@router.get("/make-ups", operation_id="list_make_ups")
async def many(*, session_id: UUID, actor: Reporter, db: Db, now: Now, patient_id: Named = None) -> MakeUps:
    """The sessions with room that would make up for a missed one; none when it was not missed."""
    sitting = await attendances.sitting(db, actor, session_id)
    whose = await attendances.whose(db, actor, patient_id)
    seat = await attendances.seat(db, actor, sitting, whose)
    owed = await stored.owed(db, sitting, seat.attendance)
    options = await stored.options(db, owed[0], whose, now) if owed else ()
    booked = await stored.booked(db, owed[1]) if owed else None
    audit.record(db, actor, now, Permission.ABSENCE_REPORT, of="attendance", patient_id=whose)
    return MakeUps.of(options, _read(*booked) if booked else None)


@router.post(
    "/make-up",
    status_code=201,
    operation_id="book_make_up",
    responses={200: {"model": Booked, "description": "Booked before: the same chair."}},
)
async def book(
    *, session_id: UUID, body: MakeUpBody, actor: Reporter, db: Db, now: Now, response: Response
) -> Booked:
    """Take a chair in another session, to make up for this one. 409 when the last one has just gone.

    Attending it, for at least half of what was missed, makes up for it, and closes its alert.
    """
    found = await make_ups.book(db, actor, session_id, body.patient_id, body.session_id, now)
    response.status_code = 201 if found.is_new else 200
    return _read(found.attendance, found.treatment_session)


@router.delete("/make-up", status_code=204, operation_id="withdraw_make_up")
async def withdraw(*, session_id: UUID, actor: Reporter, db: Db, now: Now, patient_id: Named = None) -> None:
    """Give the chair back, before the session begins."""
    await make_ups.withdraw(db, actor, session_id, patient_id, now)


def _read(attendance: Attendance, treatment_session: TreatmentSession) -> Booked:
    return Booked.of(attendance, treatment_session=SessionRef.model_validate(treatment_session))
