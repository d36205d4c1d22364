"""Somebody else's system: a small HTTP server that answers as it is told, and remembers what came."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook


@dataclass(frozen=True)
class Heard:
    """One call as it came."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    def verified(self, secret: str) -> dict[str, Any]:
        """The body, if the official package finds its signature good."""
        found: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return found


@dataclass
class FarSide:
    """`answers` are what it says next, as lines of a response's head; 204 when there are none left."""

    port: int = 0
    answers: deque[str] = field(default_factory=deque)
    heard: list[Heard] = field(default_factory=list)
    hangs: bool = False
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            exact = {
                name: line.split(": ", 1)[1]
                for name in headers
                for line in head
                if line.lower().startswith(f"{name}: ")
            }
            body = await reader.readexactly(int(exact["content-length"]))
            self.heard.append(Heard(exact, body))
            self.arrived.set()
            if self.hangs:
                await reader.read()
                return
            answer = self.answers.popleft() if self.answers else "204 No Content"
            writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    """One on a port of its own, until the end of the block."""
    side = FarSide()
    server = await asyncio.start_server(side.take, "127.0.0.1", 0)
    side.port = server.sockets[0].getsockname()[1]
    async with server:
        yield side
