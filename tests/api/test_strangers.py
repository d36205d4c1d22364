"""A stranger learns that they are one, and nothing else: no header that is missing, no fault of a body."""

import re

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from uuid_utils.compat import uuid7

from app.dependencies.permissions import names
from app.routers import PUBLIC_ROUTES
from tests.people import Clinic


async def test_whoever_brings_nothing_hears_401_of_every_route(app: FastAPI, clinic: Clinic) -> None:
    seen = {name for each in iter_route_contexts(app.routes) for name in names(each.methods, each.path)}
    guarded = sorted(seen - PUBLIC_ROUTES)
    assert len(guarded) > 60
    for name in guarded:
        method, path = name.split(" ")
        path = re.sub(r"\{[^}]+\}", lambda _: str(uuid7()), path)
        reply = await clinic.nobody.request(method, path)
        assert reply.status_code == 401, f"{name}: {reply.status_code}"
