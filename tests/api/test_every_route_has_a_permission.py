"""A route that forgot its permission does not start."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from app.access import Actor, Permission
from app.dependencies import CurrentActor, requires
from app.dependencies.permissions import OpenRoute, names, open_routes, require_on_every_route
from app.routers import PUBLIC_ROUTES


def planted(*, guarded: bool) -> APIRouter:
    inner, outer = APIRouter(prefix="/inner"), APIRouter(prefix="/v1/planted")

    @inner.get("/{id}")
    async def signed_in_is_not_enough(id: str, actor: CurrentActor) -> None: ...

    @inner.post("/{id}")
    async def with_permission(id: str, actor: Annotated[Actor, requires(Permission.SELF_READ)]) -> None: ...

    if guarded:
        inner.routes.pop(0)
    outer.include_router(inner)
    return outer


async def test_every_route_names_its_permission_or_is_listed_as_public(app: FastAPI) -> None:
    seen = {name for each in iter_route_contexts(app.routes) for name in names(each.methods, each.path)}
    assert len(seen) > 15
    assert set(open_routes(app.routes)) == PUBLIC_ROUTES
    assert len(seen - PUBLIC_ROUTES) > 15, "most routes are not public"


async def test_what_is_listed_as_public_asks_for_no_permission(app: FastAPI) -> None:
    seen = {name for each in iter_route_contexts(app.routes) for name in names(each.methods, each.path)}
    assert (PUBLIC_ROUTES & seen) - set(open_routes(app.routes)) == set()


async def test_a_route_without_a_permission_is_found_however_deep(app: FastAPI) -> None:
    assert list(open_routes(planted(guarded=False).routes)) == ["GET /v1/planted/inner/{id}"]
    assert list(open_routes(planted(guarded=True).routes)) == []


async def test_an_application_with_such_a_route_does_not_start() -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(planted(guarded=True))
    require_on_every_route(app.routes, ())
    app.include_router(planted(guarded=False))
    with pytest.raises(OpenRoute, match=r"GET /v1/planted/inner/\{id\}"):
        require_on_every_route(app.routes, ())


async def test_a_mount_needs_to_be_listed_too() -> None:
    assert list(open_routes([Mount("/board", FastAPI())])) == ["ANY /board"]
