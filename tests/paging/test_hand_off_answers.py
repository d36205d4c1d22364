"""Whoever calls back about a hand-off proves by a signature who they are: everybody else is refused alike."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from httpx import Response
from uuid_utils.compat import uuid7

from app.webhooks.signature import new_secret
from tests.edge.conftest import Logs
from tests.paging.outside import Service, crisis_line
from tests.paging.post import Post

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
async def line(post: Post) -> AsyncIterator[Service]:
    """It was told just now, and has not answered."""
    async with crisis_line(post) as line:
        await post.craves()
        await post.work()
        yield line


def code(reply: Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["code"]


async def untouched(line: Service) -> None:
    """Nothing that was refused has done anything."""
    rows = line.post.psql.execute("select answer, answered_at, heard_at, reference from hand_off").fetchall()
    assert rows == [(None, None, None, None)]
    assert await line.post.log() == ["opened", "told 0 crisis_service"]
    assert line.post.minutes_to_next() is not None


async def test_what_is_not_signed_as_it_must_be_is_refused(line: Service) -> None:
    data = line.heard()[0]["data"]
    body = {"hand_off_id": data["hand_off_id"], "answer": "acknowledged"}
    url, now = data["answer_url"], line.post.now
    headers, raw = line.call(body, line.secret, now)
    foreign, _ = line.call(body, new_secret(), now)
    forged = {
        "unsigned": ({"content-type": "application/json"}, raw),
        "by another secret": (foreign, raw),
        "with another body": (headers, json.dumps({**body, "answer": "declined"}).encode()),
        "with another id": ({**headers, "webhook-id": "answer-9"}, raw),
        "with another time": ({**headers, "webhook-timestamp": str(int(now.timestamp()) + 1)}, raw),
        "of no version": ({**headers, "webhook-signature": headers["webhook-signature"][3:]}, raw),
        "with odd bytes": ({**headers, "webhook-signature": b"v1,\xff\xfe"}, raw),
        "long ago": line.call(body, line.secret, now - 5 * MINUTE - SECOND),
        "ahead of time": line.call(body, line.secret, now + 5 * MINUTE + SECOND),
    }
    for kind, call in forged.items():
        assert code(await line.says(url, *call)) == (401, "signature_refused"), kind
    await untouched(line)
    refused = line.post.psql.execute(
        "select count(*) from audit_entry where action = 'hand_off:answer' and outcome = 'refused'"
        " and resource_id = %s and actor_kind = 'crisis_service'",
        [data["hand_off_id"]],
    ).fetchall()
    assert refused == [(len(forged),)]
    assert (await line.says(url, headers, raw)).status_code == 200, "and the genuine one does"


async def test_it_is_proved_for_this_hand_off_of_this_organization_alone(line: Service) -> None:
    clinic, data = line.post.clinic, line.heard()[0]["data"]
    call = line.call(
        {"hand_off_id": data["hand_off_id"], "answer": "acknowledged"}, line.secret, line.post.now
    )
    nowhere = data["answer_url"].replace(data["hand_off_id"], str(uuid7()))
    lakeside = data["answer_url"].replace(str(clinic.organization_id), str(clinic.dmitri.organization_id))
    nobodys = data["answer_url"].replace(str(clinic.organization_id), str(uuid7()))
    for url in (nowhere, lakeside, nobodys):
        assert code(await line.says(url, *call)) == (401, "signature_refused")
    of_another = line.call(
        {"hand_off_id": str(uuid7()), "answer": "acknowledged"}, line.secret, line.post.now
    )
    reply = await line.says(data["answer_url"], *of_another)
    assert (reply.status_code, reply.json()["errors"][0]["code"]) == (422, "another_hand_off")
    await untouched(line)


async def test_what_we_sent_ourselves_is_no_answer(line: Service) -> None:
    """It is signed under the same secret."""
    ((_, headers, raw),) = line.receiver.asked
    own = {name: headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
    reply = await line.says(
        line.heard()[0]["data"]["answer_url"], own | {"content-type": "application/json"}, raw
    )
    assert reply.status_code == 422
    await untouched(line)


async def test_a_genuine_call_must_say_what_it_means(line: Service) -> None:
    for unclear in (
        {"answer": "perhaps"},
        {"answer": None},
        {"reference": "x" * 201},
        {"reference": "one\nline"},
        {"note": "She says that she will"},
    ):
        reply = await line.answers(**{"answer": "acknowledged", **unclear})
        assert reply.status_code == 422, reply.text
        assert "She says" not in reply.text
    await untouched(line)


async def test_what_is_no_json_is_refused(line: Service) -> None:
    url = line.heard()[0]["data"]["answer_url"]
    headers, raw = line.call({}, line.secret, line.post.now)
    for content in (b"", b"{", b"[]", b"null", b'"acknowledged"', b"{}", b"\xff", raw * 9_000):
        reply = await line.says(url, headers, content)
        assert 400 <= reply.status_code < 500, reply.text
    await untouched(line)


async def test_the_same_call_again_is_refused(line: Service) -> None:
    data = line.heard()[0]["data"]
    call = line.call({"hand_off_id": data["hand_off_id"], "answer": "declined"}, line.secret, line.post.now)
    assert (await line.says(data["answer_url"], *call)).status_code == 200
    for _ in range(2):
        assert code(await line.says(data["answer_url"], *call)) == (409, "already_received")
    assert (await line.post.log())[2:] == ["declined 0 crisis_service"]


async def test_the_same_answer_signed_anew_is_the_first(line: Service) -> None:
    first = await line.answers(reference="4711")
    line.post.later(seconds=20)
    again = await line.answers(reference="4711")
    assert (again.status_code, again.json()) == (200, first.json())
    replayed = line.call({}, line.secret, line.post.now)  # as old as the one before, or older
    assert code(await line.answers(reference="4711")) == (409, "already_received"), replayed
    line.post.later(seconds=1)
    assert code(await line.answers("declined")) == (409, "answered_already")
    assert code(await line.answers(reference="4712")) == (409, "answered_already")
    assert (await line.post.log())[2:] == ["acknowledged 0 crisis_service"]


async def test_many_at_once_are_one(line: Service) -> None:
    replies = await asyncio.gather(*(line.answers(after=number * SECOND) for number in range(8)))
    assert {reply.status_code for reply in replies} <= {200, 409}
    assert (await line.post.log())[2:] == ["acknowledged 0 crisis_service"]
    events = line.post.psql.execute("select type from event order by position").fetchall()
    assert events == [("alert.opened",), ("alert.acknowledged",)]


async def test_whoever_was_taken_leave_of_is_not_believed(line: Service) -> None:
    line.post.psql.execute("update webhook_endpoint set status = 'disabled', disabled_code = 'by_hand'")
    assert (await line.answers("declined")).status_code == 200, "it had been asked"
    line.post.psql.execute("update webhook_endpoint set status = 'deleted'")
    assert code(await line.answers("declined", after=SECOND)) == (401, "signature_refused")


async def test_a_secret_that_cannot_be_opened_refuses(line: Service, logs: Logs) -> None:
    line.post.psql.execute("update webhook_endpoint set secret = '\\x01'")
    assert code(await line.answers()) == (401, "signature_refused")
    assert logs.lines("hand_off_secret_unusable")
    assert line.secret not in logs.text


async def test_the_answer_is_in_the_audit_trail(line: Service) -> None:
    assert (await line.answers(reference="4711")).status_code == 200
    rows = line.post.psql.execute(
        "select actor_kind, role, resource, outcome, patient_id from audit_entry"
        " where action = 'hand_off:answer'"
    ).fetchall()
    assert rows == [("crisis_service", "integration", "hand_off", "done", line.post.clinic.ana.id)]
