"""One real PostgreSQL for the run, one database for each worker, fresh organizations for each test.

Tenants are walls: a test that makes its own organizations needs no cleaning up after the others. The few
that look at the whole database ask for `own_database`.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from fastapi import FastAPI
from psycopg import sql

from app import embedded, migration
from app.main import create_app
from app.observability import configure_logging
from app.settings import Settings
from tests.copying import Original, copied, rows_of
from tests.people import Clinic, open_clinics

SERVER = "HANDRAIL_TEST_SERVER"
TEMPLATE = "handrail_template"


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the server; workers find its address in their environment."""
    if hasattr(config, "workerinput") or config.option.collectonly or SERVER in os.environ:
        return
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="handrail-tests-", dir=memory if memory.is_dir() else None))
    server = embedded.start(folder)
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    config.add_cleanup(lambda: embedded.stop(server))
    os.environ[SERVER] = embedded.url(server, "postgres")
    config.add_cleanup(lambda: os.environ.pop(SERVER, None))
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        # Whether writes survive is asked in tests/chaos, of a server of its own with everything on.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    migration.ensure_database(os.environ[SERVER], TEMPLATE)
    migration.upgrade(url_of(TEMPLATE))


def url_of(database: str) -> str:
    return os.environ[SERVER].replace("/postgres?", f"/{database}?")


def new_database(template: str = TEMPLATE) -> str:
    """The URL of a new, migrated, empty database."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(os.environ[SERVER], autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy wal_log").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return url_of(name)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def database_url() -> str:
    """The database of this worker: migrated, shared by its tests."""
    return new_database()


@pytest.fixture
def own_database() -> str:
    """A database of this test alone."""
    return new_database()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
async def app(settings: Settings, database_url: str) -> AsyncIterator[FastAPI]:
    """The whole application on this worker's database, started."""
    # As in production, where no traceback shows a value; unconfigured, structlog prints every local.
    configure_logging(stream=StringIO())
    application = create_app(settings, database_url)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture(scope="session")
async def first_clinic(app: FastAPI, database_url: str) -> Original:
    """The one that those of the tests are copied from; nobody uses it."""
    async with open_clinics(app) as clinic:
        with psycopg.connect(database_url) as connection:
            return Original(clinic, rows_of(connection, clinic))


@pytest.fixture
async def clinic(app: FastAPI, first_clinic: Original) -> AsyncIterator[Clinic]:
    """Riverside with ana, ben, clara and sam; and Lakeside with dmitri, who must never see any of it."""
    async with copied(app, first_clinic) as clinic:
        yield clinic


@pytest.fixture
def psql(database_url: str) -> Iterator[psycopg.Connection]:
    """The database as its superuser sees it, past every wall: for looking at what was kept."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
