"""Admit a patient, and change what we know of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Unacceptable
from app.models import Patient
from app.queries import absences, audit, events, idempotency
from app.queries import patients as stored
from app.services import enrollments

OWN_COLUMNS = frozenset({"locale", "time_zone", "phone"})
"""What patients change themselves."""
NAME_COLUMNS = frozenset({"given_name", "family_name"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A new patient. `locale` is en or es, `time_zone` an IANA name."""

    id: UUID
    given_name: str
    family_name: str
    born_on: date | None
    sex: str | None
    phone: str | None
    locale: str
    time_zone: str


async def add(
    db: Db, actor: Actor, draft: Draft, enrollment: enrollments.Draft | None, now: datetime
) -> Patient:
    """Admit a patient, with their first stay.

    Only an administrator may leave the stay for later: anybody else would not see the patient again. Raises
    `Conflict` for an id in use, `Unacceptable`.
    """
    if enrollment is None and actor.role is not Role.ADMINISTRATOR:
        raise Unacceptable.at("/enrollment", "missing", "Say which program of yours the patient starts in.")
    columns = {name: getattr(draft, name) for name in Draft.__slots__}
    patient = Patient(organization_id=db.organization_id, created_at=now, **columns)
    _require_born(patient, now)
    await idempotency.add_new(db, patient)
    if enrollment is not None:
        await enrollments.begin(db, actor, patient.id, enrollment, now, pointer="/enrollment/program_id")
    _record(db, actor, patient, now)
    return patient


async def change(
    db: Db, actor: Actor, patient_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> Patient:
    """Set these columns of a patient; patients set a few of their own.

    Raises `NotFound` for a patient who is not visible, `Forbidden` for what the actor may not set,
    `PreconditionFailed` for another version.
    """
    await stored.find(db, actor, patient_id)
    if actor.role is not Role.PATIENT or changes.keys() - OWN_COLUMNS:
        actor.require(Permission.PATIENT_MANAGE)
    patient = await stored.to_change(db, actor, patient_id, version)
    for column, value in changes.items():
        setattr(patient, column, value)
    _require_born(patient, now)
    await db.flush()
    if "time_zone" in changes:
        absences.look_again(db, patient_id, now)
    if changes.keys() & NAME_COLUMNS:  # stands on lists that a poller may have cached
        events.record_access_change(db)
    _record(db, actor, patient, now)
    return patient


def _require_born(patient: Patient, now: datetime) -> None:
    today = now.astimezone(ZoneInfo(patient.time_zone)).date()
    if patient.born_on is not None and patient.born_on > today:
        raise Unacceptable.at("/born_on", "too_late", "Not after today.")


def _record(db: Db, actor: Actor, patient: Patient, now: datetime) -> None:
    audit.record(
        db, actor, now, Permission.PATIENT_MANAGE, of="patient", id=patient.id, patient_id=patient.id
    )
