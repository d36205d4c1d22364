"""Who listens to the demonstration's webhooks: verifies them, and as a crisis service answers hand-offs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import httpx
import orjson
import structlog

from app import clock
from app.demo.sign_ins import Webhook
from app.webhooks import signature

log = structlog.get_logger()
THINKS_FOR_SECONDS: Final = 5.0


class Subscribers:
    """Those that `demo.json` names, by the path at which they listen."""

    def __init__(self, webhooks: Sequence[Webhook]) -> None:
        self._webhooks = {each.path: each for each in webhooks}
        self._answering: set[asyncio.Task[None]] = set()

    def knows(self, path: str) -> bool:
        """Whether somebody listens there."""
        return path in self._webhooks

    def read(self, path: str, headers: Mapping[str, str], raw: bytes, now: datetime) -> dict[str, Any] | None:
        """What a message says; None when its signature is not good."""
        if signature.verify([self._webhooks[path].secret], headers, raw, now) is None:
            return None
        said: dict[str, Any] = orjson.loads(raw)
        return said

    def heed(self, path: str, said: Mapping[str, Any]) -> None:
        """A crisis service says that it has it, a little later."""
        webhook = self._webhooks[path]
        if webhook.purpose != "hand_off" or "answer_url" not in said["data"]:
            return
        task = asyncio.create_task(_answer(webhook, said["data"]))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)


async def _answer(webhook: Webhook, asked: Mapping[str, str]) -> None:
    await asyncio.sleep(THINKS_FOR_SECONDS)
    body = orjson.dumps(
        {"hand_off_id": asked["hand_off_id"], "answer": "acknowledged", "reference": "Line 4"}
    )
    message_id = f"msg_{asked['hand_off_id'].replace('-', '')}"
    headers = signature.headers([webhook.secret], message_id, clock.now(), body)
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            reply = await client.post(
                asked["answer_url"], content=body, headers={**headers, "content-type": "application/json"}
            )
        log.info("hand_off_answered", status=reply.status_code)
    except httpx.HTTPError as failure:
        log.warning("hand_off_not_answered", code=type(failure).__name__)
