"""A real HTTP receiver of pages: who was told of which alert, and when. A little slow, as they are."""

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TypeVar

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_ALERT = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass
class Receiver:
    """What has arrived: (recipient, alert) in the order of arrival."""

    port: int
    slowness: float
    arrived: list[tuple[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        body = await request.body()
        await asyncio.sleep(self.slowness)
        self.bodies.append(body)
        named = _ALERT.search(body)
        self.arrived.append((request.path_params["to"], named.group().decode() if named else ""))
        return Response()


_Kind = TypeVar("_Kind", bound=Receiver)


@contextlib.asynccontextmanager
async def receiving(slowness: float = 0.0, kind: type[_Kind] = Receiver) -> AsyncIterator[_Kind]:
    """A receiver on a port of its own, until the end of the block."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    receiver = kind(listening.getsockname()[1], slowness)
    routes = [Route("/{to}", receiver.take, methods=["POST"])]
    config = uvicorn.Config(Starlette(routes=routes), log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    with contextlib.ExitStack() as stack:
        stack.enter_context(listening)
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign]  # the test's own stay
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield receiver
        finally:
            server.should_exit = True
            await serving
