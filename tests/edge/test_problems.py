"""Every refusal is one problem, with a stable code and without the input."""

import json

import httpx
import psycopg
import pytest
import sqlalchemy.exc
from fastapi import FastAPI

from app.problems import is_database_away
from tests.edge.conftest import HELP, Logs


@pytest.mark.parametrize(
    ("name", "status", "code", "header"),
    [
        ("bad_request", 400, "invalid_grant", None),
        ("unauthenticated", 401, "unauthenticated", ("www-authenticate", "Bearer")),
        ("forbidden", 403, "forbidden", None),
        ("not_found", 404, "not_found", None),
        ("conflict", 409, "already_resolved", None),
        ("precondition_failed", 412, "version_changed", None),
        ("unacceptable", 422, "unacceptable", None),
        ("precondition_required", 428, "if_match_required", None),
        ("too_many", 429, "too_many_requests", ("retry-after", "30")),
        ("unavailable", 503, "unavailable", ("retry-after", "7")),
        ("statement_timeout", 503, "database_busy", ("retry-after", "1")),
        ("lock_timeout", 503, "database_busy", ("retry-after", "1")),
        ("deadlock", 503, "database_busy", ("retry-after", "1")),
        ("serialization", 503, "database_busy", ("retry-after", "1")),
        ("standby", 503, "database_away", ("retry-after", "2")),
        ("http", 418, "i_m_a_teapot", None),
        ("bug", 500, "internal_error", None),
        ("row", 500, "internal_error", None),
    ],
)
async def test_each_error_has_its_status_and_code(
    client: httpx.AsyncClient, name: str, status: int, code: str, header: tuple[str, str] | None
) -> None:
    answer = await client.post(f"/v1/things/refusals/{name}")
    problem = answer.json()

    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "about:blank"
    assert problem["title"]
    assert problem["detail"].endswith(".")
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "die" not in answer.text
    assert problem["help"] == HELP, "the route's own members are on every error"
    if header:
        assert answer.headers[header[0]] == header[1]


async def test_a_conflict_carries_its_public_members(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/things/refusals/conflict")).json()["occurrences"] == 3


async def test_faults_of_the_domain_are_errors(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/things/refusals/unacceptable")).json()["errors"] == [
        {"in": "body", "pointer": "/answers/craving", "code": "too_large", "detail": "At most 10."}
    ]


async def test_a_database_that_does_not_answer_is_a_503(client: httpx.AsyncClient, logs: Logs) -> None:
    answer = await client.post("/v1/things/database/away")

    assert (answer.status_code, answer.json()["code"]) == (503, "database_away")
    assert answer.headers["retry-after"] == "2"
    (line,) = logs.lines("database_away")
    assert line["error"] == "sqlalchemy.exc.OperationalError"


@pytest.mark.parametrize(
    ("exc", "away"),
    [
        (psycopg.OperationalError(), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.TooManyConnections(), True),
        (sqlalchemy.exc.TimeoutError(), True),
        (sqlalchemy.exc.OperationalError("", {}, psycopg.errors.QueryCanceled()), True),
        (sqlalchemy.exc.InternalError("", {}, psycopg.errors.IdleInTransactionSessionTimeout()), True),
        (sqlalchemy.exc.DBAPIError("", {}, Exception(), connection_invalidated=True), True),
        (ExceptionGroup("", [ExceptionGroup("", [psycopg.OperationalError()])]), True),
        (sqlalchemy.exc.IntegrityError("", {}, psycopg.errors.UniqueViolation()), False),
        (psycopg.errors.UndefinedTable(), False),
        (psycopg.DataError(), False),
        (TimeoutError(), False),
        (ValueError(), False),
    ],
)
def test_away_or_a_bug(exc: Exception, away: bool) -> None:
    assert is_database_away(exc) is away


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allow"),
    [
        ("GET", "/v1/nowhere", 404, "not_found", None),
        ("DELETE", "/v1/things/1", 405, "method_not_allowed", {"GET", "POST"}),
        ("BREW", "/v1/things/1", 405, "method_not_allowed", {"GET", "POST"}),
    ],
)
async def test_what_the_router_refuses_is_a_problem_too(
    client: httpx.AsyncClient, *, method: str, path: str, status: int, code: str, allow: set[str] | None
) -> None:
    answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if allow:
        assert answer.headers["allow"] in allow


@pytest.mark.parametrize(
    ("body", "pointer", "code", "detail"),
    [
        ({"answers": {"craving": 11}}, "/answers/craving", "too_large", "At most 10."),
        ({"answers": {"craving": "4"}}, "/answers/craving", "wrong_type", "Send a whole number."),
        ({"answers": {"craving": True}}, "/answers/craving", "wrong_type", "Send a whole number."),
        ({"answers": {"craving": 4.0}}, "/answers/craving", "wrong_type", "Send a whole number."),
        ({"answers": {"SECRET": 4}}, "/answers", "not_a_choice", "One of 'mood' or 'craving'."),
        ({"extra_answers": {"SECRET": "x"}}, "/extra_answers", "wrong_type", "Send a whole number."),
        ({"SECRET": 1}, "", "unknown_member", "Has a member that is not known here."),
        ({"flags": [True, "true"]}, "/flags/1", "wrong_type", "Send true or false."),
        ({"flags": {"SECRET": 1}}, "/flags", "wrong_type", "Send a list."),
        ({"title": "SECRET" * 40}, "/title", "too_long", "At most 200 characters."),
        ({"hours": 1e10}, "/hours", "too_large", "At most 1000000000.0."),
        ({"hours": "SECRET"}, "/hours", "wrong_type", "Send a number."),
        ({"id": "SECRET"}, "/id", "malformed", "Send an id: a UUID of version 7."),
        ({"time_zone": "SECRET"}, "/time_zone", "unknown_time_zone", None),
        ({"note": "custom"}, "", "substances_without_use", "Is not acceptable."),
        ({"note": "value"}, "", "unacceptable", "Is not acceptable."),
        ({"occurred_at": "SECRET"}, "/occurred_at", "malformed", None),
    ],
)
async def test_a_fault_names_the_place_and_the_limit(
    client: httpx.AsyncClient, logs: Logs, *, body: object, pointer: str, code: str, detail: str | None
) -> None:
    answer = await client.post("/v1/things/1", json=body)

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["in"], fault["pointer"], fault["code"]) == ("body", pointer, code)
    assert detail in (None, fault["detail"])
    assert "SECRET" not in answer.text + logs.text


@pytest.mark.parametrize(
    ("condition", "pointer", "code"),
    [
        ({"kind": "threshold", "value": "x"}, "/conditions/0/value", "wrong_type"),
        ({"kind": "silence"}, "/conditions/0/hours", "missing"),
        ({"kind": "SECRET"}, "/conditions/0", "not_a_choice"),
        ({"kind": "silence", "hours": 1, "SECRET": 1}, "/conditions/0", "unknown_member"),
    ],
)
async def test_a_tag_of_a_union_is_no_part_of_a_pointer(
    client: httpx.AsyncClient, condition: object, pointer: str, code: str
) -> None:
    answer = await client.post("/v1/things/rules/all", json={"conditions": [condition]})

    (fault,) = answer.json()["errors"]
    assert (fault["pointer"], fault["code"]) == (pointer, code)
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("limit", ["0", "201", "SECRET", "1.5"])
async def test_a_parameter_is_named_and_not_quoted(client: httpx.AsyncClient, limit: str) -> None:
    answer = await client.get("/v1/things/1", params={"limit": limit})

    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert (fault["in"], fault["pointer"]) == ("query", "/limit")
    assert "SECRET" not in answer.text


@pytest.mark.parametrize(
    ("query", "pointer", "code"),
    [({"SECRET": "SECRET"}, "", "unknown_member"), ({"status": "SECRET"}, "/status", "not_a_choice")],
)
async def test_an_unknown_parameter_is_not_named(
    client: httpx.AsyncClient, query: dict[str, str], pointer: str, code: str
) -> None:
    answer = await client.get("/v1/things/filtered/all", params=query)

    (fault,) = answer.json()["errors"]
    assert (fault["in"], fault["pointer"], fault["code"]) == ("query", pointer, code)
    assert "SECRET" not in answer.text


async def test_a_thousand_faults_are_fifty(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things/1", json={"flags": [1] * 1000})

    assert len(answer.json()["errors"]) == 50


async def test_extras_that_fail_do_not_lose_the_refusal(
    app: FastAPI, client: httpx.AsyncClient, logs: Logs
) -> None:
    def broken(_: object) -> dict[str, object]:
        raise RuntimeError("I want to die")

    app.state.problem_extras = broken
    answer = await client.post("/v1/things/refusals/conflict")

    assert (answer.status_code, answer.json()["code"]) == (409, "already_resolved")
    assert len(logs.lines("problem_extras_failed")) == 1
    assert "die" not in logs.text


async def test_a_bug_is_logged_by_class_and_frames_only(client: httpx.AsyncClient, logs: Logs) -> None:
    await client.post("/v1/things/refusals/bug")

    (line,) = logs.lines("unexpected_error")
    assert line["error"] == "builtins.ValueError"
    assert line["caused_by"] == ["builtins.RuntimeError"]
    assert line["frames"][-1].startswith("edge/conftest.py:")
    assert line["frames"][-1].endswith(":refuse")
    assert "die" not in logs.text


async def test_the_document_describes_problems_and_nothing_of_fastapis_own(app: FastAPI) -> None:
    document = app.openapi()

    responses = document["paths"]["/v1/things/{thing_id}"]["post"]["responses"]
    assert set(responses) == {"201", "default"}
    assert list(responses["default"]["content"]) == ["application/problem+json"]
    assert {"Problem", "ProblemFault"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in json.dumps(document)
