"""A small real application behind the edge, with a route for everything that can go wrong."""

import io
import json
import logging
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Literal, Self

import httpx
import psycopg
import pytest
import structlog
import uvicorn
from fastapi import APIRouter, Body, FastAPI, Form, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from app import edge, errors
from app.observability import add_log_facts, configure_logging
from app.schemas import fields

HELP = {"resources": [{"name": "988 Lifeline", "call": "988"}]}


class Answers(fields.Body):
    """A body with every kind of place for a fault."""

    id: fields.Uuid7 | None = None
    answers: dict[Literal["mood", "craving"], Annotated[fields.Whole, Field(ge=0, le=10)]] = Field(
        default_factory=dict
    )
    extra_answers: dict[str, fields.Whole] = Field(default_factory=dict)
    flags: list[bool] = Field(default_factory=list)
    title: fields.Line | None = None
    note: fields.Text = ""
    hours: fields.Number | None = None
    occurred_at: fields.Moment | None = None
    time_zone: fields.Zone | None = None

    @model_validator(mode="after")
    def _judge(self) -> Self:
        if self.note == "custom":
            raise PydanticCustomError("substances_without_use", "SECRET")
        if self.note == "value":
            raise ValueError("SECRET")
        return self


class Threshold(fields.Body):
    kind: Literal["threshold"]
    value: fields.Number


class Silence(fields.Body):
    kind: Literal["silence"]
    hours: fields.Whole


class Rules(fields.Body):
    conditions: list[Annotated[Threshold | Silence, Field(discriminator="kind")]]


things = edge.router("/things", "things")


@things.post("/{thing_id}", status_code=201)
async def create(thing_id: int, body: Answers) -> Answers:
    add_log_facts(organization_id="0190d5b2-0000-7000-8000-000000000001", actor_kind="patient")
    return body


@things.get("/{thing_id}")
async def read(thing_id: int, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> int:
    return limit


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")
    status: Literal["open", "resolved"] = "open"


@things.get("/filtered/all")
async def filtered(filters: Annotated[Filters, Query()]) -> str:
    return filters.status


@things.post("/rules/all")
async def rules(body: Rules) -> int:
    return len(body.conditions)


@things.post("/batch/all", max_body_size=edge.BATCH_BYTES)
async def batch(body: list[Answers]) -> int:
    return len(body)


@things.post("/any/thing")
async def anything(body: Annotated[object, Body()]) -> int:
    return len(json.dumps(body))


@things.post("/form/token")
async def form(username: Annotated[str, Form()]) -> int:
    return len(username)


@things.post("/body/unread")
async def unread() -> None:
    """Never looks at its body."""


REFUSALS: dict[str, Callable[[], Exception]] = {
    "bad_request": lambda: errors.BadRequest("invalid_grant", "It is not."),
    "unauthenticated": errors.Unauthenticated,
    "forbidden": errors.Forbidden,
    "not_found": errors.NotFound,
    "conflict": lambda: errors.Conflict("already_resolved", "It is resolved.", {"occurrences": 3}),
    "precondition_failed": errors.PreconditionFailed,
    "unacceptable": lambda: errors.Unacceptable.at("/answers/craving", "too_large", "At most 10."),
    "precondition_required": errors.PreconditionRequired,
    "too_many": lambda: errors.TooMany(30),
    "unavailable": lambda: errors.Unavailable(retry_after=7),
    "statement_timeout": psycopg.errors.QueryCanceled,
    "lock_timeout": psycopg.errors.LockNotAvailable,
    "deadlock": psycopg.errors.DeadlockDetected,
    "serialization": psycopg.errors.SerializationFailure,
    "standby": psycopg.errors.ReadOnlySqlTransaction,
    "http": lambda: HTTPException(418, "I want to die"),
    "bug": lambda: RuntimeError("I want to die"),
    "row": lambda: psycopg.errors.CheckViolation("DETAIL: Failing row contains (1, I want to die)."),
}


@things.post("/refusals/{name}")
async def refuse(name: str) -> None:
    refusal = REFUSALS[name]()
    try:
        raise refusal
    except RuntimeError as bug:
        raise ValueError("a note: I want to die") from bug


@things.post("/database/away")
async def database_away() -> None:
    engine = create_async_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    async with engine.connect():
        pass


@things.get("/broken/stream")
async def broken_stream() -> StreamingResponse:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"first"
        raise RuntimeError("I want to die")

    return StreamingResponse(chunks())


def build_app() -> FastAPI:
    app = FastAPI()
    v1 = APIRouter(prefix="/v1")
    v1.include_router(things)
    app.include_router(v1)
    edge.install(app)

    @app.get("/livez")
    async def livez() -> str:
        return "ok"

    def crisis_help(request: Request) -> dict[str, object]:
        return {"help": HELP} if "refusals" in request.url.path else {}

    app.state.problem_extras = crisis_help
    return app


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def app() -> FastAPI:
    return build_app()


@pytest.fixture
async def client(app: FastAPI, logs: "Logs") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://handrail.test") as client:
        yield client


class Logs:
    """What was written since the test began."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    def lines(self, event: str | None = None) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if event in (None, line["event"])]

    def clear(self) -> None:
        self.stream.seek(0)
        self.stream.truncate()


@pytest.fixture
def logs() -> Iterator[Logs]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs = Logs()
    configure_logging(stream=logs.stream)
    yield logs
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def server(app: FastAPI, logs: Logs) -> Iterator[str]:
    """The same application behind a real uvicorn; its address."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, server_header=False)
    uvicorn_server = uvicorn.Server(config)
    thread = threading.Thread(target=uvicorn_server.run)
    thread.start()
    while not uvicorn_server.started:
        time.sleep(0.01)
    host, port = uvicorn_server.servers[0].sockets[0].getsockname()
    yield f"http://{host}:{port}"
    uvicorn_server.should_exit = True
    thread.join()


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
