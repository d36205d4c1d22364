"""An application whose database is away for good, and a real receiver of fallback pages."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from uuid_utils.compat import uuid7

from app.access import Role
from app.keeping.said import Said, unsealed
from app.main import create_app
from app.observability import configure_logging
from app.settings import Settings
from app.spool import Entry, Store
from tests.edge.conftest import logs  # noqa: F401 - a fixture for the tests of this folder
from tests.pager.receivers import Receiver, http_server
from tests.people import client_for, token_for

NOWHERE = "postgresql://postgres@127.0.0.1:1/handrail"


@dataclass
class Away:
    """Ana and her phone, while nothing answers."""

    app: FastAPI
    own: Settings
    operator: Receiver
    organization_id: UUID
    ana_id: UUID
    ana: AsyncClient

    def client(self, role: Role = Role.PATIENT, **changed: Any) -> AsyncClient:
        """Somebody else of Ana's organization."""
        facts = {"organization_id": self.organization_id, "id": uuid7(), "credential_id": uuid7()}
        return client_for(self.app, token_for(self.app, role=role, **facts | changed))

    def entries(self) -> list[Entry]:
        store = Store(self.own.spool_folder, self.own.spool_megabytes)
        try:
            return store.entries()
        finally:
            store.close()

    def said(self) -> list[Said]:
        return [unsealed(entry, self.app.state.office.sealer) for entry in self.entries()]

    def told(self) -> list[str]:
        return [body["message"] for body in self.operator.bodies()]


@pytest.fixture(scope="module")
async def dark_app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[FastAPI, Receiver]]:
    async with http_server() as operator:
        own = Settings(
            data_dir=tmp_path_factory.mktemp("dark"),
            fallback_pager=operator.address(),  # type: ignore[arg-type]  # pydantic reads it
            webhook_private_hosts="127.0.0.1",
            spool_megabytes=1,
        )
        app = create_app(own, NOWHERE)
        async with app.router.lifespan_context(app):
            yield app, operator


@pytest.fixture
async def away(dark_app: tuple[FastAPI, Receiver]) -> AsyncIterator[Away]:
    """With an empty spool, and nobody paged yet."""
    app, operator = dark_app
    configure_logging(stream=StringIO())  # unconfigured, structlog prints every local, slowly
    own: Settings = app.state.settings
    forget_everything(own.spool_folder)
    operator.asked.clear()
    ana, organization_id = uuid7(), uuid7()
    token = token_for(app, organization_id=organization_id, id=ana, role=Role.PATIENT, credential_id=uuid7())
    async with client_for(app, token) as client:
        yield Away(app, own, operator, organization_id, ana, client)


def forget_everything(folder: Path) -> None:
    store = Store(folder, 1)
    store.remove([entry.id for entry in store.entries()])
    store.close()
