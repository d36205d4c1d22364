"""People with passwords, and phones with an address each: attempts are counted by address."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app import clock
from app.database import unit_of_work
from app.services import credentials
from tests.people import Person

PASSWORD = "a long walk by the river"
TOKEN = "/v1/auth/token"
JSON = dict[str, Any]


def new_address() -> str:
    """In a network that no other test uses."""
    return f"fd00:{secrets.token_hex(2)}:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


def phone(app: FastAPI, address: str | None = None) -> AsyncClient:
    """A client that nobody is signed in with."""
    transport = ASGITransport(app=app, raise_app_exceptions=False, client=(address or new_address(), 1))
    return AsyncClient(transport=transport, base_url="http://handrail.test")


async def give_password(app: FastAPI, person: Person, username: str | None = None) -> str:
    """Let this person sign in with PASSWORD; the user name."""
    username = username or f"user-{secrets.token_hex(6)}@example.org"
    owner = "patient_id" if person.role == "patient" else "staff_member_id"
    async with unit_of_work(app.state.engine, person.organization_id) as db:
        await credentials.add_credential(
            db, username=username, password=PASSWORD, now=clock.now(), **{owner: person.id}
        )
    return username


async def sign_in(client: AsyncClient, username: str, password: str = PASSWORD, **more: str) -> Response:
    form = {"grant_type": "password", "username": username, "password": password, **more}
    return await client.post(TOKEN, data=form)


async def refresh(client: AsyncClient, token: str) -> Response:
    return await client.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": token})


async def signed_in(app: FastAPI, person: Person, **more: str) -> JSON:
    """The token reply of this person on a new device."""
    async with phone(app) as client:
        reply = await sign_in(client, await give_password(app, person), **more)
    assert reply.status_code == 200, reply.text
    return dict(reply.json())


def bearer(reply: JSON) -> dict[str, str]:
    return {"Authorization": f"Bearer {reply['access_token']}"}


@contextmanager
def later(app: FastAPI, by: timedelta, start: datetime | None = None) -> Iterator[datetime]:
    """Answer requests as if it were that much later."""
    moment = (start or clock.now()) + by
    genuine, app.state.clock = app.state.clock, lambda: moment
    try:
        yield moment
    finally:
        app.state.clock = genuine
