"""A demonstration, seeded once for the tests that only look at it."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from app.demo import seed
from app.main import create_app
from app.settings import Settings
from tests.conftest import new_database


class Demonstration:
    """A seeded database, looked at past every wall."""

    def __init__(self, url: str, data_dir: Path, port: int = 8000) -> None:
        self.url = url
        self.settings = Settings(data_dir=data_dir, port=port)
        self.file = data_dir / "demo.json"

    def seed(self) -> None:
        seed.once(self.settings, self.url)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type] - fixed text

    def one(self, statement: str) -> Any:
        return self.rows(statement)[0][0]

    def sign_ins(self) -> dict[str, Any]:
        return dict(json.loads(self.file.read_text("utf-8")))

    def password(self, username: str) -> str:
        return next(str(p["password"]) for p in self.sign_ins()["people"] if p["username"] == username)

    def ask(self, method: str, *paths: str, token: str | None = None, **parts: Any) -> list[httpx.Response]:
        """These paths, one after the other, of the whole application on that database."""

        async def run() -> list[httpx.Response]:
            app = create_app(self.settings, self.url)
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            transport = httpx.ASGITransport(app)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(
                    transport=transport, base_url="http://handrail.test", headers=headers
                ) as client,
            ):
                return [await client.request(method, path, **parts) for path in paths]

        return asyncio.run(run())

    def sign_in(self, username: str, password: str | None = None) -> httpx.Response:
        form = {
            "grant_type": "password",
            "username": username,
            "password": password or self.password(username),
        }
        return self.ask("POST", "/v1/auth/token", data=form)[0]

    def get(self, username: str, *paths: str) -> list[Any]:
        """What these paths give somebody."""
        token = self.sign_in(username).json()["access_token"]
        return [reply.raise_for_status().json() for reply in self.ask("GET", *paths, token=token)]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    """Seeded once for the tests that only look."""
    made = Demonstration(new_database(), tmp_path_factory.mktemp("demo"))
    made.seed()
    return made


@pytest.fixture
def own_demo(demo: Demonstration, tmp_path: Path) -> Demonstration:
    """The same for a test that changes it: a copy, with the passwords and the keys."""
    return copy_of(demo, tmp_path)


def copy_of(demo: Demonstration, folder: Path, port: int = 8000) -> Demonstration:
    """A database and a data folder of its own, as they were left."""
    shutil.copytree(demo.settings.data_dir, folder, dirs_exist_ok=True)
    name = demo.url.split("?")[0].rsplit("/", 1)[1]
    return Demonstration(new_database(name), folder, port)
