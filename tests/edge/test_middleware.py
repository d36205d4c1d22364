"""What the edge adds to every exchange."""

from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import REGISTRY
from starlette.responses import Response

from app.edge import Edge
from app.edge.middleware import CLIENT_GONE
from tests.edge.conftest import Logs


def counted(method: str, route: str, status: int) -> float:
    labels = {"method": method, "route": route, "status": str(status)}
    return REGISTRY.get_sample_value("handrail_http_requests_total", labels) or 0.0


@pytest.mark.parametrize("sent", ["abc", "A.b_c-9", "x" * 64])
async def test_a_sane_request_id_is_kept(client: httpx.AsyncClient, logs: Logs, sent: str) -> None:
    answer = await client.get("/v1/things/1", headers={"X-Request-Id": sent})

    assert answer.headers["x-request-id"] == sent
    assert [line["request_id"] for line in logs.lines("request")] == [sent]


@pytest.mark.parametrize("sent", [None, "", "x" * 65, "a b", "a\tb", "é", "<script>", "a,b"])
async def test_another_is_replaced_by_a_uuid7(client: httpx.AsyncClient, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-Id": sent.encode()}
    answer = await client.get("/v1/things/1", headers=headers)

    assert UUID(answer.headers["x-request-id"]).version == 7


@pytest.mark.parametrize("path", ["/v1/things/1", "/v1/nowhere", "/livez"])
async def test_every_answer_has_safe_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers.get("cache-control") == ("no-store" if path.startswith("/v1/") else None)


async def test_a_handlers_own_header_stands(app: FastAPI, client: httpx.AsyncClient) -> None:
    @app.get("/v1/cached")
    async def cached() -> Response:
        return Response(headers={"Cache-Control": "private, no-store"})

    assert (await client.get("/v1/cached")).headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/v1/things/77?limit=3", "/v1/things/{thing_id}", 200),
        ("POST", "/v1/things/77", "/v1/things/{thing_id}", 422),
        ("DELETE", "/v1/things/77", "/v1/things/{thing_id}", 405),
        ("POST", "/v1/things/refusals/bug", "/v1/things/refusals/{name}", 500),
        ("GET", "/v1/nowhere/77", "unmatched", 404),
        ("GET", "/openapi.json", "/openapi.json", 200),
        ("GET", "/static/77.js", "/static/{path}", 404),
    ],
)
async def test_metrics_and_the_access_line_know_the_whole_template_and_no_path(
    app: FastAPI, client: httpx.AsyncClient, logs: Logs, *, method: str, path: str, route: str, status: int
) -> None:
    app.mount("/static", FastAPI(openapi_url=None))
    before = counted(method, route, status)
    assert (await client.request(method, path)).status_code == status

    assert counted(method, route, status) == before + 1
    (line,) = logs.lines("request")
    assert (line["method"], line["route"], line["status"]) == (method, route, status)
    assert 0 < line["duration_ms"] < 60_000
    assert not [value for value in line.values() if str(value).endswith(("/77", "77.js", "?limit=3"))]


async def test_the_access_line_says_who(client: httpx.AsyncClient, logs: Logs) -> None:
    await client.post("/v1/things/1", json={"note": "I want to die"})

    (line,) = logs.lines("request")
    assert line["organization_id"] == "0190d5b2-0000-7000-8000-000000000001"
    assert line["actor_kind"] == "patient"
    assert "die" not in logs.text


async def test_probes_are_counted_and_not_logged(client: httpx.AsyncClient, logs: Logs) -> None:
    before = counted("GET", "/livez", 200)
    await client.get("/livez")

    assert counted("GET", "/livez", 200) == before + 1
    assert logs.lines() == []


async def test_two_requests_share_nothing(client: httpx.AsyncClient, logs: Logs) -> None:
    await client.post("/v1/things/1", json={})
    await client.get("/v1/things/1")

    first, second = logs.lines("request")
    assert "organization_id" in first
    assert "organization_id" not in second


async def test_a_client_that_leaves_is_counted() -> None:
    async def never(scope: object, receive: object, send: object) -> None:
        raise TaskCancelled

    class TaskCancelled(BaseException):
        pass

    app = FastAPI()
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "app": app}
    before = counted("GET", "unmatched", CLIENT_GONE)
    with pytest.raises(TaskCancelled):
        await Edge(never)(scope, None, None)  # type: ignore[arg-type]

    assert counted("GET", "unmatched", CLIENT_GONE) == before + 1


async def test_what_is_not_http_passes_untouched() -> None:
    seen = []

    async def inner(scope: object, receive: object, send: object) -> None:
        seen.append((scope, receive, send))

    await Edge(inner)({"type": "lifespan"}, "receive", "send")  # type: ignore[arg-type]
    assert seen == [({"type": "lifespan"}, "receive", "send")]
