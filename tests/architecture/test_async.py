"""Handlers and dependencies are `async def`: a plain `def` goes through a thread, which halves the rate."""

from collections.abc import Iterator
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts


def threaded(app: FastAPI) -> tuple[int, list[str]]:
    """How many routes were seen, and what of them is not async."""
    routes = [
        context.original_route
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    ]
    calls = {call for route in routes for call in _calls(route.dependant)}
    return len(routes), sorted(_name(call) for call in calls if not _is_async(call))


def _calls(dependant: Any) -> Iterator[Any]:
    if dependant.call is not None:
        yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def _is_async(call: Any) -> bool:
    calls = (call, vars(type(call)).get("__call__"))
    return any(iscoroutinefunction(each) or isasyncgenfunction(each) for each in calls)


def _name(call: Any) -> str:
    return f"{call.__module__}.{getattr(call, '__qualname__', type(call).__qualname__)}"


async def test_nothing_on_a_request_goes_through_a_thread(app: FastAPI) -> None:
    seen, found = threaded(app)
    assert seen > 40
    assert found == []


def test_a_plain_function_is_found() -> None:
    def slow() -> int:
        return 1

    router = APIRouter()

    @router.get("/planted")
    async def planted(value: Annotated[int, Depends(slow)]) -> int:
        return value

    app = FastAPI()
    app.include_router(router)
    _, found = threaded(app)
    assert [name.split(".")[-1] for name in found] == ["slow"]
