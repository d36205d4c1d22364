"""The route class of every router: strict JSON, bounded bodies, the right content type."""

from collections.abc import Awaitable, Callable, Coroutine
from email.message import Message
from typing import Any, ClassVar

from fastapi import APIRouter
from fastapi.params import Form
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.edge.strict_json import read_json
from app.problems import PROBLEM_RESPONSES

BODY_BYTES = 64 * 1024
"""What a body may weigh."""

BATCH_BYTES = 256 * 1024
"""What a batch may weigh: `max_body_size=BATCH_BYTES` on its route."""


class StrictRequest(Request):
    """A request whose JSON has no traps."""

    async def json(self) -> Any:
        """The parsed body. Raises `MalformedJson`."""
        return read_json(await self.body())


class StrictRoute(APIRoute):
    """Reads bodies through `request_class`; where JSON is meant, refuses a body of another type."""

    request_class: ClassVar[type[StrictRequest]] = StrictRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, on a strict request."""
        handle = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def strict(request: Request) -> Response:
            strict_request = self.request_class(request.scope, request.receive)
            if takes_json and not _is_json(request.headers.get("content-type", "")):
                await _refuse_a_body(strict_request.body())
            return await handle(strict_request)

        return strict


async def _refuse_a_body(body: Awaitable[bytes]) -> None:
    """An absent body is left to validation, which may allow it."""
    if await body:
        raise HTTPException(415)


def _is_json(content_type: str) -> bool:
    if content_type == "application/json":
        return True
    header = Message()
    header["content-type"] = content_type
    kind = header.get_content_type()
    return kind.startswith("application/") and kind.removeprefix("application/").split("+")[-1] == "json"


def router(
    prefix: str, *tags: str, route_class: type[StrictRoute] = StrictRoute, max_body_size: int = BODY_BYTES
) -> APIRouter:
    """A router as all of ours are made: strict routes, `BODY_BYTES`, problems in the document.

    The body limit stands on routers and not on the application, whose own limiter would answer outside the
    edge, in plain text.
    """
    return APIRouter(
        prefix=prefix,
        tags=list(tags),
        route_class=route_class,
        max_body_size=max_body_size,
        responses=PROBLEM_RESPONSES,
    )
