"""Ana's plan for a bad day, and Rosa, whom she lets in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.access import Role
from tests.people import Clinic, Person, client_for, token_for

PLAN = "/v1/patients/me/safety-plan"
SUPPORTERS = "/v1/patients/me/supporters"
JSON = dict[str, Any]


def plan(**steps: Any) -> JSON:
    """A plan in few words."""
    return {"steps": {"coping": ["Walk to the river"], **steps}}


def rosa(**members: Any) -> JSON:
    """The sister."""
    return {"id": str(uuid7()), "name": "Rosa", "relation": "my sister", **members}


async def let_in(patient: Person, **members: Any) -> JSON:
    """The reply to a patient who lets Rosa in."""
    reply = await patient.client.post(SUPPORTERS, json=rosa(**members))
    assert reply.status_code == 201, reply.text
    return dict(reply.json())


async def stand_by(app: FastAPI, patient: Person, **members: Any) -> Person:
    """Rosa beside this patient, with a token as the sign-in would give it."""
    added = await let_in(patient, **members)
    credential_id, supporter_id = uuid7(), UUID(added["id"])
    token = token_for(
        app, organization_id=patient.organization_id, id=supporter_id, role=Role.SUPPORTER,
        credential_id=credential_id,
    )  # fmt: skip
    client = client_for(app, token)
    return Person(
        supporter_id, Role.SUPPORTER, patient.organization_id, patient.program_id, credential_id, client
    )


@asynccontextmanager
async def standing_by(clinic: Clinic, patient: Person, **members: Any) -> AsyncIterator[Person]:
    """As `stand_by`, for the block."""
    person = await stand_by(clinic.app, patient, **members)
    async with person.client:
        yield person
