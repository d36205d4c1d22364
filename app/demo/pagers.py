"""The pockets of the demonstration's staff: takes what goes to their pagers, and shows it.

A program of its own, beside the API, as a pager service would be: pages come over the network or not at all.
Never with real people.
"""

import asyncio
import re
import socket
import time
from base64 import b64encode
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from html import escape
from typing import Any, Final

import orjson
import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app import clock
from app.demo import reach, sign_ins
from app.demo.cast import ORGANIZATIONS
from app.demo.sign_ins import Webhook
from app.demo.subscribers import Subscribers
from app.settings import Settings

KEPT: Final = 200
MOST_BYTES: Final = 65_536
TRY_AGAIN_SECONDS = 5.0

_STYLE: Final = (
    ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:48rem;margin:2rem auto;"
    "padding:0 1rem}h1{font-size:1.4rem}ol{list-style:none;padding:0}li{border:1px solid #8886;border-radius:"
    "10px;padding:.7rem 1rem;margin:.7rem 0}p{margin:.2rem 0;overflow-wrap:anywhere}small{opacity:.75}"
)
_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LINK: Final = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]")
_OWNERS: Final = {
    reach.OPERATOR: "Operator, who runs Handrail",
    "webhooks": "a subscriber of webhooks; the signature is good",
    "crisis-service": "the outside crisis service, which answers; the signature is good",
} | {
    member.key: f"{member.name}, {member.role}, {organization.name}"
    for organization in ORGANIZATIONS
    for member in organization.staff
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One page as it came to somebody's pager."""

    at: datetime
    person: str
    title: str
    body: str


class Pagers:
    """Everybody's pager, with the last pages in memory only; and what the others are told (`Subscribers`)."""

    def __init__(self, subscribers: Subscribers) -> None:
        self._heard: deque[Heard] = deque(maxlen=KEPT)
        self._subscribers = subscribers

    async def take(self, request: Request) -> Response:
        """What apprise's `json://` sends: a JSON object with `title` and `message`."""
        person = request.path_params["person"]
        if self._subscribers.knows(person):
            return await self._take_webhook(person, request)
        if person not in _OWNERS:
            return Response(status_code=404, headers=_HEADERS)
        said = await _read(request)
        if said is None:
            return Response(status_code=400, headers=_HEADERS)
        self._heard.append(Heard(clock.now(), person, *said))
        return Response(status_code=204, headers=_HEADERS)

    async def _take_webhook(self, path: str, request: Request) -> Response:
        said = self._subscribers.read(path, request.headers, await request.body(), clock.now())
        if said is None:
            return Response(status_code=401, headers=_HEADERS)
        self._heard.append(Heard(clock.now(), path, said["type"], orjson.dumps(said["data"]).decode()))
        self._subscribers.heed(path, said)
        return Response(status_code=204, headers=_HEADERS)

    async def list(self, _: Request) -> Response:
        """Every page that is remembered, oldest first, as JSON."""
        body = orjson.dumps([asdict(each) for each in self._heard])
        return Response(body, media_type="application/json", headers=_HEADERS)

    async def show(self, _: Request) -> Response:
        """The same for people, newest first; it asks for itself anew every two seconds."""
        return HTMLResponse(_page(list(self._heard)), headers=_HEADERS)


def application(webhooks: Sequence[Webhook] = ()) -> Starlette:
    """`POST /{person}` pages somebody, or tells a subscriber; `GET /` shows it, `GET /pages` gives it
    as JSON."""
    pagers = Pagers(Subscribers(webhooks))
    return Starlette(
        routes=[
            Route("/", pagers.show, methods=["GET"]),
            Route("/pages", pagers.list, methods=["GET"]),
            Route("/{person}", pagers.take, methods=["POST"]),
        ]
    )


def serve(own: Settings, console: Console, beside: Coroutine[Any, Any, None]) -> None:
    """Serve the pagers until told to stop, and see to what happens `beside`.

    Waits, and says so, while somebody else has the port.
    """
    port = reach.port(own.port)
    if (listening := _listen(own.host, port)) is None:
        console.print(f"Port {port} is taken: the pagers wait until it is free.", highlight=False)
    while listening is None:
        time.sleep(TRY_AGAIN_SECONDS)
        listening = _listen(own.host, port)
    known = sign_ins.read(sign_ins.path(own))
    config = uvicorn.Config(
        application(known.webhooks if known else ()),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    asyncio.run(_serve(uvicorn.Server(config), listening, beside))


async def _serve(server: uvicorn.Server, listening: socket.socket, beside: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(beside)
    try:
        await server.serve(sockets=[listening])
    finally:
        task.cancel()
        await asyncio.wait({task})


def _listen(host: str, port: int) -> socket.socket | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError:
        return None


async def _read(request: Request) -> tuple[str, str] | None:
    """Title and message; None for what is too long, or no page."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                return None
        said = orjson.loads(body)
    except (ClientDisconnect, orjson.JSONDecodeError):
        return None
    if not isinstance(said, dict):
        return None
    title, message = said.get("title", ""), said.get("message")
    return (title, message) if isinstance(title, str) and isinstance(message, str) else None


def _page(heard: list[Heard]) -> str:
    pages = "".join(map(_item, reversed(heard)))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Pagers</title>'
        '<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="2">'
        f"<style>{_STYLE}</style></head><body><h1>Pagers of the demonstration</h1>"
        f"<p>What the staff were paged, the newest first; the last {KEPT} are kept.</p>"
        f"<ol>{pages or '<li>Nobody was paged since this was started.</li>'}</ol></body></html>"
    )


def _item(page: Heard) -> str:
    body, after = "", 0
    for link in _LINK.finditer(page.body):
        target = escape(link[0])
        body += f'{escape(page.body[after : link.start()])}<a href="{target}" target="_blank">{target}</a>'
        after = link.end()
    body += escape(page.body[after:])
    moment = f'<time datetime="{page.at.isoformat()}">{page.at.astimezone():%H:%M:%S}</time>'
    return (
        f"<li><p><small>{moment} to {escape(_OWNERS[page.person])}</small></p>"
        f"<p><strong>{escape(page.title)}</strong></p><p>{body}</p></li>"
    )
