"""Stays of patients in programs: list, begin, change."""

from typing import Annotated
from uuid import UUID

from fastapi import Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.etag import tagged
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit, patients
from app.queries import enrollments as stored
from app.schemas.enrollment import EnrollmentBody, EnrollmentChange, EnrollmentList, EnrollmentRead
from app.services import enrollments
from app.services.enrollments import Draft

router = strict_router("/v1", "people")


@router.get("/patients/{patient_id}/enrollments", operation_id="list_enrollments")
async def many(
    patient_id: Whose, actor: Annotated[Actor, requires(Permission.ENROLLMENT_READ)], db: Db, now: Now
) -> EnrollmentList:
    """A patient's stays, newest first."""
    await patients.find(db, actor, patient_id)
    found = await stored.of_patient(db, actor, patient_id)
    audit.record(db, actor, now, Permission.ENROLLMENT_READ, of="enrollment", patient_id=patient_id)
    return EnrollmentList(items=[EnrollmentRead.model_validate(each) for each in found])


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
    actor: Annotated[Actor, requires(Permission.ENROLLMENT_MANAGE)],
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> EnrollmentRead:
    """Begin a stay. A patient has one running stay at a time."""
    await patients.find(db, actor, patient_id)
    if first := await once.first(body, body.id):
        audit.record(db, actor, now, Permission.ENROLLMENT_READ, of="enrollment", patient_id=patient_id)
        return tagged(response, EnrollmentRead.model_validate(first))
    draft = Draft(body.id or uuid7(), body.program_id, body.starts_on)
    enrollment = await enrollments.enroll(db, actor, patient_id, draft, now)
    return tagged(response, once.keep(EnrollmentRead.model_validate(enrollment)))


@router.patch("/enrollments/{enrollment_id}", operation_id="change_enrollment")
async def change(
    *,
    enrollment_id: UUID,
    body: EnrollmentChange,
    version: ExpectedVersion,
    actor: Annotated[Actor, requires(Permission.ENROLLMENT_MANAGE)],
    db: Db,
    now: Now,
    response: Response,
) -> EnrollmentRead:
    """Let a stay pause, go on, or end."""
    changes = body.model_dump(exclude_unset=True)
    enrollment = await enrollments.change(db, actor, enrollment_id, changes, version=version, now=now)
    return tagged(response, EnrollmentRead.model_validate(enrollment))
