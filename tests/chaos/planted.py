"""The same application with the one mistake that the scenario must find: its unit of work is a dependency of
FastAPI's default scope, so that the commit comes after the response. Only ever started by the tests."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

import uvicorn
from fastapi import Depends, FastAPI, Request

from app.database import Db, unit_of_work
from app.dependencies import CurrentActor, tenant_db
from app.main import create_app, database_url
from app.observability import configure_logging
from app.settings import settings

SLOW_COMMIT_SECONDS = 0.02  # as on a disk that many share; it makes few kills enough


async def late(request: Request, actor: CurrentActor) -> AsyncIterator[Db]:
    """Commits when the response is long on its way."""
    async with unit_of_work(request.app.state.engine, actor.organization_id) as db:
        yield db
        await asyncio.sleep(SLOW_COMMIT_SECONDS)


async def handed_on(db: Annotated[Db, Depends(late)]) -> Db:
    """What `tenant_db` is replaced by."""
    return db


def application() -> FastAPI:
    """The spoiled application."""
    own = settings()
    configure_logging()
    app = create_app(own, database_url(own))
    app.dependency_overrides[tenant_db] = handed_on
    return app


if __name__ == "__main__":
    uvicorn.run(
        "tests.chaos.planted:application",
        factory=True,
        port=settings().port,
        access_log=False,
        log_config=None,
    )
