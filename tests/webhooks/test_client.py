"""Messages to real servers on this machine, well-behaved and not."""

import asyncio
import gc
import socket
import ssl
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.webhooks import client
from app.webhooks.client import MOST_BYTES, post
from tests.pager.receivers import Receiver, drip, hang, http_server, serving
from tests.webhooks.certificates import server_certificate
from tests.webhooks.conftest import Names

HOSTS = frozenset({"127.0.0.1"})
PUBLIC = "93.184.216.34"
BODY = b'{"type":"webhook.test"}'


def url(receiver: Receiver, host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{receiver.port}/hook?of=ours"


async def code_of(receiver: Receiver, seconds: float = 5.0) -> str:
    return (await post(url(receiver), {}, BODY, private_hosts=HOSTS, timeout=seconds)).code


async def cut(receiver: Receiver) -> None:
    """Waits until the far side has noticed that its connection is gone."""
    while not receiver.gone:  # noqa: ASYNC110 - a count of the shared receiver
        await asyncio.sleep(0.01)


async def test_it_arrives_as_it_was_signed() -> None:
    async with http_server() as receiver:
        answer = await post(url(receiver), {"webhook-id": "msg_1"}, BODY, private_hosts=HOSTS)
    assert (answer.code, answer.status, answer.retry_after) == ("delivered", 200, None)
    assert 0 <= answer.milliseconds < 5000
    [(line, headers, body)] = receiver.asked
    assert (line, body) == ("POST /hook?of=ours HTTP/1.1", BODY)
    assert headers == {
        "host": f"127.0.0.1:{receiver.port}", "content-type": "application/json", "user-agent": "Handrail",
        "accept": "*/*", "accept-encoding": "identity", "connection": "close", "webhook-id": "msg_1",
        "content-length": str(len(BODY)),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("200 OK", "delivered"), ("202 Accepted", "delivered"), ("410 Gone", "gone"), ("400 No", "refused"),
        ("404 No", "refused"), ("429 Slowly", "refused"), ("500 Oh", "failed"), ("503 Away", "failed"),
        ("302 Found", "redirected"), ("304 Same", "redirected"), ("999 What", "failed"),
    ],
)  # fmt: skip
async def test_what_an_answer_means(status: str, code: str) -> None:
    async with http_server(status) as receiver:
        answer = await post(url(receiver), {}, BODY, private_hosts=HOSTS)
    assert (answer.code, answer.status) == (code, int(status[:3]))


async def test_no_redirect_is_followed() -> None:
    async with http_server() as inside:
        location = f"Location: http://127.0.0.1:{inside.port}/latest/meta-data\r\n"
        async with http_server("307 Elsewhere", headers=location) as receiver:
            assert await code_of(receiver) == "redirected"
        assert inside.connections == 0


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ("Retry-After: 120\r\n", timedelta(seconds=120)),
        ("Retry-After: 0\r\n", timedelta(0)),
        (
            "Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nretry-after: Tue, 24 Nov 2026 12:30:00 GMT\r\n",
            timedelta(minutes=30),
        ),
        (
            "Date: Tue, 24 Nov 2026 12:00:00 GMT\r\nRetry-After: Tue, 24 Nov 2026 11:00:00 GMT\r\n",
            timedelta(0),
        ),
        ("Retry-After: Tue, 24 Nov 2026 12:30:00 GMT\r\n", None),
        ("Date: Tue, 24 Nov 2026 12:00:00\r\nRetry-After: Tue, 24 Nov 2026 12:30:00 GMT\r\n", None),
        ("Retry-After: -5\r\n", None),
        ("Retry-After: 99999999999999999999\r\n", None),
        ("Retry-After: soon \xff\r\n", None),
        ("", None),
    ],
)
async def test_how_long_a_receiver_asks_us_to_wait(headers: str, wait: timedelta | None) -> None:
    async def away(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 503 Away\r\n{headers}Content-Length: 0\r\n\r\n".encode("latin-1"))
        await writer.drain()

    async with http_server(then=away) as receiver:
        answer = await post(url(receiver), {}, BODY, private_hosts=HOSTS)
    assert (answer.code, answer.retry_after) == ("failed", wait)


async def slow_headers(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"x: y\r\n")
        await writer.drain()
        await asyncio.sleep(0.05)


async def for_ever_continuing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("then", [hang, drip, slow_headers, for_ever_continuing])
async def test_a_receiver_that_never_ends_is_left_in_time(then: Any) -> None:
    async with http_server(then=then) as receiver:
        begun = time.monotonic()
        assert await code_of(receiver, 0.4) == "timed_out"
        assert 0.3 < time.monotonic() - begun < 1.5
        await cut(receiver)


async def test_a_server_that_hangs_while_tls_is_agreed_on_is_left_too() -> None:
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hang(reader, writer)
        gone.set()

    gc.disable()  # which would close what was forgotten
    try:
        async with serving(silent) as port:
            answer = await post(f"https://127.0.0.1:{port}/", {}, BODY, private_hosts=HOSTS, timeout=0.2)
            assert answer.code == "timed_out"
            async with asyncio.timeout(1):
                await gone.wait()
    finally:
        gc.enable()


async def test_a_name_that_takes_for_ever_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: time.sleep(1))
    answer = await post("https://slow.example/", {}, BODY, timeout=0.2)
    assert (answer.code, answer.status) == ("timed_out", None)


async def test_a_flood_is_cut() -> None:
    sent = 0

    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
        while True:
            writer.write(bytes(65536))
            await writer.drain()
            sent += 65536

    async with http_server(then=flood) as receiver:
        assert await code_of(receiver) == "too_large"
        await cut(receiver)
    assert MOST_BYTES < sent < 16 << 20  # what the system's own buffers hold


async def test_headers_without_an_end_are_no_answer() -> None:
    async def flood(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"x: " + b"y" * 65536)
            await writer.drain()

    async with http_server(then=flood) as receiver:
        assert await code_of(receiver) == "unreachable"


async def test_a_refusal_counts_whatever_comes_behind_it() -> None:
    async def rant(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 1073741824\r\n\r\n" + bytes(100_000))
        await writer.drain()
        await asyncio.sleep(60)

    async with http_server(then=rant) as receiver:
        assert await code_of(receiver, 1.0) == "gone"


async def test_nothing_is_unpacked() -> None:
    async def packed(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone")
        await writer.drain()

    async with http_server(then=packed) as receiver:
        assert await code_of(receiver) == "delivered"


@pytest.mark.parametrize(
    "said",
    [b"", b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 20", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"],
)
async def test_what_is_no_answer_of_http(said: bytes) -> None:
    async def say(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        await writer.drain()

    async with http_server(then=say) as receiver:
        assert await code_of(receiver) == "unreachable"


async def test_nobody_listens() -> None:
    async with serving(hang) as port:
        pass
    answer = await post(f"http://127.0.0.1:{port}/", {}, BODY, private_hosts=HOSTS)
    assert (answer.code, answer.status) == ("unreachable", None)


async def test_a_host_that_is_not_found(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert (await post("https://hook.example/", {}, BODY)).code == "unreachable"


async def test_no_private_address_is_connected_to(names: Names) -> None:
    async with http_server() as receiver:
        names["hook.example"] = [["127.0.0.1"]]
        names["both.example"] = [[PUBLIC, "127.0.0.1"]]
        for host in ("hook.example", "both.example", "127.0.0.1", "localhost", "[::1]"):
            answer = await post(url(receiver, host, "https"), {}, BODY)
            assert (host, answer.code) == (host, "address_forbidden")
        assert (await post(url(receiver), {}, BODY)).code == "address_forbidden"  # and not without TLS
    assert receiver.connections == 0


async def test_a_name_that_moves_inside_after_it_was_registered(names: Names) -> None:
    async with http_server() as receiver:
        names["hook.example"] = [[PUBLIC], ["127.0.0.1"]]
        assert await client.look_up("hook.example", receiver.port, ()) == [PUBLIC]
        assert (await post(url(receiver, "hook.example", "https"), {}, BODY)).code == "address_forbidden"
    assert receiver.connections == 0


async def test_the_address_that_was_checked_is_the_one_connected_to(names: Names) -> None:
    """A name server that answers otherwise a moment later leads nowhere."""
    async with http_server() as asked, serving(hang) as elsewhere:
        names["hook.example"] = [["127.0.0.1"], ["127.0.0.2"]]
        answer = await post(url(asked, "hook.example"), {}, BODY, private_hosts={"hook.example"})
        assert (answer.code, asked.connections, bool(elsewhere)) == ("delivered", 1, True)
        assert asked.asked[0][1]["host"] == f"hook.example:{asked.port}"
        assert names["hook.example"] == [["127.0.0.2"]]  # asked once


async def test_the_next_address_when_the_first_takes_no_connection(names: Names) -> None:
    async with http_server() as receiver:
        names["hook.example"] = [["127.0.0.9", "127.0.0.1"]]
        answer = await post(url(receiver, "hook.example"), {}, BODY, private_hosts={"hook.example"})
    assert answer.code == "delivered"


async def test_proxies_of_the_environment_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    async with http_server() as proxy, http_server() as receiver:
        for name in ("http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await code_of(receiver) == "delivered"
        assert proxy.connections == 0


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for hook.example, whose authority the operator trusts."""
    context, authority = server_certificate(tmp_path, "hook.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    client._tls.cache_clear()
    monkeypatch.setattr(client, "_tls", client._tls.__wrapped__)
    return context


async def test_tls_proves_the_name_and_not_the_address(trusted: ssl.SSLContext, names: Names) -> None:
    names["hook.example"] = names["other.example"] = [["127.0.0.1"]]
    hosts = {"hook.example", "other.example"}
    async with http_server(tls=trusted) as receiver:
        one = await post(url(receiver, "hook.example", "https"), {}, BODY, private_hosts=hosts)
        other = await post(url(receiver, "other.example", "https"), {}, BODY, private_hosts=hosts)
    assert (one.code, other.code, len(receiver.asked)) == ("delivered", "tls_failed", 1)


async def test_a_certificate_that_nobody_vouches_for(tmp_path: Path, names: Names) -> None:
    context, _ = server_certificate(tmp_path, "hook.example")
    names["hook.example"] = [["127.0.0.1"]]
    async with http_server(tls=context) as receiver:
        answer = await post(url(receiver, "hook.example", "https"), {}, BODY, private_hosts={"hook.example"})
    assert (answer.code, answer.status, receiver.asked) == ("tls_failed", None, [])


async def test_no_tls_where_there_should_be_some() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(60)

    async with serving(refuse) as port:
        answer = await post(f"https://127.0.0.1:{port}/", {}, BODY, private_hosts=HOSTS)
    assert (answer.code, answer.status) == ("tls_failed", None)
