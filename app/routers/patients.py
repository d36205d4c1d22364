"""Patients: list, admit, read, change."""

from typing import Annotated

from fastapi import Query, Request, Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, Whose, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.queries import audit
from app.queries import patients as stored
from app.schemas.fields import Line
from app.schemas.patient import PatientBody, PatientChange, PatientPage, PatientRead
from app.services import enrollments, patients

router = strict_router("/v1/patients", "people")
NamePart = Annotated[Line | None, Query(description="Any part of given and family name.")]


@router.get("", operation_id="list_patients")
async def many(
    *,
    name: NamePart = None,
    page: CurrentIdPage,
    actor: Annotated[Actor, requires(Permission.PATIENT_READ)],
    db: Db,
    now: Now,
) -> PatientPage:
    """The patients that the caller may see, by family name."""
    found = await stored.listed(db, actor, name=name, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    audit.record(
        db, actor, now, Permission.PATIENT_READ, of="patient", patient_ids=[each.id for each in shown]
    )
    return PatientPage(items=[PatientRead.model_validate(each) for each in shown], next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_patient",
    responses={200: {"model": PatientRead, "description": "Added before: the first result."}},
)
async def add(
    *,
    body: PatientBody,
    actor: Annotated[Actor, requires(Permission.PATIENT_MANAGE)],
    db: Db,
    now: Now,
    once: OnlyOnce,
    response: Response,
) -> PatientRead:
    """Admit a patient, with their first stay. An invitation lets them set a password."""
    if first := await once.first(body, body.id):
        patient = PatientRead.model_validate(first)
        audit.record(
            db, actor, now, Permission.PATIENT_READ, of="patient", id=patient.id, patient_id=patient.id
        )
        return tagged(response, patient)
    admitted = await patients.add(db, actor, *drafts_of(body), now)
    return tagged(response, once.keep(PatientRead.model_validate(admitted)))


@router.get("/{patient_id}", operation_id="read_patient")
async def one(
    *,
    patient_id: Whose,
    actor: Annotated[Actor, requires(Permission.PATIENT_READ)],
    db: Db,
    now: Now,
    response: Response,
) -> PatientRead:
    """One patient."""
    patient = await stored.find(db, actor, patient_id)
    audit.record(db, actor, now, Permission.PATIENT_READ, of="patient", id=patient_id, patient_id=patient_id)
    return tagged(response, PatientRead.model_validate(patient))


@router.patch("/{patient_id}", operation_id="change_patient")
async def change(
    *,
    patient_id: Whose,
    body: PatientChange,
    version: ExpectedVersion,
    actor: Annotated[Actor, requires(Permission.PATIENT_READ)],
    db: Db,
    now: Now,
    request: Request,
    response: Response,
) -> PatientRead:
    """Change what we know of a patient. Patients change their own locale, time zone and phone."""
    request.state.permission = Permission.PATIENT_MANAGE  # what a refusal is audited as
    changes = body.model_dump(exclude_unset=True)
    patient = await patients.change(db, actor, patient_id, changes, version=version, now=now)
    return tagged(response, PatientRead.model_validate(patient))


def drafts_of(body: PatientBody) -> tuple[patients.Draft, enrollments.Draft | None]:
    """The patient and their first stay, as the service takes them."""
    columns = body.model_dump(exclude={"id", "enrollment"})
    patient = patients.Draft(id=body.id or uuid7(), **columns)
    if (stay := body.enrollment) is None:
        return patient, None
    return patient, enrollments.Draft(stay.id or uuid7(), stay.program_id, stay.starts_on, stay.payer)
