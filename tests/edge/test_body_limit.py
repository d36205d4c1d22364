"""Bodies are bounded by their bytes, declared or not, against a real server and in process."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from app.edge import BATCH_BYTES, BODY_BYTES
from tests.edge.conftest import Logs

JSON = {"Content-Type": "application/json"}


def body_of(size: int) -> bytes:
    """A JSON list of exactly so many bytes."""
    return b"[" + b" " * (size - 2) + b"]"


def chunks(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 10_000):
        yield body[start : start + 10_000]


def assert_too_large(answer: httpx.Response) -> None:
    assert answer.status_code == 413, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (413, "content_too_large")
    assert problem["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
@pytest.mark.parametrize(
    ("path", "limit"), [("/v1/things/any/thing", BODY_BYTES), ("/v1/things/batch/all", BATCH_BYTES)]
)
def test_over_the_wire(server: str, path: str, limit: int, declared: bool) -> None:
    for size, accepted in [(limit, True), (limit + 1, False), (20_000_000, False)]:
        content = body_of(size) if declared else chunks(body_of(size))
        try:
            answer = httpx.post(server + path, content=content, headers=JSON)
        except httpx.WriteError:
            assert size == 20_000_000, "the server hung up while the client was still sending"
            continue
        if accepted:
            assert answer.status_code == 200, answer.text
        else:
            assert_too_large(answer)


def test_over_the_wire_the_answer_precedes_the_body(server: str) -> None:
    """A client that announces 20 MB and sends nothing has its answer, and the server goes on."""
    address = urlsplit(server)
    with socket.create_connection((address.hostname, address.port), timeout=5) as connection:
        connection.sendall(
            b"POST /v1/things/any/thing HTTP/1.1\r\nHost: handrail\r\nContent-Length: 20000000\r\n"
            b"Content-Type: application/json\r\n\r\n"
        )
        head, _, rest = connection.recv(65536).partition(b"\r\n\r\n")
        while not rest:
            rest = connection.recv(65536)
    assert head.startswith(b"HTTP/1.1 413")
    assert json.loads(rest)["code"] == "content_too_large"
    assert httpx.get(server + "/v1/things/1").status_code == 200


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
async def test_in_process(client: httpx.AsyncClient, logs: Logs, declared: bool) -> None:
    async def stream():
        for chunk in chunks(body_of(BODY_BYTES + 1)):
            yield chunk

    content = body_of(BODY_BYTES + 1) if declared else stream()
    assert_too_large(await client.post("/v1/things/any/thing", content=content, headers=JSON))
    (line,) = logs.lines("request")
    assert (line["status"], line["code"]) == (413, "content_too_large")


async def test_a_handler_that_reads_no_body_refuses_a_huge_one_as_a_problem(
    client: httpx.AsyncClient,
) -> None:
    assert_too_large(await client.post("/v1/things/body/unread", content=body_of(BODY_BYTES + 1)))


async def test_a_form_is_bounded_too(client: httpx.AsyncClient) -> None:
    assert_too_large(await client.post("/v1/things/form/token", data={"username": "a" * BODY_BYTES}))


def test_every_route_of_our_routers_has_a_limit(app: FastAPI) -> None:
    limits = [
        context.max_body_size
        for context in iter_route_contexts(app.routes)
        if (context.path or "").startswith("/v1/")
    ]
    assert len(limits) == 11
    assert set(limits) == {BODY_BYTES, BATCH_BYTES}
