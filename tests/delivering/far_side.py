"""Somebody else's system: a small HTTP server that answers as it is told, and remembers what came."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from standardwebhooks import Webhook

from tests.pager.receivers import serving


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
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:]
        pairs = (line.split(": ", 1) for line in lines if line)
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.heard.append(Heard(headers, body))
        self.arrived.set()
        if self.hangs:
            await reader.read()
            return
        answer = self.answers.popleft() if self.answers else "204 No Content"
        writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.write_eof()
        await reader.read()


@asynccontextmanager
async def far_side() -> AsyncIterator[FarSide]:
    """One on a port of its own, until the end of the block."""
    side = FarSide()
    async with serving(side.take) as side.port:
        yield side
