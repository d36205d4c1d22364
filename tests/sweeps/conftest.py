"""A clinic in a database of the test alone: a sweep visits every organization that there is."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from app import sweeps
from app.database import engine_for
from app.main import create_app
from app.settings import Settings
from tests.edge.conftest import logs  # noqa: F401 - a fixture for the tests of this folder
from tests.people import open_clinics
from tests.sweeps.ward import Ward


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True, options="-c timezone=UTC") as connection:
        yield connection


@pytest.fixture
async def ward(own_database: str, tmp_path: Path, superuser: psycopg.Connection) -> AsyncIterator[Ward]:
    app = create_app(Settings(data_dir=tmp_path), own_database)
    async with app.router.lifespan_context(app), open_clinics(app) as clinic:
        yield Ward(clinic, superuser)


@pytest.fixture
async def another_engine(own_database: str) -> AsyncIterator[AsyncEngine]:
    """As another worker has it."""
    engine = engine_for(own_database, pool_size=4)
    yield engine
    await engine.dispose()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A line for every stay that the sweep looked at."""
    seen: list[str] = []
    find, look = sweeps.KINDS["absence"]

    async def counted(*args: object) -> bool:
        seen.append("looked")
        return await look(*args)  # type: ignore[arg-type]  # whatever the sweep gives

    monkeypatch.setitem(sweeps.KINDS, "absence", (find, counted))
    return seen
