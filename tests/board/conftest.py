"""A clinic on a real server, and a browser to look at its board with."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import pytest
from httpx import AsyncClient
from playwright.async_api import Browser, BrowserContext, async_playwright
from playwright.async_api import Page as BrowserPage
from sqlalchemy import select
from uuid_utils.compat import uuid7

from app.access import Role
from app.database import Db, unit_of_work
from app.models import ContactMethod, Page
from app.queries import ladders as stored
from app.services import ladders, paging
from app.services.credentials import add_credential
from app.settings import Settings
from tests.demo.serving import Server, serving
from tests.people import Clinic, Person

PASSWORD = "a long walk by the river"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A clinic of this test alone, and where it is served. Everybody's password is `PASSWORD`."""

    server: Server
    mark: str
    clinic: Clinic

    async def ring(self, later: timedelta) -> None:
        """The sweep finds whose timers are over so much later: here only, and not in everybody's clinics."""
        now = datetime.now(UTC) + later
        async with self.at_work() as db:
            for alert_id in await stored.due(db, now, 100):
                assert await ladders.ring(db, alert_id, now)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[Db]:
        """A unit of work in the organization."""
        async with unit_of_work(self.clinic.app.state.engine, self.clinic.organization_id) as db:
            yield db

    async def give_pagers(self, *people: str) -> None:
        """Let pages reach these: to where does not matter, nobody sends any."""
        async with self.at_work() as db:
            await db.add(
                *(
                    ContactMethod(
                        organization_id=self.clinic.organization_id,
                        staff_member_id=getattr(self.clinic, who).id, channel="pager", position=0,
                        severities=["critical", "urgent", "high", "routine"], address=b"sealed", hint="",
                        changed_at=datetime.now(UTC),
                    )
                    for who in people
                )
            )  # fmt: skip

    async def settle_pages(self, *, delivered: bool, code: str) -> None:
        """The worker has tried to send what waits."""
        now = datetime.now(UTC)
        async with self.at_work() as db:
            waiting = select(Page.id).where(
                Page.organization_id == self.clinic.organization_id, Page.status == "waiting"
            )
            for page_id in list(await db.scalars(waiting)):
                claim = await paging.claim(db, page_id, now)
                assert claim is not None
                await paging.settle(db, claim, delivered, code, now)

    def username(self, who: str) -> str:
        """The name that somebody of this clinic signs in with."""
        return f"{who}-{self.mark}"

    async def check_in(self, who: str, **answers: Any) -> dict[str, Any]:
        """Somebody checks in, as their phone would."""
        now = datetime.now(UTC).isoformat()
        body = {"id": str(uuid7()), "occurred_at": now, "time_zone": "UTC", "answers": answers}
        return await self._as(who, "POST", "/v1/patients/me/check-ins", body)

    async def get(self, who: str, path: str) -> dict[str, Any]:
        return await self._as(who, "GET", path, None)

    async def _as(self, who: str, method: str, path: str, body: object) -> dict[str, Any]:
        form = {"grant_type": "password", "username": self.username(who), "password": PASSWORD}
        async with AsyncClient(base_url=self.server.base_url, trust_env=False, timeout=30) as http:
            token = (await http.post("/v1/auth/token", data=form)).raise_for_status().json()["access_token"]
            reply = await http.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
            return dict(reply.raise_for_status().json())


@pytest.fixture(scope="session")
def server(database_url: str, settings: Settings) -> Iterator[Server]:
    """A real server on the database of this worker."""
    with serving(database_url, settings.data_dir) as running:
        yield running


@pytest.fixture
async def served(browser: Browser, clinic: Clinic, server: Server) -> Served:
    """ana, ben, clara and the others, with passwords, on a real server."""
    mark = token_hex(4)
    for who in ("ana", "ben", "clara", "sam", "adele", "dmitri", "ivan"):
        person: Person = getattr(clinic, who)
        whose = "patient_id" if person.role is Role.PATIENT else "staff_member_id"
        async with unit_of_work(clinic.app.state.engine, person.organization_id) as db:
            await add_credential(
                db, username=f"{who}-{mark}", password=PASSWORD, now=datetime.now(UTC), **{whose: person.id}
            )
    return Served(server, mark, clinic)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here; `make chromium` says how to install it")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


class Seat:
    """Somebody in front of the board. `complaints`: what the browser said of errors."""

    def __init__(self, page: BrowserPage, served: Served) -> None:
        self.page = page
        self._served = served
        self.complaints: list[str] = []
        page.on("console", lambda message: message.type == "error" and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def arrive(self, link: str = "") -> None:
        await self.page.goto(f"{self._served.server.base_url}/board/{link}")

    async def sign_in(self, who: str, password: str = PASSWORD) -> None:
        await self.page.get_by_label("User name").fill(self._served.username(who))
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()

    async def alerts(self) -> list[str]:
        """The names on the list, from the top."""
        return await self.page.locator("#alert-list strong").all_inner_texts()


@pytest.fixture
async def context(browser: Browser) -> AsyncIterator[BrowserContext]:
    own = await browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    own.set_default_timeout(15_000)
    yield own
    await own.close()


@pytest.fixture
async def seat(context: BrowserContext, served: Served) -> AsyncIterator[Seat]:
    """A browser at the board's door. Whatever it complains of fails the test."""
    taken = Seat(await context.new_page(), served)
    await taken.arrive()
    yield taken
    assert taken.complaints == []
