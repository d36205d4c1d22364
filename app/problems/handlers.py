"""From exceptions to problems."""

import re
from collections.abc import Callable
from typing import Any

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app import errors
from app.observability import failure
from app.problems.answer import problem_response, title
from app.problems.database import BUSY_STATES, is_database_away, sqlstate
from app.problems.validation import names_of, validation_faults
from app.schemas.nulls import put_back
from app.schemas.problem import Problem, ProblemFault

log = structlog.get_logger()

_STATUS = {
    errors.BadRequest: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.PreconditionFailed: 412,
    errors.Unacceptable: 422,
    errors.PreconditionRequired: 428,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
_DETAILS = {
    400: "The request is not well formed.",
    404: "There is no such thing here.",
    405: "This resource does not take that method.",
    413: "The body is larger than this resource takes.",
    415: "Send JSON, with Content-Type: application/json.",
}


class MalformedJson(HTTPException):
    """The body is no JSON that we read. `reason` is a fixed sentence.

    An `HTTPException`, because FastAPI lets nothing else through while it reads a body.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(400, reason)


def install(app: FastAPI) -> None:
    """Registers the handlers, and documents the problem's schema. What no handler knows is for the edge."""
    app.add_exception_handler(errors.HandrailError, refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.openapi = _with_problem_schema(app.openapi)  # type: ignore[method-assign]  # FastAPI's own way to extend its document


async def unexpected(request: Request, exc: Exception) -> Response:
    """503 when the database is away or busy, else 500; logged without what the exception says."""
    if not is_database_away(exc):
        log.error("unexpected_error", exc_info=exc)
        return problem_response(request, 500, "internal_error", "Something broke here. Send the same again.")
    facts = {key: value for key, value in failure(exc).items() if key != "frames"}
    log.warning("database_away", **facts)
    busy = sqlstate(exc) in BUSY_STATES
    code, seconds = ("database_busy", "1") if busy else ("database_away", "2")
    detail = "Nothing is confirmed as kept. Send the same again in a moment."
    return problem_response(request, 503, code, detail, headers={"Retry-After": seconds})


async def refused(request: Request, exc: Exception) -> Response:
    """The problem of a `HandrailError`."""
    assert isinstance(exc, errors.HandrailError)
    status = next((status for kind, status in _STATUS.items() if isinstance(exc, kind)), 500)
    headers = {} if exc.retry_after is None else {"Retry-After": str(exc.retry_after)}
    if isinstance(exc, errors.Unauthenticated):
        headers["WWW-Authenticate"] = exc.challenge
    faults = [ProblemFault(pointer=each.pointer, code=each.code, detail=each.message) for each in exc.faults]
    return problem_response(
        request, status, exc.code, exc.message, faults=faults, extra=exc.extra, headers=headers
    )


async def _invalid(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    found = exc.errors()
    if any(error["type"] == "json_invalid" for error in found):
        return _malformed(request, "The body is not valid JSON.")
    names = names_of(getattr(request.scope.get("route"), "body_field", None))
    faults = validation_faults(found, names)
    return problem_response(request, 422, "unacceptable", "The request is not acceptable.", faults=faults)


async def _http(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, HTTPException)
    if isinstance(exc, MalformedJson):
        return _malformed(request, exc.detail)
    status = exc.status_code
    if status < 400:
        return Response(status_code=status, headers=exc.headers)
    code = re.sub(r"\W+", "_", title(status).lower())
    detail = _DETAILS.get(status, f"{title(status)}.")
    return problem_response(request, status, code, detail, headers=exc.headers)


def _malformed(request: Request, reason: str) -> Response:
    return problem_response(request, 400, "malformed_json", reason)


def _with_problem_schema(build: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    def document() -> dict[str, Any]:
        whole = build()
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas = whole.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(schema.pop("$defs"))
        schemas["Problem"] = schema
        return put_back(whole)

    return document
