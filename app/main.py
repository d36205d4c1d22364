"""Builds the FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from psycopg.types.json import set_json_loads

from app import board, clock, edge, embedded, migration, problems, routers
from app.database import engine_for
from app.dependencies import permissions, strangers
from app.dependencies.lanes import RESERVED, Lanes
from app.dependencies.refusals import audit_refusal, crisis_help, sees_what_it_asks_about
from app.edge.draining import Draining
from app.errors import Forbidden, NotFound, PreconditionRequired
from app.instruments.catalogue import CATALOGUE
from app.keeping import Keeping
from app.observability import configure_logging
from app.post_office import PostOffice
from app.settings import Settings, settings
from app.tokens import KeyRing, TokenCache
from app.watermark import Watermark

log = structlog.get_logger()

set_json_loads(orjson.loads)


def application() -> FastAPI:
    """The application as the environment configures it; what uvicorn's processes call."""
    own = settings()
    configure_logging(own.log_threshold)
    return create_app(own, _database_url_even_if_away(own))


def database_url(own: Settings) -> str:
    """Where the database is: the configured server, or the embedded one, started when it does not run."""
    if own.database_url is not None:
        return own.database_url.get_secret_value()
    return embedded.url(embedded.start(own.data_dir))


def _database_url_even_if_away(own: Settings) -> str:
    """As `database_url`; when the embedded server does not start, where it will be once it does: meanwhile
    there is somebody who keeps what patients say."""
    try:
        return database_url(own)
    except Exception:  # a server that does not start refuses in many ways
        log.exception("database_not_started")
        return embedded.expected_url(own.data_dir)


def create_app(own: Settings, url: str) -> FastAPI:
    """The application on one database. Nothing is connected or read until it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.draining = Draining()
        with app.state.draining.on_signals():
            async with app.state.watermark.running(), app.state.keeper.running():
                yield
        await app.state.engine.dispose()

    app = FastAPI(
        title="Handrail", version="0.1.0", lifespan=lifespan, redirect_slashes=False,
        webhooks=routers.WEBHOOKS,
    )  # fmt: skip
    app.state.settings = own
    app.state.clock = clock.now
    app.state.schema_heads = migration.heads()
    app.state.engine = engine_for(url, own.database_pool + RESERVED)
    app.state.lanes = Lanes(own.database_pool)
    app.state.watermark = Watermark(url)
    packs = own.content_packs
    app.state.instruments = CATALOGUE.with_content(packs) if packs else CATALOGUE
    app.state.keys = KeyRing.load(own.signing_keys, generate=own.keys_dir is None)
    app.state.tokens = TokenCache(app.state.keys, issuer=own.issuer, audience=own.audience)
    app.state.office = PostOffice.of(own)
    app.state.keeper = Keeping(
        own, app.state.engine, app.state.office.sealer, app.state.instruments, app.state.schema_heads
    )
    app.state.slots_for_strangers = strangers.slots(own.database_pool)
    for router in routers.ALL:
        app.include_router(router)
    board.mount(app)
    permissions.require_on_every_route(app.routes, routers.PUBLIC_ROUTES)
    edge.install(app)
    app.state.problem_extras = crisis_help
    for refusal in (Forbidden, NotFound, PreconditionRequired):
        app.add_exception_handler(refusal, _refused)
    return app


async def _refused(request: Request, exc: Exception) -> Response:
    """What somebody was not let do is audited, too; an audit that cannot be kept is a 503.

    Of what they may not see, they learn nothing but that it does not exist.
    """
    if not isinstance(exc, NotFound) and not await sees_what_it_asks_about(request):
        exc = NotFound()
    if not isinstance(exc, PreconditionRequired):
        await audit_refusal(request)
    return await problems.refused(request, exc)
