"""Another time of day for one person's requests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from httpx import AsyncClient

from tests.people import Clinic, Person, client_for, token_for


@asynccontextmanager
async def at(clinic: Clinic, person: Person, moment: datetime) -> AsyncIterator[AsyncClient]:
    """The person's client, for the application at this moment, with a token of then."""
    token = token_for(
        clinic.app, organization_id=person.organization_id, id=person.id, role=person.role,
        credential_id=person.credential_id, now=moment,
    )  # fmt: skip
    genuine, clinic.app.state.clock = clinic.app.state.clock, lambda: moment
    try:
        async with client_for(clinic.app, token) as client:
            yield client
    finally:
        clinic.app.state.clock = genuine
