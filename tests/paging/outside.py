"""The outside crisis service: where it is reached, the secret that it shares, what it answers.

It signs and verifies with the package of Standard Webhooks, which shares nothing with our own code.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import time_machine
from httpx import Response
from standardwebhooks import Webhook

from tests.api.test_escalation_policies import ladder, put, step
from tests.moments import at
from tests.pager.receivers import Receiver, http_server
from tests.paging.post import Post


@dataclass
class Service:
    """The line, as the clinic's hand-offs reach it."""

    post: Post
    receiver: Receiver
    secret: str
    sent: int = 0

    def heard(self) -> list[dict[str, Any]]:
        """The messages that have arrived so far, each verified by the package when it came."""
        return [self._verified(headers, raw) for _, headers, raw in self.receiver.asked]

    def _verified(self, headers: dict[str, str], raw: bytes) -> dict[str, Any]:
        with time_machine.travel(int(headers["webhook-timestamp"]), tick=False):
            found: dict[str, Any] = Webhook(self.secret).verify(raw, headers)
        return found

    async def answers(
        self, answer: str = "acknowledged", *, hand_off: dict[str, Any] | None = None,
        secret: str | None = None, after: timedelta = timedelta(0), **changed: Any,
    ) -> Response:  # fmt: skip
        """Call back about the newest hand-off, signed as it must be unless it is said how."""
        data = hand_off or self.heard()[-1]["data"]
        body = {"hand_off_id": data["hand_off_id"], "answer": answer, **changed}
        call = self.call(body, secret or self.secret, self.post.now + after)
        return await self.says(data["answer_url"], *call)

    def call(self, body: dict[str, Any], secret: str, when: datetime) -> tuple[dict[str, str], bytes]:
        """Headers and body of a call that is signed at this moment."""
        self.sent += 1
        message_id, raw = f"answer-{self.sent}", json.dumps(body).encode()
        signed = Webhook(secret).sign(message_id, when, raw.decode())
        headers = {
            "webhook-id": message_id, "webhook-timestamp": str(int(when.timestamp())),
            "webhook-signature": signed, "content-type": "application/json",
        }  # fmt: skip
        return headers, raw

    async def says(self, url: str, headers: Mapping[str, str | bytes], raw: bytes) -> Response:
        """Send these very bytes, now."""
        clinic = self.post.clinic
        genuine, clinic.app.state.clock = clinic.app.state.clock, self.post.clock
        try:
            path = url.removeprefix(self.post.office.dashboard)
            return await clinic.nobody.post(
                path,
                headers=[
                    (name.encode(), value if isinstance(value, bytes) else value.encode())
                    for name, value in headers.items()
                ],
                content=raw,
            )
        finally:
            clinic.app.state.clock = genuine


@asynccontextmanager
async def crisis_line(post: Post, status: str = "200 OK") -> AsyncIterator[Service]:
    """Told first, for five minutes; then a supervisor is. What ana says is critical from now on."""
    steps = ladder(step("crisis_service", 5), step("supervisor", 5))
    assert (await put(post.clinic.sam, post.clinic, "critical", steps)).status_code == 200
    post.rule_is("critical")
    post.psql.execute("update staff_member set email = 'somebody@clinic.test'")
    async with http_server(status) as receiver:
        yield Service(post, receiver, await added(post, receiver))


async def added(post: Post, receiver: Receiver) -> str:
    """An endpoint of hand-offs, made by the administrator. Its secret."""
    body = {"url": f"http://127.0.0.1:{receiver.port}/hand-offs", "purpose": "hand_off"}
    async with at(post.clinic, post.clinic.adele, post.now) as adele:
        reply = await adele.post("/v1/webhook-endpoints", json=body)
    assert reply.status_code == 201, reply.text
    secret: str = reply.json()["secret"]
    return secret
