"""The one place that writes a problem."""

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.observability import add_log_facts
from app.schemas.problem import Problem, ProblemFault

ProblemExtras = Callable[[Request], Mapping[str, object]]
"""What `app.state.problem_extras` may be: further public members for this request's problems."""

PROBLEM_RESPONSES: dict[int | str, dict[str, object]] = {
    "default": {
        "description": "Refused, or not kept: a problem as in RFC 9457.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}
"""For `responses=` of a router. `install` puts the schema in the document."""

# Python 3.11 still has the names of RFC 7231.
_NEWER_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_MOST_FAULTS = 50

log = structlog.get_logger()


def title(status: int) -> str:
    """The status in words."""
    try:
        return _NEWER_TITLES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def problem_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    faults: Iterable[ProblemFault] = (),
    extra: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as an answer, with the request's id and the route's own members."""
    add_log_facts(code=code)
    members = {
        **_route_extras(request),
        **(extra or {}),
        "type": "about:blank",
        "title": title(status),
        "status": status,
        "code": code,
        "detail": detail,
        "errors": list(faults)[:_MOST_FAULTS] or None,
        "request_id": getattr(request.state, "request_id", None),
    }
    body = Problem.model_validate(members).model_dump_json(by_alias=True, exclude_none=True)
    return Response(body, status, headers, "application/problem+json")


def _route_extras(request: Request) -> Mapping[str, object]:
    """A refusal without its extras is better than none."""
    extras: ProblemExtras | None = getattr(request.app.state, "problem_extras", None)
    try:
        return extras(request) if extras else {}
    except Exception:
        log.exception("problem_extras_failed")
        return {}
