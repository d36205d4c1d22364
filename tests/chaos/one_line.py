"""The same application with the one mistake that the scenario must find: everybody stands in one line, those
who cry for help behind those who load lists. Only ever started by the tests."""

import uvicorn
from fastapi import FastAPI, Request

from app.database import Lane
from app.dependencies.lanes import Lanes
from app.main import create_app, database_url
from app.observability import configure_logging
from app.settings import settings


class OneLine(Lanes):
    """First come, first served."""

    def of(self, request: Request) -> Lane:
        """Where everybody waits."""
        return self.reads


def application() -> FastAPI:
    """The spoiled application."""
    own = settings()
    configure_logging()
    app = create_app(own, database_url(own))
    app.state.lanes = OneLine(own.database_pool)
    return app


if __name__ == "__main__":
    uvicorn.run(
        "tests.chaos.one_line:application",
        factory=True,
        port=settings().port,
        access_log=False,
        log_config=None,
    )
