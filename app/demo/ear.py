"""Listens to the demonstration's pagers over HTTP, as somebody who sits beside them."""

import asyncio
from typing import NamedTuple

import httpx

from app import clock
from app.demo.sign_ins import SUBSCRIBERS

LISTEN_SECONDS = 0.1


class Heard(NamedTuple):
    """Whose pager it was, and when it was heard, by the stopwatch."""

    person: str
    at: float


class Ear:
    """What is heard from now on. `is_there` tells whether there are any pagers to listen to."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http = http
        self._url = f"{url}/pages"
        self._known: set[tuple[str, str]] = set()
        self._heard: list[tuple[Heard, str]] = []
        self.is_there = False

    async def listen(self) -> None:
        """Listen until cancelled; whatever was there before is no news."""
        self._known = {(page["at"], page["person"]) for page in await self._pages()}
        while True:
            for page in await self._pages():
                key = page["at"], page["person"]
                if page["person"] not in SUBSCRIBERS and key not in self._known:
                    self._known.add(key)
                    self._heard.append((Heard(page["person"], clock.stopwatch()), page["body"]))
            await asyncio.sleep(LISTEN_SECONDS)

    def first_about(self, alert_id: str) -> Heard | None:
        """The first page whose link leads to this alert."""
        return next((heard for heard, body in self._heard if alert_id in body), None)

    async def _pages(self) -> list[dict[str, str]]:
        try:
            reply = await self._http.get(self._url)
            pages: list[dict[str, str]] = reply.raise_for_status().json()
        except (httpx.HTTPError, ValueError):  # none there, or somebody else has the port
            self.is_there = False
            return []
        self.is_there = True
        return pages
