"""A reply is compared to the last letter; what differs from run to run has a name."""

import json
from typing import Any

import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from tests.walk.matching import Names, Unknown, differences, read_shown, text_differences
from tests.walk.misprints import misprints
from tests.walk.playing import faults_of
from tests.walk.script import Message
from tests.walk.writing import as_shown, laid_out, message

ANA, BEN = str(uuid7()), str(uuid7())


def same(shown: str, true: Any, **known: str) -> bool:
    return not list(differences(read_shown(shown), true, Names(**known)))


@pytest.mark.parametrize(
    ("shown", "true"),
    [
        ('{"a": 1, "b": [true, null, 2.5]}', {"a": 1, "b": [True, None, 2.5]}),
        ('{"a": 1, …}', {"b": 2, "a": 1}),
        ('{"a": {"b": 1, …}}', {"a": {"b": 1, "c": [1]}}),
        ("[1, …]", [1, 2, 3]),
        ("[…]", [1]),
        ('{"sentence": "So… much"}', {"sentence": "So… much"}),
        ('{"a": "$a", "b": "$b", "c": "of $a"}', {"a": "x1", "b": "x2", "c": "of x1"}),
    ],
)
def test_what_is_as_shown(shown: str, true: Any) -> None:
    assert same(shown, true)


@pytest.mark.parametrize(
    ("shown", "true"),
    [
        ('{"a": 1}', {"a": 2}),
        ('{"a": 1}', {"a": True}),
        ('{"a": 1}', {"a": 1.0}),
        ('{"a": 1}', {"a": "1"}),
        ('{"a": null}', {}),
        ('{"a": 1}', {"a": 1, "b": 2}),
        ('{"a": 1, …}', {"a": 1}),
        ('{"a": 1, …}', {"b": 1}),
        ("[1, …]", [1]),
        ("[1, …]", [2, 1]),
        ("[1, 2]", [1]),
        ("[1, 2]", [2, 1]),
        ("[1]", [1, 2]),
        ("[]", {}),
        ('{"a": "$a", "b": "$a"}', {"a": "x1", "b": "x2"}),
        ('{"a": "$ana"}', {"a": "somebody else"}),
        ('{"a": "$ana.ics"}', {"a": f"{ANA}-ics"}),
        ('{"a": "$new"}', {"a": ANA}),
        ('{"a": "$x", "b": "$y"}', {"a": BEN, "b": BEN}),
    ],
)
def test_what_is_not_as_shown(shown: str, true: Any) -> None:
    assert not same(shown, true, ana=ANA)


def test_a_name_stands_for_what_was_seen_first() -> None:
    names = Names()
    assert (
        list(differences(read_shown('{"url": "https://x/$secret.ics"}'), {"url": "https://x/s3.ics"}, names))
        == []
    )
    assert names.fill("/calendars/$secret.ics") == "/calendars/s3.ics"
    with pytest.raises(Unknown, match=r"\$other"):
        names.fill("/calendars/$other.ics")


def test_a_code_of_four_digits_may_be_the_same_twice() -> None:
    assert same('{"a": "$a", "b": "$b"}', {"a": "4711", "b": "4711"})


@pytest.mark.parametrize(
    ("shown", "same"),
    [
        ("a\nb\nc", True), ("a\n…", True), ("…\nc", True), ("a\n…\nc", True), ("…\nb\n…", True),
        ("a\nb", False), ("b\nc", False), ("a\nc", False), ("a\n…\nb", False), ("a\nb\nc\nd", False),
        ("$x\nb\nc", True), ("$x\n$x\nc", False),
    ],
)  # fmt: skip
def test_a_text_is_compared_by_its_lines(shown: str, same: bool) -> None:
    assert (not list(text_differences(shown, "a\r\nb\r\nc\r\n", Names()))) is same


TRUE: Any = {
    "id": ANA,
    "items": [{"n": 1, "of": BEN}, {"n": 2, "of": BEN}],
    "sentence": "Two more groups.",
    "none": None,
}


def test_the_true_reply_is_written_as_the_document_shows_it() -> None:
    names = Names(ben=BEN)
    shown = read_shown('{"id": "$ana", "items": [{"n": 7, …}, …], "sentence": "One more.", …}')
    assert _flat(as_shown(TRUE, shown, names)) == (
        '{"id": "$ana", "items": [{"n": 1, …}, …], "sentence": "Two more groups.", …}'
    )
    assert _flat(as_shown(TRUE["items"], None, names)) == '[{"n": 1, "of": "$ben"}, {"n": 2, "of": "$ben"}]'


def _flat(value: Any) -> str:
    return " ".join(laid_out(value).split()).replace("{ ", "{").replace(" }", "}")


def test_what_is_written_is_accepted_and_no_line_is_too_long() -> None:
    body = {"items": [{f"member_{index}": "x" * 30 for index in range(5)} for _ in range(2)], "one": [1, 2]}
    answer = Response(201, headers={"ETag": '"3"', "Location": "/v1/x"}, json={**body, "id": ANA})
    shown = Message(
        "HTTP/1.1 200 OK", {"etag": '"$tag"'}, '{"id": "$ana", "items": [{"member_1": "y", …}, …]}'
    )
    written = message(answer, shown, names := Names())
    assert written.startswith('HTTP/1.1 201 Created\nETag: "$tag"\n\n{')
    assert max(map(len, written.split("\n"))) <= 100
    head, _, anew = written.partition("\n\n")
    accepted = Message(head.split("\n", maxsplit=1)[0], shown.headers, anew)
    assert list(faults_of(answer, accepted, names)) == []


def test_a_calendar_is_written_line_by_line() -> None:
    answer = Response(200, headers={"content-type": "text/calendar"}, content=f"A\r\nUID:{ANA}\r\n".encode())
    assert message(answer, Message("HTTP/1.1 200 OK", {}, "…"), Names(ana=ANA)).endswith("\n\nA\nUID:$ana")


@pytest.mark.parametrize("shown", ["…", "", '{"a": 1,', None])
def test_a_body_that_is_not_shown_is_a_fault(shown: str | None) -> None:
    answer = Response(200, json={"a": 1})
    assert list(faults_of(answer, Message("HTTP/1.1 200 OK", {}, shown), Names()))
    assert list(faults_of(Response(204), Message("HTTP/1.1 204 No Content", {}, "{}"), Names()))


def test_every_misprint_is_found() -> None:
    shown = '{"id": "$ana", "n": [{"a": 1}, {"b": null}], "c": {"d": true, …}, "e": [2.5, …], "f": ""}'
    true = {"id": ANA, "n": [{"a": 1}, {"b": None}], "c": {"d": True, "x": 1}, "e": [2.5, 3], "f": ""}
    answer = Response(200, headers={"ETag": '"1"'}, content=json.dumps(true), extensions={})
    answer.headers["content-type"] = "application/json"
    right = Message("HTTP/1.1 200 OK", {"etag": '"1"'}, shown)
    assert list(faults_of(answer, right, Names(ana=ANA))) == []
    every = list(misprints(right))
    assert len(every) > 25
    for wrong in every:
        assert list(faults_of(answer, wrong, Names(ana=ANA))), wrong
