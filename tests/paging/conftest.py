"""clara is ana's primary counselor, olive is on call, sam supervises; it is ten in the morning."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from app.access import Role
from app.main import create_app
from app.settings import Settings
from tests.api.test_on_call_schedules import added, use
from tests.edge.conftest import logs  # noqa: F401 - a fixture for the tests of this folder
from tests.pager.conftest import mailbox, receiver  # noqa: F401 - the same
from tests.paging.post import Post
from tests.people import add_person, open_clinics


@pytest.fixture
def superuser(own_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(own_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def post(own_database: str, tmp_path: Path, superuser: psycopg.Connection) -> AsyncIterator[Post]:
    app = create_app(Settings(data_dir=tmp_path, webhook_private_hosts="127.0.0.1"), own_database)
    async with app.router.lifespan_context(app), open_clinics(app) as clinic:
        olive = await add_person(app, clinic.organization_id, clinic.program_id, Role.COUNSELOR, "olive")
        schedule = await added(clinic, olive)
        use(superuser, clinic, schedule)
        async with olive.client:
            yield Post(clinic, superuser, olive, schedule)
