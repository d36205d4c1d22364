"""Stays of patients in programs, and leaves of absence from them: list, begin, change."""

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.etag import tagged
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.models import Enrollment, LeaveOfAbsence
from app.queries import audit, patients
from app.queries import enrollments as stored
from app.queries import leaves as stored_leaves
from app.schemas.enrollment import (
    EnrollmentBody,
    EnrollmentChange,
    EnrollmentList,
    EnrollmentRead,
    LeaveBody,
    LeaveRead,
)
from app.services import enrollments, leaves
from app.services.enrollments import Draft

router = strict_router("/v1", "people")
Manager = Annotated[Actor, requires(Permission.ENROLLMENT_MANAGE)]


@router.get("/patients/{patient_id}/enrollments", operation_id="list_enrollments")
async def many(
    patient_id: Whose, actor: Annotated[Actor, requires(Permission.ENROLLMENT_READ)], db: Db, now: Now
) -> EnrollmentList:
    """A patient's stays, newest first."""
    await patients.find(db, actor, patient_id)
    found = await stored.of_patient(db, actor, patient_id)
    away = await stored_leaves.of_patient(db, actor, patient_id)
    audit.record(db, actor, now, Permission.ENROLLMENT_READ, of="enrollment", patient_id=patient_id)
    return EnrollmentList(items=[_read(each, away) for each in found])


@router.post(
    "/patients/{patient_id}/enrollments",
    status_code=201,
    operation_id="enroll_patient",
    responses={200: {"model": EnrollmentRead, "description": "Enrolled before: the first result."}},
)
async def enroll(
    *,
    patient_id: Whose,
    body: EnrollmentBody,
    actor: Manager,
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> EnrollmentRead:
    """Begin a stay. A patient has one running stay at a time.

    `payer` is a code of `GET /v1/payer-rules`: its hours of that date then hold beside the program's.
    """
    await patients.find(db, actor, patient_id)
    if first := await once.first(body, body.id):
        audit.record(db, actor, now, Permission.ENROLLMENT_READ, of="enrollment", patient_id=patient_id)
        return tagged(response, EnrollmentRead.model_validate(first))
    draft = Draft(body.id or uuid7(), body.program_id, body.starts_on, body.payer)
    enrollment = await enrollments.enroll(db, actor, patient_id, draft, now)
    return tagged(response, once.keep(_read(enrollment, ())))


@router.patch("/enrollments/{enrollment_id}", operation_id="change_enrollment")
async def change(
    *,
    enrollment_id: UUID,
    body: EnrollmentChange,
    version: ExpectedVersion,
    actor: Manager,
    db: Db,
    now: Now,
    response: Response,
) -> EnrollmentRead:
    """Let a stay pause, go on, or end.

    `on_leave` begins a leave of absence now, `active` ends it now, and so does the end of the stay, which
    also withdraws leaves that are planned. A leave with `back_on` ends by itself: from that day on silence
    counts again, even if nobody changes the status.
    """
    changes = body.model_dump(exclude_unset=True)
    enrollment = await enrollments.change(db, actor, enrollment_id, changes, version=version, now=now)
    return tagged(response, _read(enrollment, await stored_leaves.of_enrollment(db, enrollment_id)))


@router.post(
    "/enrollments/{enrollment_id}/leaves",
    status_code=201,
    operation_id="add_leave",
    responses={200: {"model": LeaveRead, "description": "Added before: the first result."}},
)
async def add_leave(
    *, enrollment_id: UUID, body: LeaveBody, actor: Manager, db: Db, now: Now, once: OnlyOnce
) -> LeaveRead:
    """Plan a leave of absence, or note one that was taken.

    Nothing is asked of the patient meanwhile, and silence does not count. The status stays as it is.
    """
    stay = await stored.find(db, actor, enrollment_id)
    if first := await once.first(body, body.id):
        audit.record(
            db, actor, now, Permission.ENROLLMENT_READ, of="leave_of_absence", patient_id=stay.patient_id
        )
        return LeaveRead.model_validate(first)
    draft = leaves.Draft(body.id or uuid7(), body.first_day, body.back_on)
    leave = await leaves.plan(db, actor, enrollment_id, draft, now)
    return once.keep(LeaveRead.model_validate(leave))


@router.delete(
    "/enrollments/{enrollment_id}/leaves/{leave_of_absence_id}", status_code=204, operation_id="end_leave"
)
async def end_leave(enrollment_id: UUID, leave_of_absence_id: UUID, actor: Manager, db: Db, now: Now) -> None:
    """Withdraw a leave that has not begun; one that has ends now, and one that is over stays."""
    await leaves.end(db, actor, enrollment_id, leave_of_absence_id, now)


def _read(enrollment: Enrollment, away: Iterable[LeaveOfAbsence]) -> EnrollmentRead:
    columns = {name: getattr(enrollment, name) for name in EnrollmentRead.model_fields.keys() - {"leaves"}}
    of_stay = [LeaveRead.model_validate(each) for each in away if each.enrollment_id == enrollment.id]
    return EnrollmentRead.model_validate({**columns, "leaves": of_stay})
