"""Receivers of webhooks as they should not be: each on a port of its own, until the end of the block."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
FLOOD = 1 << 30


@dataclass
class Side:
    """What came to one of them: when, with which headers and body."""

    port: int = 0
    calls: list[tuple[float, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    sent: int = 0


def says(head: str) -> Behave:
    """Answers so, and closes."""

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()

    return behave


async def hangs(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Says nothing, for as long as somebody waits."""
    await reader.read()


async def drips(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A letter every now and then, so that no wait for the next one is ever long."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.2)


@contextlib.asynccontextmanager
async def side(behave: Behave) -> AsyncIterator[Side]:
    """One that behaves so once it has read the call."""
    this = Side()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        this.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = dict(line.split(": ", 1) for line in head[1:] if line)
            named = {name.lower(): value for name, value in headers.items()}
            body = await reader.readexactly(int(named.get("content-length", "0")))
            this.calls.append((time.monotonic(), named, body))
            await behave(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    this.port = server.sockets[0].getsockname()[1]
    try:
        yield this
    finally:
        server.close()


@contextlib.asynccontextmanager
async def flood() -> AsyncIterator[Side]:
    """Says yes, and then a gigabyte."""
    this: Side
    piece = b"x" * (1 << 16)

    async def behave(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-length: {FLOOD}\r\n\r\n".encode())
        for _ in range(FLOOD // len(piece)):
            writer.write(piece)
            await writer.drain()
            this.sent += len(piece)

    async with side(behave) as this:
        yield this
