"""The API as `handrail api` runs it, in one process, with the ceiling's routes beside its own."""

import uvicorn
from fastapi import FastAPI

from app.main import create_app, database_url
from app.observability import configure_logging
from app.settings import settings
from tests.bench import baseline


def application() -> FastAPI:
    """The application of the environment, and the ceiling."""
    own = settings()
    configure_logging()
    app = create_app(own, database_url(own))
    app.include_router(baseline.router)
    return app


if __name__ == "__main__":
    uvicorn.run(
        "tests.bench.service:application", factory=True, port=settings().port, access_log=False,
        log_config=None, server_header=False,
    )  # fmt: skip
