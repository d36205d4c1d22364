"""Calls that are forged, stale, repeated, broken or too large: refused, none with 5xx, nothing kept."""

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from app.webhooks.signature import new_secret
from tests.api.evenings import Evening, moment
from tests.people import Clinic, client_for
from tests.telehealth.platform import PATH, ZOOM_SECRET, Platform, applied, as_adele

NOW = moment("18:00")
TOKEN = "qgg8vlvZRS6UYooatFL8Aw"
SECOND = timedelta(seconds=1)
OTHER_SECRET = {"generic": new_secret(), "zoom": ZOOM_SECRET[::-1]}
Forge = Callable[[Platform, bytes], tuple[bytes, dict[str, str]]]


@pytest.fixture(params=["generic", "zoom"])
async def platform(clinic: Clinic, psql: psycopg.Connection, request: pytest.FixtureRequest) -> Platform:
    evening = await Evening.planned(clinic, psql)
    found = await Platform.connected(clinic, request.param)
    await found.bind(session_id=str(evening.id))
    await found.knows(clinic.ana)
    return found


def joined(platform: Platform, **data: Any) -> bytes:
    return json.dumps(platform.told("joined", NOW, who=platform.clinic.ana, **data)).encode()


def kept(psql: psycopg.Connection, clinic: Clinic) -> int:
    (row,) = psql.execute(
        "select count(*) from telehealth_event where organization_id = %s", [clinic.organization_id]
    ).fetchall()
    return int(row[0])


def refused(psql: psycopg.Connection, clinic: Clinic) -> int:
    """How many calls the audit says were refused."""
    (row,) = psql.execute(
        "select count(*) from audit_entry where organization_id = %s and outcome = 'refused'"
        " and action = 'telehealth_event:receive' and actor_kind = 'integration'",
        [clinic.organization_id],
    ).fetchall()
    return int(row[0])


def changed(platform: Platform, body: bytes, **changes: str | None) -> dict[str, str]:
    """The headers of a genuine call, with these (by the first letters of their names) otherwise."""
    headers = platform.signed(body, NOW)
    for name, value in changes.items():
        (known,) = [each for each in headers if each.replace("-", "_").endswith(name)]
        if value is None:
            del headers[known]
        else:
            headers[known] = value
    return headers


FORGED: dict[str, Forge] = {
    "another secret": lambda p, body: (body, p.signed(body, NOW, secret=OTHER_SECRET[p.name])),
    "another body": lambda p, body: (body + b" ", p.signed(body, NOW)),
    "five minutes old": lambda p, body: (body, p.signed(body, NOW - 301 * SECOND)),
    "five minutes ahead": lambda p, body: (body, p.signed(body, NOW + 301 * SECOND)),
    "no headers": lambda _, body: (body, {}),
    "no signature": lambda p, body: (body, changed(p, body, signature=None)),
    "no time": lambda p, body: (body, changed(p, body, timestamp=None)),
    "another time": lambda p, body: (body, changed(p, body, timestamp=str(int(NOW.timestamp()) + 1))),
    "a time that is none": lambda p, body: (body, changed(p, body, timestamp="²")),
    "a time without end": lambda p, body: (body, changed(p, body, timestamp="9" * 5000)),
    "an empty signature": lambda p, body: (body, changed(p, body, signature="")),
    "a signature that is none": lambda p, body: (body, changed(p, body, signature="v1,=== v0=\xff")),
    "a signature of zeros": lambda p, body: (body, changed(p, body, signature="v0=" + "0" * 64)),
    "not JSON either": lambda _, __: (b"\xff\xfe{", {"webhook-id": "x"}),
}


async def test_whatever_is_not_signed_now_is_refused_and_leaves_its_trace(
    clinic: Clinic, platform: Platform, psql: psycopg.Connection
) -> None:
    for number, (how, forge) in enumerate(FORGED.items(), 1):
        body, headers = forge(platform, joined(platform))
        raw = {name: value.encode() for name, value in headers.items()}
        reply = await platform.send(body, NOW, raw)  # type: ignore[arg-type]  # httpx takes both
        assert (reply.status_code, reply.json()["code"]) == (401, "call_refused"), how
        assert (kept(psql, clinic), refused(psql, clinic)) == (0, number), how


async def test_the_genuine_call_is_taken_right_up_to_the_limit(
    clinic: Clinic, platform: Platform, psql: psycopg.Connection
) -> None:
    for number, late in enumerate((-300, 0, 300)):
        body = joined(platform, user_id=str(number)) if platform.name == "zoom" else joined(platform)
        reply = await platform.send(body, NOW, platform.signed(body, NOW + late * SECOND))
        assert reply.json() == {"status": "kept"}
    assert (kept(psql, clinic), refused(psql, clinic)) == (3, 0)


async def test_the_very_same_call_again_is_refused_and_the_senders_own_repeat_is_not(
    clinic: Clinic, platform: Platform, psql: psycopg.Connection
) -> None:
    body = joined(platform)
    first, again = (platform.signed(body, NOW + late * SECOND, id="msg_1") for late in (0, 60))
    assert (await platform.send(body, NOW, first)).json() == {"status": "kept"}
    for late in (0, 1, 299):
        reply = await platform.send(body, NOW + late * SECOND, first)
        assert (reply.status_code, reply.json()["code"]) == (409, "already_received")
    assert (await platform.send(body, NOW + 60 * SECOND, again)).json() == {"status": "known"}
    for headers in (first, again):
        assert (await platform.send(body, NOW + 61 * SECOND, headers)).status_code == 409
    assert (kept(psql, clinic), refused(psql, clinic)) == (1, 5)


async def test_another_event_under_a_known_id_is_refused(clinic: Clinic, psql: psycopg.Connection) -> None:
    platform = await Platform.connected(clinic)
    await platform.knows(clinic.ana)
    assert (await platform.tell("joined", NOW, who=clinic.ana, id="msg_1")).status_code == 200
    reply = await platform.tell("left", NOW, who=clinic.ana, id="msg_1")
    assert (reply.status_code, reply.json()["code"]) == (409, "event_id_taken")
    assert (kept(psql, clinic), refused(psql, clinic)) == (1, 1)


async def test_the_same_event_written_otherwise_is_the_same(clinic: Clinic) -> None:
    platform = await Platform.connected(clinic)
    told = platform.told("ended", NOW)
    for at, written in enumerate((json.dumps(told), json.dumps(dict(reversed(told.items())), indent=2))):
        reply = await platform.send(written.encode(), NOW + at * SECOND, id="msg_1")
        assert reply.json() == {"status": "known" if at else "kept"}


async def test_no_integration_and_a_disabled_one_are_the_same_to_a_stranger(
    clinic: Clinic, platform: Platform, psql: psycopg.Connection
) -> None:
    body = joined(platform)
    reply = await as_adele(
        clinic, "PATCH", f"{PATH}/{platform.id}", {"enabled": False}, **{"If-Match": '"1"'}
    )
    assert (reply.status_code, reply.json()["enabled"]) == (200, False)
    disabled = await platform.send(body, NOW)
    platform.id = uuid4()
    nobodys = await platform.send(body, NOW)
    answers = [{**each.json(), "request_id": None, "instance": None} for each in (disabled, nobodys)]
    assert answers[0] == answers[1]
    assert disabled.status_code == 401
    assert (kept(psql, clinic), refused(psql, clinic)) == (0, 1)


UNREADABLE = [
    (b"", 400),
    (b"{", 400),
    (b"\xff", 400),
    (b'{"type": "session.ended", "type": "session.ended"}', 400),
    (b'{"type": "\\u0000"}', 400),
    (b'{"type": "\\ud800"}', 400),
    (b'{"type": NaN}', 400),
    (b"[" * 40 + b"]" * 40, 400),
    (b"null", 200),
    (b"[]", 200),
    (b'{"type": 7}', 200),
    (b'{"type": "recording.ready"}', 200),
    (b'{"type": "session.ended"}', 422),
    (b'{"type": "session.ended", "timestamp": 5, "data": {"meeting_id": "m"}}', 422),
    (b'{"type": "session.ended", "timestamp": "2026-02-31T00:00:00Z", "data": {"meeting_id": "m"}}', 422),
    (b'{"type": "session.ended", "timestamp": "2026-11-23T23:00:00", "data": {"meeting_id": "m"}}', 422),
    (b'{"type": "session.ended", "timestamp": "2026-11-24T23:00:00Z", "data": {"meeting_id": "m"}}', 422),
    (b'{"type": "session.ended", "timestamp": "2026-11-23T23:00:00Z", "data": {"meeting_id": ""}}', 422),
    (b'{"type": "participant.left", "timestamp": "2026-11-23T23:00:00Z", "data": {"meeting_id": 5}}', 422),
    (b'{"type": "participant.left", "timestamp": "2026-11-23T23:00:00Z", "data": {"meeting_id": ""}}', 422),
    (b'{"event": "meeting.ended", "payload": {"object": {"id": 5}}}', 422),
    (b'{"event": "meeting.ended", "payload": {"object": {"id": 5, "end_time": "soon"}}}', 422),
    (b'{"event": "meeting.participant_left", "payload": {"object": {"id": 5}}}', 422),
    (b'{"event": "meeting.participant_left", "payload": {"object": {"id": 5, "participant": {}}}}', 422),
    (b'{"event": "endpoint.url_validation"}', 422),
    (b'{"event": "endpoint.url_validation", "payload": {"plainToken": "v0:1:{}0123456789"}}', 422),
    (b'{"event": "endpoint.url_validation", "payload": {"plainToken": "short"}}', 422),
]  # fmt: skip


async def test_a_genuine_call_that_cannot_be_read_is_refused_and_never_breaks(
    clinic: Clinic, psql: psycopg.Connection
) -> None:
    generic, zoom = await Platform.connected(clinic), await Platform.connected(clinic, "zoom")
    for content, status in UNREADABLE:
        # The other implementation of Standard Webhooks signs texts only.
        platform = zoom if b"event" in content or b"\xff" in content else generic
        reply = await platform.send(content, NOW)
        assert reply.status_code == status, (content, reply.text)
        assert reply.json()["status"] == ("ignored" if status == 200 else status)
    assert (kept(psql, clinic), refused(psql, clinic)) == (0, 0)


async def test_a_call_without_end_is_cut_off(platform: Platform) -> None:
    body = b'{"a": "' + b"a" * 70_000 + b'"}'
    assert (await platform.send(body, NOW)).status_code == 413


async def test_an_id_that_is_none_is_refused(clinic: Clinic) -> None:
    async with client_for(clinic.app) as stranger:
        assert (await stranger.post("/v1/telehealth/none/events", content=b"{}")).status_code == 422


async def test_both_secrets_are_good_while_one_follows_the_other(clinic: Clinic, platform: Platform) -> None:
    old = platform.secret
    body: dict[str, Any] = {"overlap_hours": 24}
    if platform.name == "zoom":
        body["secret"] = OTHER_SECRET["zoom"]
    path = platform.path("secret-rotation")
    rotated = await as_adele(clinic, "POST", path, body, clock="12:00", **{"If-Match": '"1"'})
    assert rotated.status_code == 200, rotated.text
    new = rotated.json()["secret"] or OTHER_SECRET["zoom"]
    next_noon = moment("12:00") + timedelta(days=1)
    for secret, now, status in (
        (old, NOW, 200), (new, NOW + SECOND, 200), (old, next_noon - SECOND, 200), (old, next_noon, 401),
        (new, next_noon + SECOND, 200),
    ):  # fmt: skip
        content = joined(platform)
        reply = await platform.send(content, now, platform.signed(content, now, secret=secret))
        assert reply.status_code == status


async def test_zoom_asks_whether_we_know_the_secret(clinic: Clinic, psql: psycopg.Connection) -> None:
    platform = await Platform.connected(clinic, "zoom")
    body = (
        b'{"event":"endpoint.url_validation","event_ts":1,"payload":{"plainToken":"qgg8vlvZRS6UYooatFL8Aw"}}'
    )
    headers = platform.signed(body, NOW)
    reply = await platform.send(body, NOW, headers)
    assert reply.status_code == 200
    expected = hmac.new(ZOOM_SECRET.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
    assert reply.json() == {"plainToken": TOKEN, "encryptedToken": expected}
    assert (await platform.send(body, NOW, headers)).status_code == 409
    forged = await platform.send(body, NOW, {**headers, "x-zm-signature": "v0=" + "0" * 64})
    assert forged.status_code == 401
    assert expected not in forged.text
    evening = await Evening.planned(clinic, psql)
    assert await applied(evening, "18:30") == 0


async def test_zoom_is_answered_with_the_secret_that_it_has(clinic: Clinic) -> None:
    """While one secret follows the other it may ask with either."""
    platform = await Platform.connected(clinic, "zoom")
    body = {"overlap_hours": 1, "secret": OTHER_SECRET["zoom"]}
    path = platform.path("secret-rotation")
    assert (
        await as_adele(clinic, "POST", path, body, clock="17:30", **{"If-Match": '"1"'})
    ).status_code == 200
    asked = json.dumps({"event": "endpoint.url_validation", "payload": {"plainToken": TOKEN}}).encode()
    for number, secret in enumerate((ZOOM_SECRET, OTHER_SECRET["zoom"])):
        now = NOW + number * SECOND
        reply = await platform.send(asked, now, platform.signed(asked, now, secret=secret))
        expected = hmac.new(secret.encode(), TOKEN.encode(), hashlib.sha256).hexdigest()
        assert reply.json()["encryptedToken"] == expected
