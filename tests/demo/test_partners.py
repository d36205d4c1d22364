"""With whom the demonstration talks: subscribers of webhooks that verify, and a telehealth platform."""

import asyncio
from typing import Any
from uuid import UUID

import orjson
import pytest
from httpx import ASGITransport, AsyncClient
from uuid_utils.compat import uuid7

from app import clock
from app.demo import pagers, subscribers
from app.demo.sign_ins import Webhook
from app.webhooks import body, signature
from tests.pager.receivers import serving

SECRET = signature.new_secret()
EVENTS = Webhook(organization="Riverside", purpose="events", path="webhooks", secret=SECRET)
CRISIS = Webhook(organization="Riverside", purpose="hand_off", path="crisis-service", secret=SECRET)


async def tell(path: str, raw: bytes, secret: str = SECRET) -> tuple[int, list[dict[str, Any]]]:
    """What the far side answers, and what it shows."""
    app = pagers.application([EVENTS, CRISIS])
    headers = signature.headers([secret], body.message_id(uuid7()), clock.now(), raw)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://pagers") as client:
        reply = await client.post(f"/{path}", content=raw, headers=headers)
        return reply.status_code, orjson.loads((await client.get("/pages")).content)


async def test_a_webhook_is_verified_and_shown() -> None:
    ids: dict[str, UUID] = {"alert_id": uuid7(), "patient_id": uuid7()}
    raw = body.event("alert.opened", clock.now(), **ids, sequence=1, position=7)
    status, (shown,) = await tell("webhooks", raw)
    assert (status, shown["person"], shown["title"]) == (204, "webhooks", "alert.opened")
    assert str(ids["alert_id"]) in shown["body"]
    assert await tell("webhooks", raw, signature.new_secret()) == (401, [])


async def test_the_crisis_service_answers_a_hand_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscribers, "THINKS_FOR_SECONDS", 0)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await heard.put(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.write_eof()
        await reader.read()

    async with serving(take) as port:
        hand_off_id = uuid7()
        raw = body.hand_off(
            clock.now(), hand_off_id=hand_off_id, alert_id=uuid7(), patient_id=uuid7(), answer_by=clock.now(),
            answer_url=f"http://127.0.0.1:{port}/answer",
        )  # fmt: skip
        status, _ = await tell("crisis-service", raw)
        assert status == 204
        called = await asyncio.wait_for(heard.get(), 10)
        answering = [task for task in asyncio.all_tasks() if task.get_coro().__name__ == "_answer"]
        await asyncio.gather(*answering)
    head, said = called.split(b"\r\n\r\n", 1)
    headers = dict(line.decode().lower().split(": ", 1) for line in head.split(b"\r\n")[1:])
    signed = {
        name: line.split(": ", 1)[1]
        for name in headers
        for line in head.decode().split("\r\n")[1:]
        if line.lower().startswith(f"{name}: ")
    }
    assert signature.verify([SECRET], signed, said, clock.now())
    assert orjson.loads(said) == {
        "hand_off_id": str(hand_off_id), "answer": "acknowledged", "reference": "Line 4",
    }  # fmt: skip
