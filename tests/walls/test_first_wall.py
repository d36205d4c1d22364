"""The first wall alone: with row-level security gone from every table, the application's queries still show
nobody of Lakeside anything of Riverside's, and let them change nothing, over every operation there is."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi import FastAPI
from httpx import Response
from sqlalchemy import select

from app.access import Role
from app.dependencies import Db
from app.main import create_app
from app.models import Patient
from app.settings import Settings
from tests.people import Clinic, Person, add_person, open_clinics
from tests.supporting import stand_by
from tests.walls.catalogue import faults, tenant_tables
from tests.walls.story import check_in, ids_of, rows_of, tell

ENDLESS = {"/v1/alerts/stream"}  # of the caller's own organization only; names nobody
REFUSED = {401, 403, 404, 409, 412, 415, 422, 428}
NOT_OF_A_PERSON = {
    "channel": "email",
    "code": "phq-9",
    "instrument": "phq-9",
    "meeting_id": "evening-group",
    "secret": "none",
    "severity": "high",
    "version": "1",
}

TABLES = {"delivery": "webhook_delivery", "session": "treatment_session"}
"""Where a path says less than the table's name."""


@dataclass(frozen=True)
class Operation:
    """One operation of the API, with paths and bodies that name what is Riverside's."""

    method: str
    path: str
    body: Any
    names_riverside: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def unwalled(
    settings: Settings, own_database: str, superuser: psycopg.Connection
) -> AsyncIterator[Clinic]:
    """Two organizations in a database whose second wall was taken down."""
    for table in tenant_tables(superuser):
        superuser.execute(f"drop policy tenant on {table}")
        superuser.execute(f"alter table {table} no force row level security, disable row level security")
    assert len(faults(superuser)) == 3 * len(tenant_tables(superuser))
    app = create_app(settings, own_database)
    async with app.router.lifespan_context(app), open_clinics(app) as clinic:
        await tell(clinic)
        yield clinic


async def lakeside(clinic: Clinic) -> dict[str, Person]:
    """Somebody of each role, all of another organization."""
    people = {"ivan": clinic.ivan, "dmitri": clinic.dmitri}
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR, Role.AUDITOR):
        people[role.value] = await add_person(
            clinic.app, clinic.dmitri.organization_id, clinic.dmitri.program_id, role, role.value
        )
    people["supporter"] = await stand_by(clinic.app, clinic.ivan, shares=["safety_plan"])
    return people


def operations(app: FastAPI, superuser: psycopg.Connection, riverside: UUID) -> Iterator[Operation]:
    document = app.openapi()
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if not path.startswith("/v1/") or path in ENDLESS:
                continue
            filled, names_riverside = path, False
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "path":
                    value = value_of(superuser, riverside, parameter["name"])
                    names_riverside |= parameter["name"] not in NOT_OF_A_PERSON
                    filled = filled.replace(f"{{{parameter['name']}}}", value)
            yield Operation(method.upper(), filled, example(document, operation), names_riverside)


def value_of(superuser: psycopg.Connection, riverside: UUID, parameter: str) -> str:
    """For `alert_id` the id of an alert of Riverside's."""
    if parameter in NOT_OF_A_PERSON:
        return NOT_OF_A_PERSON[parameter]
    if parameter == "organization_id":
        return str(riverside)
    noun = parameter.removesuffix("_id")
    noun = TABLES.get(noun, noun)
    rows = superuser.execute(
        f"select id::text from {noun} where organization_id = %s limit 1", [riverside]
    ).fetchall()
    assert rows, f"Riverside has no {noun}: add one to tests/walls/story.py"
    found: str = rows[0][0]
    return found


def example(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The body that the document itself shows."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    schema = content["schema"]
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    examples = content.get("examples", {}).values()
    return next((each["value"] for each in examples), next(iter(schema.get("examples", ())), {}))


async def ask(person: Person, operation: Operation) -> Response:
    return await person.client.request(
        operation.method,
        operation.path,
        json=operation.body,
        headers={"If-Match": '"1"', "Idempotency-Key": f"{operation}-{person.role}"},
    )


async def leaks(clinic: Clinic, superuser: psycopg.Connection) -> list[str]:
    """Every operation that lets somebody of Lakeside through. Prints how many it looked at."""
    every = list(operations(clinic.app, superuser, clinic.organization_id))
    people = await lakeside(clinic)
    ours = ids_of(superuser, clinic.organization_id)
    found, named = [], sum(operation.names_riverside for operation in every)
    for operation in every:
        replies = {name: await ask(person, operation) for name, person in people.items()}
        for name, reply in replies.items():
            if reply.status_code >= 500:
                found.append(f"{operation} answers {name} {reply.status_code}")
            if any(each in reply.text for each in ours):
                found.append(f"{operation} tells {name} of Riverside")
            if operation.names_riverside and reply.status_code not in REFUSED:
                found.append(f"{operation} answers {name} {reply.status_code}")
        hidden = any(reply.status_code == 404 for reply in replies.values())
        if operation.names_riverside and operation.method == "GET" and not hidden:
            found.append(f"{operation} is 404 for nobody")
    print(f"{len(every)} operations, {named} with Riverside's ids, as {len(people)} people of Lakeside")
    assert named >= 5
    return found


async def test_nobody_of_lakeside_meets_riverside_in_any_operation(
    unwalled: Clinic, superuser: psycopg.Connection
) -> None:
    before = rows_of(superuser, unwalled.organization_id)
    assert await leaks(unwalled, superuser) == []
    after = rows_of(superuser, unwalled.organization_id)
    # Whoever calls by a signature that is none is known by nothing else than what they called.
    traces = set(after.pop("audit_entry")) - set(before.pop("audit_entry"))
    assert all(",refused," in each for each in traces)
    assert after == before


async def test_a_query_that_forgets_its_scope_is_found(
    unwalled: Clinic, superuser: psycopg.Connection
) -> None:
    @unwalled.app.get("/v1/planted/{patient_id}")
    async def planted(patient_id: UUID, db: Db) -> str:
        patient = await db.scalar(select(Patient).where(Patient.id == patient_id))
        return str(patient.id)

    path = f"/v1/planted/{unwalled.ana.id}"
    found = [line for line in await leaks(unwalled, superuser) if path in line]
    assert f"GET {path} answers dmitri 200" in found
    assert f"GET {path} is 404 for nobody" in found


async def test_ana_herself_is_let_in(unwalled: Clinic, superuser: psycopg.Connection) -> None:
    """Else a wall that refuses everybody would pass."""
    path = f"/v1/patients/{unwalled.ana.id}/check-ins"
    assert (await unwalled.ana.client.post(path, json=check_in(mood=5))).status_code == 201
    assert (await unwalled.ben.client.post(path, json=check_in(mood=5))).status_code == 404
    assert (await unwalled.ivan.client.post(path, json=check_in(mood=5))).status_code == 404
