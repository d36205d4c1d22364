"""The outermost layer of the application, pure ASGI: whatever happens inside, a request leaves with an id,
safe headers, one access line and one count; and an exception leaves as a problem, unread by the server's log.
"""

import re
from collections.abc import Iterator, Sequence

import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from app import clock, problems
from app.observability import log_facts, observe_request

log = structlog.get_logger()

REQUEST_ID_HEADER = b"x-request-id"
CLIENT_GONE = 499
"""Logged and counted for a request whose client left before there was an answer."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)
_NO_STORE = (b"cache-control", b"no-store")
# Asked every few seconds by machines; a line is written only when the answer is bad.
_QUIET_ROUTES = frozenset({"/livez", "/readyz", "/metrics"})


class BrokenAnswer(Exception):
    """Raised to make the server cut a connection whose answer had begun; says nothing of the cause."""


def install(app: FastAPI) -> None:
    """Problems, and the edge around everything. Add other middleware before this, so that it stays inside."""
    problems.install(app)
    app.add_middleware(Edge)


class Edge:
    """ASGI middleware; one instance an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._templates: dict[int, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes anything but HTTP through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = Exchange(scope, receive, send)
        with log_facts(request_id=exchange.request_id):
            try:
                await exchange.run(self._app)
            finally:
                self._record(exchange)

    def _record(self, exchange: "Exchange") -> None:
        scope = exchange.scope
        seconds = exchange.seconds or clock.stopwatch() - exchange.started
        status = exchange.status or CLIENT_GONE
        route = self._template(exchange)
        observe_request(scope["method"], route, status, seconds)
        if route not in _QUIET_ROUTES or status >= 400:
            log.info(
                "request",
                method=scope["method"],
                route=route,
                status=status,
                duration_ms=round(seconds * 1000, 2),
            )

    def _template(self, exchange: "Exchange") -> str:
        if self._templates is None:
            self._templates = dict(_templates(exchange.application.routes))
        for key in ("route", "endpoint"):
            if (template := self._templates.get(id(exchange.scope.get(key)))) is not None:
                return template
        return "unmatched"


def _templates(routes: Sequence[BaseRoute]) -> Iterator[tuple[int, str]]:
    """What FastAPI leaves in the scope, the route as its own router knows it, to the full path template.

    Other routes and mounts leave only their endpoint there. Where a route is included twice, the first wins.
    """
    for context in reversed(list(iter_route_contexts(routes))):
        route, template = context.original_route, context.path_format or "unmatched"
        seen_in_scope = (
            route if isinstance(route, APIRoute) else context.endpoint or getattr(route, "app", None)
        )
        yield id(seen_in_scope), template


class Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        # A mounted application puts itself there.
        self.application: FastAPI = scope["app"]
        self.request_id = _request_id(scope)
        self.started = clock.stopwatch()
        self.status: int | None = None
        self.seconds: float | None = None
        self._receive = receive
        self._send = send
        self._replaced = False
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def run(self, app: ASGIApp) -> None:
        """Lets the application answer, and answers for it when it fails."""
        try:
            await app(self.scope, self._receive, self.send)
        except Exception as exc:  # noqa: BLE001 - the last resort; cancellation passes
            answer = await problems.unexpected(Request(self.scope), exc)
            if self.status is not None:
                raise BrokenAnswer from None
            await answer(self.scope, self._receive, self.send)

    async def send(self, message: Message) -> None:
        """Completes the headers on the way out."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            if await self._replace_plain_413(message):
                return
            self.status = message["status"]
            self.seconds = clock.stopwatch() - self.started
            self._complete(message)
        await self._send(message)

    async def _replace_plain_413(self, message: Message) -> bool:
        """Starlette's body limiter answers a declared length with plain text, whatever the handlers say."""
        if message["status"] != 413 or "json" in Headers(scope=message).get("content-type", ""):
            return False
        answer = problems.problem_response(
            Request(self.scope), 413, "content_too_large", "The body is larger than this resource takes."
        )
        await answer(self.scope, self._receive, self.send)
        self._replaced = True
        return True

    def _complete(self, start: Message) -> None:
        """What the handler set itself, stands."""
        headers = list(start.get("headers", ()))
        present = {name.lower() for name, _ in headers}
        wanted = (*_SAFE_HEADERS, _NO_STORE) if self.scope["path"].startswith("/v1/") else _SAFE_HEADERS
        headers.extend(header for header in wanted if header[0] not in present)
        headers.append((REQUEST_ID_HEADER, self.request_id.encode()))
        start["headers"] = headers


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == REQUEST_ID_HEADER and _REQUEST_ID.fullmatch(value):
            return str(value, "ascii")
    return str(uuid7())
