"""Phones that do not give up: each sends its writes again, with the same ids, until all are acknowledged."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from httpx import AsyncClient, HTTPError, Response
from uuid_utils.compat import uuid7

from app import clock

PATIENCE = 6.0  # seconds for one attempt; the service promises an answer within five
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
QUIET_ANSWERS = ({"mood": 6}, {"mood": 3, "sleep_hours": 7.5}, {"energy": 5}, {"feels_safe": True})
ALARMING_ANSWERS = ({"craving": 8}, {"craving": 9}, {"feels_safe": False}, {"used": True})


@dataclass(frozen=True)
class Phone:
    """A patient and their access token."""

    patient_id: UUID
    token: str


@dataclass(frozen=True)
class Write:
    """One thing to be kept. `kind` is the table."""

    kind: str
    patient_id: UUID
    body: dict[str, Any]


@dataclass
class Ledger:
    """What was sent, and what the service said it has."""

    sent: dict[str, Write] = field(default_factory=dict)
    acknowledged: dict[str, int] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, id: str, status: int) -> None:
        if status in {200, 201, 202}:
            self.acknowledged.setdefault(id, status)
            self._more.set()

    async def reaches(self, number: float) -> None:
        """Return once so many writes are acknowledged."""
        while len(self.acknowledged) < number:
            self._more.clear()
            await self._more.wait()


def writes(phone: Phone, count: int, chance: random.Random) -> list[list[Write]]:
    """What one phone has to say: singles, and now and then the queue of a day without network."""
    found: list[list[Write]] = []
    while count > 0:
        size = min(count, chance.randint(2, 8)) if chance.random() < 0.08 else 1
        kind = "check_in" if size > 1 or chance.random() < 0.75 else "assessment"
        found.append([_write(phone, kind, chance) for _ in range(size)])
        count -= size
    return found


def _write(phone: Phone, kind: str, chance: random.Random) -> Write:
    lived = clock.now() - timedelta(days=chance.randrange(60), minutes=chance.randrange(1000))
    body: dict[str, Any] = {
        "id": str(uuid7()), "occurred_at": lived.isoformat(), "time_zone": "America/New_York",
    }  # fmt: skip
    if kind == "check_in":
        answers = chance.choice(ALARMING_ANSWERS if chance.random() < 0.4 else QUIET_ANSWERS)
        return Write(kind, phone.patient_id, body | {"answers": answers})
    item9 = int(chance.random() < 0.4)
    answers = {f"phq9-{number}": 1 for number in range(1, 9)} | {"phq9-9": item9}
    return Write(kind, phone.patient_id, body | {"instrument": "phq-9", "answers": answers})


async def send_all(
    bases: Sequence[str], phone: Phone, queue: list[list[Write]], ledger: Ledger, chance: random.Random
) -> None:
    """Every write of one phone, one after the other, until each is acknowledged."""
    headers = {"Authorization": f"Bearer {phone.token}"}
    async with AsyncClient(headers=headers, timeout=PATIENCE) as client:
        for group in queue:
            ledger.sent.update({write.body["id"]: write for write in group})
            pause = SHORTEST_PAUSE
            while not await _attempt(client, chance.choice(bases), group, ledger):
                await asyncio.sleep(pause * chance.uniform(0.5, 1))
                pause = min(2 * pause, LONGEST_PAUSE)


async def _attempt(client: AsyncClient, base: str, group: list[Write], ledger: Ledger) -> bool:
    try:
        if len(group) > 1:
            reply = await client.post(
                f"{base}/v1/patients/me/check-ins/batch", json={"items": [write.body for write in group]}
            )
        else:
            noun = "check-ins" if group[0].kind == "check_in" else "assessments"
            reply = await client.post(f"{base}/v1/patients/me/{noun}", json=group[0].body)
    except HTTPError as failure:
        ledger.statuses[type(failure).__name__] += 1
        return False
    ledger.statuses[str(reply.status_code)] += 1
    for key, status in _results(reply, group):
        ledger.note(key, status)
    return all(write.body["id"] in ledger.acknowledged for write in group)


def _results(reply: Response, group: list[Write]) -> list[tuple[str, int]]:
    if len(group) == 1:
        return [(group[0].body["id"], reply.status_code)]
    if reply.status_code != 200:
        return []
    return [(item["id"], item["status"]) for item in reply.json()["items"]]
