"""A real HTTP server around an application, and a reader of its streams."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from tests.feed.watching import until
from tests.people import Person

PATH = "/v1/alerts/stream"


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The URL of a server in this loop: the other tests' transport keeps an answer until it has ended."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve(sockets=[listening]))  # leaves the signals alone
        await until(lambda: server.started)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@contextmanager
def server_errors() -> Iterator[list[str]]:
    """What the server says of applications that broke off."""
    handler, logger = _Errors(), logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)


@dataclass
class Frame:
    """One frame of a stream as it was sent."""

    event: str | None = None
    id: str | None = None
    retry: int | None = None
    data: dict[str, Any] | None = None
    comment: str | None = None


@dataclass
class Stream:
    """An open stream."""

    response: httpx.Response
    frames: AsyncIterator[Frame] = field(init=False)

    def __post_init__(self) -> None:
        self.frames = _frames(self.response)

    async def frame(self, seconds: float = 10) -> Frame:
        """The next frame. Raises TimeoutError, or StopAsyncIteration at the end of the stream."""
        async with asyncio.timeout(seconds):
            return await anext(self.frames)

    async def item(self) -> Frame:
        """The next frame that tells of something."""
        while (frame := await self.frame()).data is None:
            pass
        return frame

    async def rest(self, seconds: float = 10) -> list[Frame]:
        """Everything until the end of the stream."""
        async with asyncio.timeout(seconds):
            return [frame async for frame in self.frames]


@asynccontextmanager
async def streaming(
    url: str, person: Person, *, headers: dict[str, str] | None = None, **params: str
) -> AsyncIterator[Stream]:
    """This person's stream."""
    authorization = {"Authorization": person.client.headers["Authorization"]}
    async with (
        httpx.AsyncClient(base_url=url, timeout=20) as client,
        client.stream("GET", PATH, params=params, headers=authorization | (headers or {})) as response,
    ):
        stream = Stream(response)  # held on to: its end would be the response's
        yield stream


async def _frames(response: httpx.Response) -> AsyncIterator[Frame]:
    frame = Frame()
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            _note(frame, name, value.strip())
        elif frame != Frame():
            yield frame
            frame = Frame()


def _note(frame: Frame, name: str, value: str) -> None:
    if name == "":
        frame.comment = value
    elif name == "data":
        frame.data = json.loads(value)
    elif name == "retry":
        frame.retry = int(value)
    else:
        setattr(frame, name, value)
