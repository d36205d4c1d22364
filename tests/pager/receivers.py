"""Real servers on this machine that pages go to: mail and HTTP, well-behaved and not."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as Conversation

HOSTS = frozenset({"127.0.0.1"})
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Mailbox:
    """A mail server that keeps what it gets. `refuses` answers 550 to every recipient."""

    port: int = 0
    refuses: bool = False
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, conversation: Conversation, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return "550 no such ana.riverside@example.com here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, conversation: Conversation, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 OK"

    def message(self) -> Message:
        [envelope] = self.envelopes
        assert isinstance(envelope.content, bytes)
        return message_from_bytes(envelope.content)

    def gateway(self) -> str:
        return f"mailto://127.0.0.1:{self.port}?from=handrail@clinic.example"


@asynccontextmanager
async def mail_server(*, refuses: bool = False) -> AsyncIterator[Mailbox]:
    mailbox = Mailbox(refuses=refuses)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(mailbox), "127.0.0.1", 0)
    async with server:
        mailbox.port = server.sockets[0].getsockname()[1]
        yield mailbox


@dataclass
class Receiver:
    """What an HTTP server was asked: first lines, headers, bodies; and over how many connections."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0
    gone: int = 0
    most: int = 0  # connections at once

    def address(self, path: str = "/page") -> str:
        return f"json://127.0.0.1:{self.port}{path}"

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, _, body in self.asked]


@asynccontextmanager
async def http_server(
    status: str = "200 OK", *, headers: str = "", then: Talk | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """Reads one request a connection and answers `status`, or does what `then` does instead."""
    receiver = Receiver()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver.connections += 1
        receiver.most = max(receiver.most, receiver.connections - receiver.gone)
        try:
            await _read_request(receiver, reader)
            if then:
                await then(reader, writer)
            else:
                answer = f"HTTP/1.1 {status}\r\n{headers}Content-Length: 15\r\nConnection: close\r\n\r\n"
                writer.write(answer.encode() + b"patient ana: no")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            receiver.gone += 1
            writer.close()

    async with serving(talk, tls) as port:
        receiver.port = port
        yield receiver


async def _read_request(receiver: Receiver, reader: asyncio.StreamReader) -> None:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    receiver.asked.append((first, headers, body))


@asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP server; its port. Whatever still talks at the end is cut off."""
    talks: set[asyncio.Task[None]] = set()

    async def tracked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await talk(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(tracked, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)


async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says nothing, until the other side goes."""
    while await reader.read(1024):
        pass


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One byte at a time: no read ever times out, and the answer never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)
