"""The people of one organization of the demonstration, and what joins them."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from app.database import Db
from app.demo import cast, hours
from app.demo.cast import id_of
from app.models import CareTeamMember, Enrollment, Patient, ProgramStaff, StaffMember
from app.services import organizations, programs

LEVEL_OF_CARE = "2.1"  # intensive outpatient, in ASAM's criteria
PAYERS: Final[Mapping[str, str]] = {
    "carmen": "h0015", "darius": "medicare", "felix": "h0015", "aiden": "wisconsin_medicaid",
    "jade": "wisconsin_medicaid", "frank": "medicare", "irene": "medicare",
}  # fmt: skip
"""Who pays for some of the stays; of the others it is not known."""
_YEAR = timedelta(days=365.25)


async def add(db: Db, organization: cast.Organization, since: date, now: datetime) -> None:
    """Everybody of the organization; the patients' stays began on `since`."""
    draft = organizations.Draft(
        organization.id, organization.name, hours.COUNTRY, "en", organization.time_zone
    )
    await organizations.found(db, draft, now)
    for program in organization.programs:
        await programs.add(db, None, _program(program, now.date()), now)
    tenant = {"organization_id": organization.id}
    zones = {program.key: program.time_zone for program in organization.programs}
    for member in organization.staff:
        await db.add(_staff_member(member, organization.time_zone, now, tenant))
    for patient in organization.patients:
        await db.add(_patient(patient, zones[patient.program], now, tenant))
    await db.add(
        *(
            ProgramStaff(
                program_id=id_of("program", key),
                staff_member_id=id_of("staff", member.key),
                since=now,
                **tenant,
            )
            for member in organization.staff
            for key in member.programs
        ),
        *(_enrollment(patient, since, now, tenant) for patient in organization.patients),
        *(_primary_counselor(patient, now, tenant) for patient in organization.patients),
    )


def _program(program: cast.Program, today: date) -> programs.Draft:
    lowest, highest = program.hours
    return programs.Draft(
        id=id_of("program", program.key), name=program.name, level_of_care=LEVEL_OF_CARE,
        population=program.population, minimum_weekly_hours=lowest, maximum_weekly_hours=highest,
        time_zone=program.time_zone, week_starts_on=0, questions=[], sentences={},
        calendar=hours.calendar(program, today),
    )  # fmt: skip


def _staff_member(member: cast.Staff, zone: str, now: datetime, tenant: dict[str, Any]) -> StaffMember:
    return StaffMember(
        id=id_of("staff", member.key), name=member.name, role=member.role, email=f"{member.key}@example.org",
        locale="en", time_zone=zone, active=True, created_at=now, **tenant,
    )  # fmt: skip


def _patient(patient: cast.Patient, zone: str, now: datetime, tenant: dict[str, Any]) -> Patient:
    return Patient(
        id=id_of("patient", patient.key), given_name=patient.given_name, family_name=patient.family_name,
        born_on=born_on(patient, now), sex=patient.sex, phone=patient.phone,
        locale=patient.locale, time_zone=zone, created_at=now, **tenant,
    )  # fmt: skip


def born_on(patient: cast.Patient, admitted: datetime) -> date:
    """The birthday of somebody who has the age of the cast when they are admitted."""
    return (admitted - (patient.age + 0.4) * _YEAR).date()


def _enrollment(patient: cast.Patient, since: date, now: datetime, tenant: dict[str, Any]) -> Enrollment:
    return Enrollment(
        id=id_of("enrollment", patient.key), patient_id=id_of("patient", patient.key),
        program_id=id_of("program", patient.program), starts_on=since, status="active",
        payer=PAYERS.get(patient.key), absence_due_at=now, hours_due_at=None, created_at=now, **tenant,
    )  # fmt: skip


def _primary_counselor(patient: cast.Patient, now: datetime, tenant: dict[str, Any]) -> CareTeamMember:
    return CareTeamMember(
        patient_id=id_of("patient", patient.key), staff_member_id=id_of("staff", patient.counselor),
        function="primary_counselor", since=now, **tenant,
    )  # fmt: skip
