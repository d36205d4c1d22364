"""Somebody who follows the feed over HTTP, through everything that happens to the service meanwhile."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from httpx import AsyncClient, HTTPError

PAUSE = 0.05
PAGE = 20


@dataclass
class Follower:
    """What one poller was told, in the order in which it was told."""

    token: str
    positions: list[int] = field(default_factory=list)
    refused: int = 0
    _cursor: str | None = None

    async def follow(self, bases: Sequence[str], chance: random.Random) -> None:
        """For ever, until cancelled."""
        async with self._client() as client:
            while True:
                if not await self._read(client, chance.choice(bases)):
                    await asyncio.sleep(PAUSE)

    async def catch_up(self, bases: Sequence[str]) -> None:
        """To the end of the feed, once nobody writes any more."""
        async with asyncio.timeout(60), self._client() as client:
            while True:
                refused = self.refused
                if not await self._read(client, bases[0]) and self.refused == refused:
                    return

    def _client(self) -> AsyncClient:
        return AsyncClient(headers={"Authorization": f"Bearer {self.token}"}, timeout=6)

    async def _read(self, client: AsyncClient, base: str) -> bool:
        """One page; whether anything was on it."""
        wanted = {"limit": str(PAGE)} | ({} if self._cursor is None else {"after": self._cursor})
        try:
            reply = await client.get(f"{base}/v1/alerts/feed", params=wanted)
        except HTTPError:
            self.refused += 1
            return False
        if reply.status_code != 200:
            assert reply.status_code == 503, reply.text
            self.refused += 1
            await asyncio.sleep(PAUSE)
            return False
        page = reply.json()
        self.positions += [item["position"] for item in page["items"]]
        self._cursor = page["next"]
        return bool(page["items"])
