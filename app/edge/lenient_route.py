"""A route for a cry for help: whatever can be read of its body, is.

A phone that cuts a text in the middle of an emoji, sends no Content-Type, or has a clock that counts in NaN
must not be refused over it. What is no JSON object is: nobody would know what was asked.
"""

import json
import re
from collections.abc import Callable, Coroutine
from math import isfinite
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response

from app.edge.strict_json import DEEPEST, read_json
from app.edge.strict_route import StrictRequest, StrictRoute
from app.problems import MalformedJson

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LARGEST = 2**63 - 1


class LenientRequest(StrictRequest):
    """A request of whose JSON the traps are taken out."""

    async def json(self) -> Any:
        """The parsed body, without what nothing could store. Raises `MalformedJson` for no JSON."""
        return read_what_can_be_read(await self.body())


class LenientRoute(StrictRoute):
    """Reads any body as JSON, whatever it says it is."""

    request_class = LenientRequest

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The strict handler, for a request that says that it brings JSON."""
        handle = super().get_route_handler()

        async def lenient(request: Request) -> Response:
            scope = dict(request.scope, headers=list(request.scope["headers"]))
            MutableHeaders(scope=scope)["content-type"] = "application/json"
            return await handle(Request(scope, request.receive))

        return lenient


def read_what_can_be_read(body: bytes) -> object:
    """The value of a JSON text, without its traps.

    Of two equal keys the last stands; a number that is none is null; NUL and half a character are left out.
    Raises `MalformedJson` for what is no JSON, or is nested too deeply.
    """
    try:
        return read_json(body)
    except MalformedJson:
        try:
            value = json.loads(body.decode(errors="replace"))
        except (ValueError, RecursionError):
            raise MalformedJson("The body is not valid JSON.") from None
    return _cleaned(value, 0)


def _cleaned(value: object, depth: int) -> object:
    if depth > DEEPEST:
        raise MalformedJson("The body is nested too deeply.")
    match value:
        case dict():
            return {_UNSTORABLE.sub("", key): _cleaned(member, depth + 1) for key, member in value.items()}
        case list():
            return [_cleaned(entry, depth + 1) for entry in value]
        case str():
            return _UNSTORABLE.sub("", value)
        case float() if not isfinite(value):
            return None
        case int() if not -_LARGEST <= value <= _LARGEST:
            return None
    return value
