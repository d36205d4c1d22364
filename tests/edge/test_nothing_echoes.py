"""Nothing that a person wrote appears in an error or a log, wherever in the request it stood."""

import json
import string
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.edge.conftest import Logs

# Long and odd enough not to be in an answer by chance.
secrets = st.text(string.ascii_lowercase, min_size=12, max_size=40).map(lambda text: f"zq{text}")


def bodies(secret: str) -> st.SearchStrategy[object]:
    """JSON with the secret in any place: value, key, tag, list, deep inside."""
    leaves = st.sampled_from([secret, f"I want to {secret}", 4, None, True, f"{secret}\0", [secret]])
    keys = st.sampled_from(
        [secret, "answers", "note", "title", "flags", "id", "kind", "conditions", "occurred_at", "time_zone"]
    )
    nested = st.recursive(leaves, lambda inner: st.dictionaries(keys, inner, max_size=4) | st.lists(inner))
    return st.dictionaries(keys, nested, max_size=4) | nested


@dataclass(frozen=True)
class Sent:
    """A request with the secret somewhere in it."""

    secret: str
    path: str
    content: bytes
    kind: str


@st.composite
def requests(draw: st.DrawFn) -> Sent:
    secret = draw(secrets)
    path = draw(st.sampled_from(["/v1/things/1", "/v1/things/rules/all", f"/v1/things/{secret}"]))
    body = json.dumps(draw(bodies(secret))).encode()
    broken = draw(st.sampled_from([body, body[:-1], body + secret.encode(), b"\xff" + body]))
    kind = draw(st.sampled_from(["application/json", "text/plain", f"application/{secret}"]))
    return Sent(secret, path, broken, kind)


# Drawn whole before the test: a draw inside a coroutine may raise what ends the event loop's
# runner, and with it the tests after this one.
@given(sent=requests())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_secret_never_comes_back(app: FastAPI, logs: Logs, sent: Sent) -> None:
    logs.clear()
    secret = sent.secret
    headers = {"Content-Type": sent.kind, "X-Request-Id": f"{secret} {secret}", "Cookie": f"a={secret}"}

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://handrail.test"
    ) as client:
        answer = await client.post(sent.path, content=sent.content, headers=headers, params={"q": secret})

    assert secret not in logs.text
    assert len(logs.lines("request")) == 1
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert secret not in answer.text + str(answer.headers)


@given(secret=secrets)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_secret_in_a_query_never_comes_back(app: FastAPI, logs: Logs, secret: str) -> None:
    logs.clear()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://handrail.test"
    ) as client:
        answer = await client.get("/v1/things/1", params={"limit": secret, secret: secret})

    assert answer.status_code == 422
    assert secret not in answer.text + logs.text


def test_over_the_wire_a_broken_answer_says_nothing(server: str, logs: Logs) -> None:
    """The server's own log of an exception is one of the ways out; a body cut short is the only sign."""
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
        httpx.get(server + "/v1/things/broken/stream")

    assert "die" not in logs.text
    assert [line["error"] for line in logs.lines("unexpected_error")] == ["builtins.RuntimeError"]
    assert "app.edge.middleware.BrokenAnswer" in [line.get("error") for line in logs.lines("library_log")]
