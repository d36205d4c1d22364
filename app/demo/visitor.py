"""A client of the API as a stranger would write one: signs in, posts, follows the feed; HTTP and no more."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from app.demo.sign_ins import Person

POLL_SECONDS = 1.0


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, http: httpx.AsyncClient, access_token: str) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {access_token}"}

    @classmethod
    async def signed_in(cls, http: httpx.AsyncClient, person: Person) -> "Visitor":
        """Raises httpx.HTTPStatusError when the sign-in is refused."""
        form = {"grant_type": "password", "username": person.username, "password": person.password}
        reply = await http.post("/v1/auth/token", data={**form, "device_name": "handrail demo day"})
        return cls(http, reply.raise_for_status().json()["access_token"])

    async def get(self, path: str, **query: str | int) -> Any:
        """What is there. Raises httpx.HTTPStatusError."""
        reply = await self._http.get(path, headers=self._headers, params=query)
        return reply.raise_for_status().json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        """What the API answers. Raises httpx.HTTPStatusError."""
        reply = await self._http.post(path, headers=self._headers, json=body)
        return reply.raise_for_status().json()

    async def follow(self, after: str) -> AsyncIterator[dict[str, Any]]:
        """Every event behind the cursor `after`, as it happens, for ever: streamed while that works, and
        otherwise asked for every second."""
        while True:
            try:
                async for cursor, event in self._streamed(after):
                    after = cursor
                    if event is not None:
                        yield event
            except httpx.HTTPError:
                page = await self.get("/v1/alerts/feed", after=after)
                after = page["next"]
                for event in page["items"]:
                    yield event
            await asyncio.sleep(POLL_SECONDS)

    async def _streamed(self, after: str) -> AsyncIterator[tuple[str, dict[str, Any] | None]]:
        """Cursors, each with the event that it stands behind, if any (the format is WHATWG HTML, 9.2)."""
        headers = {**self._headers, "Accept": "text/event-stream"}
        unending = httpx.Timeout(10, read=60)
        async with self._http.stream(
            "GET", "/v1/alerts/stream", headers=headers, params={"after": after}, timeout=unending
        ) as reply:
            reply.raise_for_status()
            fields: dict[str, str] = {}
            async for line in reply.aiter_lines():
                name, _, value = line.partition(":")
                if line and name:
                    fields[name] = value.removeprefix(" ")
                elif not line and "id" in fields:
                    yield fields["id"], json.loads(fields["data"]) if "data" in fields else None
                    fields = {}
