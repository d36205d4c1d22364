"""A real server process, told to stop: readiness goes off first, streams end, a write is finished."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx
import pytest

from app.edge import Draining

SERVER = """
import asyncio, sys, uvicorn
from contextlib import asynccontextmanager
from fastapi import FastAPI, Response
from starlette.responses import StreamingResponse
from app.edge import Draining

draining = Draining()

@asynccontextmanager
async def lifespan(app):
    with draining.on_signals(delay=0.6):
        yield

app = FastAPI(lifespan=lifespan)

@app.get("/readyz")
async def readyz():
    return Response(status_code=503 if draining.begun else 200)

@app.get("/stream")
async def stream():
    async def events():
        yield "open "
        await draining.wait()
        yield "bye"
    return StreamingResponse(events())

@app.post("/write")
async def write():
    await asyncio.sleep(1.0)
    return "kept"

uvicorn.run(app, port=int(sys.argv[1]), log_level="critical")
"""


@pytest.fixture
def server(unused_port: int) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(unused_port)])
    url = f"http://127.0.0.1:{unused_port}"
    for _ in range(500):
        try:
            httpx.get(url + "/readyz")
            break
        except httpx.TransportError:
            time.sleep(0.02)
    yield process, url
    process.kill()
    process.wait()


async def test_sigterm_drains(server: tuple[subprocess.Popen[bytes], str]) -> None:
    process, url = server
    async with httpx.AsyncClient(base_url=url, timeout=10) as client:
        stream = asyncio.create_task(client.get("/stream"))
        await asyncio.sleep(0.2)
        assert (await client.get("/readyz")).status_code == 200

        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.2)
        write = asyncio.create_task(client.post("/write"))

        assert (await client.get("/readyz")).status_code == 503
        assert (await stream).text == "open bye"
        assert (await write).json() == "kept"
    assert await asyncio.to_thread(process.wait, 5) in (0, -signal.SIGTERM)


async def test_a_second_signal_does_not_wait() -> None:
    heard: list[int] = []

    def server(number: int, _: object) -> None:
        heard.append(number)

    before = signal.signal(signal.SIGTERM, server)
    draining = Draining()
    try:
        with draining.on_signals(delay=60):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(draining.wait(), 5)
            assert heard == []
            os.kill(os.getpid(), signal.SIGTERM)
            assert heard == [signal.SIGTERM]
        assert signal.getsignal(signal.SIGTERM) is server, "its handler is back in its place"
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_other_threads_are_left_alone() -> None:
    def enter() -> bool:
        with Draining().on_signals():
            return True

    assert await asyncio.to_thread(enter)
