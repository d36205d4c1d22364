"""GET /livez and /readyz. The tests' own server runs with fsync off, which is the first thing to refuse."""

from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI

from app.main import create_app
from app.queries import readiness
from app.settings import Settings
from tests.people import client_for


async def faults(app: FastAPI) -> list[str]:
    async with client_for(app) as client:
        reply = await client.get("/readyz")
    assert reply.status_code == (503 if reply.json()["faults"] else 200)
    return reply.json()["faults"]


async def test_a_server_that_may_lose_a_write_is_not_ready(app: FastAPI) -> None:
    assert await faults(app) == ["fsync_off"]
    async with client_for(app) as client:
        assert (await client.get("/livez")).json() == {"status": "ok"}


async def test_ready_when_nothing_is_wrong(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "DURABILITY", ("full_page_writes", "synchronous_commit"))
    assert await faults(app) == []


async def test_another_schema_is_not_ready(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "DURABILITY", ())
    app = create_app(Settings(data_dir=tmp_path), own_database)
    async with app.router.lifespan_context(app):
        assert await faults(app) == []
        with psycopg.connect(own_database) as connection:
            connection.execute("update alembic_version set version_num = '0000'")
        assert await faults(app) == ["schema_not_current"]


async def test_a_database_that_is_away_is_not_ready(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path), f"postgresql:///nothing?host={tmp_path}")
    async with app.router.lifespan_context(app):
        assert await faults(app) == ["database_away"]
        app.state.draining.begin()
        assert await faults(app) == ["draining"]
