"""Every trap of JSON is a clear refusal, on every route."""

import json
from contextlib import suppress

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.edge import read_json
from app.problems import MalformedJson

JSON = {"Content-Type": "application/json"}
MALFORMED = {
    "nothing but a space": b" ",
    "a number that is none": b'{"hours": NaN}',
    "infinity": b'{"hours": Infinity}',
    "minus infinity": b'{"hours": -Infinity}',
    "an overflowing float": b'{"hours": 1e999}',
    "an overflowing float in a list": b'{"flags": [-1e999]}',
    "a lone surrogate": rb'{"note": "\ud800"}',
    "a lone surrogate as a key": rb'{"\udfff": 1}',
    "a lone surrogate in bytes": b'{"note": "\xed\xa0\x80"}',
    "a NUL": rb'{"note": "a\u0000b"}',
    "a NUL as a key": rb'{"\u0000": 1}',
    "a raw NUL": b'{"note": "\x00"}',
    "thirty digits": b'{"hours": 123456789012345678901234567890}',
    "five thousand digits": b'{"hours": ' + b"9" * 5000 + b"}",
    "deep brackets": b"[" * 30_000 + b"]" * 30_000,
    "deep brackets, never closed": b"[" * 60_000,
    "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "33 levels": b"[" * 34 + b"]" * 34,
    "the same key twice": b'{"note": "a", "note": "b"}',
    "the same key twice, spelt differently": rb'{"note": "a", "n\u006fte": "b"}',
    "the same key twice, further in": b'{"answers": {"mood": 1, "mood": 9}}',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"note": "a"}'.encode("utf-16"),
    "Latin-1": '{"note": "é"}'.encode("latin-1"),
    "a trailing comma": b'{"note": "a",}',
    "single quotes": b"{'note': 'a'}",
    "two documents": b"{} {}",
    "half a document": b'{"note": "a',
    "leading zeros": b'{"hours": 007}',
}


@pytest.mark.parametrize("path", ["/v1/things/1", "/v1/things/any/thing", "/v1/things/batch/all"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_trap_is_a_400(client: httpx.AsyncClient, path: str, body: bytes) -> None:
    answer = await client.post(path, content=body, headers=JSON)

    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "malformed_json"


@pytest.mark.parametrize(
    "body",
    [b"null", b"[]", b"1", b'"text"', b"true", b'{"answers": []}', b'{"note": {}}', b'{"flags": [1]}'],
)
async def test_valid_json_of_the_wrong_shape_is_a_422(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/things/1", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["code"]) == (422, "unacceptable")


async def test_an_absent_body_is_missing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things/1")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"in": "body", "pointer": "", "code": "missing", "detail": "Is required."}
    ]


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "application/x+json"]
)
async def test_json_by_any_of_its_names_is_read(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/things/1", content=b'{"note": "a"}', headers={"Content-Type": kind})

    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    "kind", [None, "", "text/plain", "application/xml", "application/jsonp", "multipart/form-data", ";", "é"]
)
async def test_another_content_type_is_a_415(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind.encode()}
    answer = await client.post("/v1/things/1", content=b'{"note": "a"}', headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


async def test_a_form_route_takes_forms(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things/form/token", data={"username": "ana"})

    assert (answer.status_code, answer.json()) == (200, 3)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc"), inner),
    max_leaves=30,
)


@given(values)
def test_whatever_is_sound_is_read_as_python_reads_it(value: object) -> None:
    for ascii_only in (True, False):
        assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(MalformedJson):
        read_json(body)
