"""The people of the tests: ana and ben (patients), clara (their counselor), sam (supervisor), adele
(administrator), olga (auditor); and dmitri, counselor of another organization, with his patient ivan."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from uuid_utils.compat import uuid7

from app import clock
from app.access import Role
from app.database import unit_of_work
from app.models import CareTeamMember, Credential, Enrollment, Patient, ProgramStaff, StaffMember
from app.services import organizations, programs
from app.tokens import Claims, issue

ADMITTED = date(2026, 1, 5)
PASSWORD_HASH = "nobody signs in with this"


@dataclass(frozen=True)
class Person:
    """Somebody with an HTTP client that carries their access token."""

    id: UUID
    role: Role
    organization_id: UUID
    program_id: UUID
    credential_id: UUID
    client: AsyncClient


@dataclass(frozen=True)
class Clinic:
    """Everybody, and the application they use."""

    app: FastAPI
    organization_id: UUID
    program_id: UUID
    ana: Person
    ben: Person
    clara: Person
    sam: Person
    adele: Person
    olga: Person
    dmitri: Person
    ivan: Person
    nobody: AsyncClient


def token_for(
    app: FastAPI, *, organization_id: UUID, id: UUID, role: Role, credential_id: UUID,
    scope: tuple[str, ...] = (), device_id: UUID | None = None, now: datetime | None = None,
) -> str:  # fmt: skip
    """An access token as the sign-in would give it."""
    settings = app.state.settings
    kind = role.value if role in {Role.PATIENT, Role.SUPPORTER, Role.INTEGRATION} else "staff"
    issued = (now or clock.now()).replace(microsecond=0)
    claims = Claims(
        issuer=settings.issuer, audience=settings.audience, subject=id, organization_id=organization_id,
        kind=kind, role=role.value, scope=scope, credential_id=credential_id, device_id=device_id,
        token_id=uuid7(), issued_at=issued, expires_at=issued + timedelta(minutes=10),
    )  # fmt: skip
    return issue(app.state.keys, claims)


def client_for(app: FastAPI, token: str | None = None) -> AsyncClient:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    transport = ASGITransport(app=app, raise_app_exceptions=False)
    return AsyncClient(transport=transport, base_url="http://handrail.test", headers=headers)


async def add_person(app: FastAPI, organization_id: UUID, program_id: UUID, role: Role, name: str) -> Person:
    """Somebody new of this role in this program, with a credential."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    person_id, credential_id = uuid7(), uuid7()
    is_patient = role is Role.PATIENT
    async with unit_of_work(app.state.engine, organization_id) as db:
        tenant: dict[str, Any] = {"organization_id": organization_id}
        common: dict[str, Any] = {"locale": "en", "time_zone": "America/New_York", "created_at": now}
        if is_patient:
            await db.add(Patient(id=person_id, given_name=name, family_name="Example", **tenant, **common))
            await db.add(
                Enrollment(
                    id=uuid7(), patient_id=person_id, program_id=program_id, starts_on=ADMITTED,
                    status="active", created_at=now, **tenant,
                )
            )  # fmt: skip
        else:
            await db.add(
                StaffMember(id=person_id, name=name, role=role.value, active=True, **tenant, **common)
            )
            await db.add(ProgramStaff(program_id=program_id, staff_member_id=person_id, since=now, **tenant))
        owner = {"patient_id": person_id} if is_patient else {"staff_member_id": person_id}
        await db.add(
            Credential(
                id=credential_id, username=f"{name}-{person_id}", secret_hash=PASSWORD_HASH, scope=[],
                created_at=now, **tenant, **owner,
            )
        )  # fmt: skip
    token = token_for(
        app, organization_id=organization_id, id=person_id, role=role, credential_id=credential_id
    )
    return Person(person_id, role, organization_id, program_id, credential_id, client_for(app, token))


async def add_organization(app: FastAPI, name: str) -> tuple[UUID, UUID]:
    """A new organization with one program under the default rules: both ids."""
    organization_id, program_id = uuid7(), uuid7()
    now = datetime(2026, 1, 5, tzinfo=UTC)
    async with unit_of_work(app.state.engine, organization_id) as db:
        await organizations.found(
            db, organizations.Draft(organization_id, name, "US", "en", "America/New_York"), now
        )
        await programs.add(
            db,
            None,
            programs.Draft(
                id=program_id, name="Evening IOP", level_of_care="2.1", population="adults",
                minimum_weekly_hours=9, maximum_weekly_hours=19, time_zone="America/New_York",
                week_starts_on=0, questions=[], sentences={},
            ),
            now,
        )  # fmt: skip
    return organization_id, program_id


@asynccontextmanager
async def open_clinics(app: FastAPI) -> AsyncIterator[Clinic]:
    """Two organizations that know nothing of each other."""
    riverside, evening = await add_organization(app, "Riverside")
    lakeside, other = await add_organization(app, "Lakeside")
    of_riverside = {
        "ana": Role.PATIENT, "ben": Role.PATIENT, "clara": Role.COUNSELOR, "sam": Role.SUPERVISOR,
        "adele": Role.ADMINISTRATOR, "olga": Role.AUDITOR,
    }  # fmt: skip
    people = {
        name: await add_person(app, riverside, evening, role, name) for name, role in of_riverside.items()
    }
    people["dmitri"] = await add_person(app, lakeside, other, Role.COUNSELOR, "dmitri")
    people["ivan"] = await add_person(app, lakeside, other, Role.PATIENT, "ivan")
    async with unit_of_work(app.state.engine, riverside) as db:
        await db.add(
            CareTeamMember(
                organization_id=riverside, patient_id=people["ana"].id, staff_member_id=people["clara"].id,
                function="primary_counselor", since=datetime(2026, 1, 5, tzinfo=UTC),
            )
        )  # fmt: skip
    async with AsyncExitStack() as stack:
        for person in people.values():
            await stack.enter_async_context(person.client)
        nobody = await stack.enter_async_context(client_for(app))
        yield Clinic(app, riverside, evening, nobody=nobody, **people)
