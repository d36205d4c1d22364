"""Pages that go out to real servers: who gets what, and what becomes of those that do not arrive."""

import asyncio
import socket
import ssl
import time
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.pager import Kind, Notice, Outcome, join, notice, notify
from app.pager.guard import MOST_BYTES
from app.pager.sending import PER_DESTINATION, THREADS
from tests.pager.receivers import HOSTS, Mailbox, Receiver, drip, hang, http_server, mail_server, serving

LINK = "https://handrail.clinic.example/board/#/alerts/0192f0c1-2345-7678-9abc-def012345678"
SENT = Outcome(True, "sent")
REFUSED = Outcome(False, "refused")
TIMED_OUT = Outcome(False, "timed_out")
FORBIDDEN = Outcome(False, "address_forbidden")
FAILED = Outcome(False, "failed")


def page(kind: Kind = Kind.URGENT) -> Notice:
    return notice(kind, "en", LINK)


async def test_it_arrives_by_mail(mailbox: Mailbox) -> None:
    address = join(mailbox.gateway(), "clara@clinic.example")
    assert await notify(address, page(), private_hosts=HOSTS) == SENT
    [envelope], message = mailbox.envelopes, mailbox.message()
    assert envelope.rcpt_tos == ["clara@clinic.example"]
    assert envelope.mail_from == "handrail@clinic.example"
    assert message["Subject"] == "Handrail: urgent alert"
    assert message.get_content_type() == "text/plain"
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == page().body
    assert "apprise" not in str(message).lower()


async def test_spanish_arrives_by_mail(mailbox: Mailbox) -> None:
    told = notice(Kind.CRITICAL, "es-MX", LINK)
    assert await notify(join(mailbox.gateway(), "c@clinic.example"), told, private_hosts=HOSTS) == SENT
    payload = mailbox.message().get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().strip() == told.body
    assert "alerta crítica" in told.body


async def test_it_arrives_over_http(receiver: Receiver) -> None:
    address = receiver.address("/page?+Authorization=Bearer%20abc&-source=handrail")
    assert await notify(address, page(), private_hosts=HOSTS) == SENT
    [(first, headers, _)] = receiver.asked
    assert first == "POST /page?source=handrail HTTP/1.1"
    assert headers["authorization"] == "Bearer abc"
    assert headers["user-agent"] == "Handrail"
    assert receiver.bodies() == [
        {
            "version": "1.0",
            "title": "Handrail: urgent alert",
            "message": f"An urgent alert waits for you. Please answer it soon. Open it: {LINK}",
            "attachments": [],
            "type": "failure",
        }
    ]


@pytest.mark.parametrize(
    ("kind", "type"),
    [(Kind.CRITICAL, "failure"), (Kind.HIGH, "warning"), (Kind.ROUTINE, "info"), (Kind.DIGEST, "info")],
)
async def test_a_pager_service_can_tell_how_much_it_matters(
    receiver: Receiver, kind: Kind, type: str
) -> None:
    assert await notify(receiver.address(), page(kind), private_hosts=HOSTS) == SENT
    assert receiver.bodies()[0]["type"] == type


async def test_a_tap_opens_the_alert(receiver: Receiver) -> None:
    address = f"ntfy://127.0.0.1:{receiver.port}/ward"
    assert (await notify(address, page(), private_hosts=HOSTS)).code in {"sent", "refused"}
    [(_, headers, _)], [body] = receiver.asked, receiver.bodies()
    assert headers["x-click"] == LINK
    assert body["message"] == page().body


async def test_a_far_side_that_errs_has_refused() -> None:
    for status in ("500 Internal Server Error", "401 Unauthorized", "404 Not Found", "429 Too Many Requests"):
        async with http_server(status) as receiver:
            assert await notify(receiver.address(), page(), private_hosts=HOSTS) == REFUSED
            assert len(receiver.asked) == 1


async def test_a_mail_server_that_does_not_know_them_has_refused() -> None:
    async with mail_server(refuses=True) as mailbox:
        address = join(mailbox.gateway(), "clara@clinic.example")
        assert await notify(address, page(), private_hosts=HOSTS) == REFUSED
        assert mailbox.envelopes == []


async def test_where_nobody_listens_it_failed() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        assert await notify(f"json://127.0.0.1:{port}/", page(), private_hosts=HOSTS) == FAILED
        gateway = f"mailto://127.0.0.1:{port}?from=h@clinic.example"
        assert await notify(join(gateway, "c@clinic.example"), page(), private_hosts=HOSTS) == FAILED
    assert await notify("jsons://nowhere.invalid/page", page()) == FAILED


@pytest.mark.parametrize("address", ["", "nonsense", "file:///etc/passwd", "syslog://", "slack://x"])
async def test_a_service_that_is_not_on_the_list_is_not_tried(address: str) -> None:
    assert await notify(address, page()) == Outcome(False, "unknown_service")


async def test_a_redirect_is_not_followed() -> None:
    async with http_server() as elsewhere:
        location = f"Location: http://127.0.0.1:{elsewhere.port}/stolen\r\n"
        for status in ("302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
            async with http_server(status, headers=location) as receiver:
                assert await notify(receiver.address(), page(), private_hosts=HOSTS) == REFUSED
        assert elsewhere.connections == 0


async def test_a_private_address_is_refused_unless_it_is_named(receiver: Receiver, mailbox: Mailbox) -> None:
    tls = receiver.address().replace("json://", "jsons://")
    assert await notify(tls, page()) == FORBIDDEN
    assert await notify(receiver.address(), page()) == FORBIDDEN
    assert await notify(tls, page(), private_hosts={"mail.inside"}) == FORBIDDEN
    gateway = f"mailtos://127.0.0.1:{mailbox.port}?from=h@clinic.example"
    assert await notify(join(gateway, "c@clinic.example"), page()) == FORBIDDEN
    assert receiver.connections == len(mailbox.envelopes) == 0


async def test_a_name_that_turns_private_after_it_was_looked_up_is_not_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def lies(host: str, port: int | str | None, *args: Any, **more: Any) -> list[Any]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0))]

    monkeypatch.setattr(socket, "getaddrinfo", lies)
    address = f"jsons://rebinding.example:{receiver.port}/page"
    assert await notify(address, page()) == FORBIDDEN
    assert asked == ["rebinding.example", "rebinding.example"]
    assert receiver.connections == 0


async def test_a_proxy_of_the_environment_is_a_private_host_like_any(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{receiver.port}")
    address = "json://93.184.216.34/page"
    assert await notify(address, page(), private_hosts={"93.184.216.34"}) == FORBIDDEN
    assert receiver.connections == 0
    assert await notify(address, page(), private_hosts={"93.184.216.34", "127.0.0.1"}) == SENT


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async with http_server(tls=self_signed(tmp_path)) as receiver:
        address = receiver.address().replace("json://", "jsons://")
        outcome = await notify(address, page(), private_hosts=HOSTS)
        assert not outcome.delivered and outcome.code in {"refused", "failed"}
        assert receiver.asked == []


def self_signed(folder: Path) -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("then", [hang, drip])
async def test_a_server_that_never_ends_is_left_in_time(then: Any) -> None:
    async with http_server(then=then) as receiver:
        start = time.monotonic()
        assert await notify(receiver.address(), page(), private_hosts=HOSTS, timeout=1.0) == TIMED_OUT
        assert 0.9 < time.monotonic() - start < 3
        await until(lambda: receiver.gone == 1)  # the connection was cut, so the thread is free
        assert len(receiver.asked) == 1


async def test_a_mail_server_that_never_greets_is_left_in_time() -> None:
    async with serving(hang) as port:
        address = join(f"mailto://127.0.0.1:{port}?from=h@clinic.example", "c@clinic.example")
        start = time.monotonic()
        assert await notify(address, page(), private_hosts=HOSTS, timeout=1.0) == TIMED_OUT
        assert 0.9 < time.monotonic() - start < 3


async def test_the_event_loop_does_not_wait() -> None:
    async with http_server(then=hang) as receiver:
        sending = asyncio.create_task(notify(receiver.address(), page(), private_hosts=HOSTS, timeout=1.0))
        worst = 0.0
        while not sending.done():
            start = time.monotonic()
            await asyncio.sleep(0.01)
            worst = max(worst, time.monotonic() - start)
        assert worst < 0.8


async def test_a_hanging_server_does_not_hold_up_the_others(receiver: Receiver) -> None:
    async with http_server(then=hang) as stuck:
        hanging = [
            asyncio.create_task(notify(stuck.address(), page(), private_hosts=HOSTS, timeout=4.0))
            for _ in range(2 * THREADS)
        ]
        await until(lambda: stuck.connections == PER_DESTINATION)
        start = time.monotonic()
        sent = await asyncio.gather(
            *(notify(receiver.address(), page(), private_hosts=HOSTS) for _ in range(10))
        )
        assert sent == [SENT] * 10
        assert time.monotonic() - start < 3
        assert not any(each.done() for each in hanging)
        assert await asyncio.gather(*hanging) == [TIMED_OUT] * len(hanging)
        assert stuck.most == PER_DESTINATION


async def test_many_hanging_servers_leave_no_thread_behind(receiver: Receiver) -> None:
    async with AsyncExitStack() as servers:
        ports = [await servers.enter_async_context(serving(hang)) for _ in range(THREADS + 4)]
        addresses = [f"json://127.0.0.1:{port}/page" for port in ports]
        start = time.monotonic()
        given_up = await asyncio.gather(
            *(notify(each, page(), private_hosts=HOSTS, timeout=2.0) for each in addresses)
        )
        assert given_up == [TIMED_OUT] * len(addresses)
        assert time.monotonic() - start < 4
        start = time.monotonic()
        sent = await asyncio.gather(
            *(notify(receiver.address(), page(), private_hosts=HOSTS) for _ in range(THREADS))
        )
        assert sent == [SENT] * THREADS
        assert time.monotonic() - start < 5


async def test_a_far_side_that_floods_us_is_cut_off() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n")
        while True:
            writer.write(b"x" * 16384)
            await writer.drain()
            sent += 16384

    async with http_server(then=flood) as receiver:
        start = time.monotonic()
        outcome = await notify(receiver.address(), page(), private_hosts=HOSTS, timeout=10.0)
        assert outcome == Outcome(False, "failed") or outcome == REFUSED
        assert time.monotonic() - start < 5
        assert MOST_BYTES < sent < 1000 * MOST_BYTES


async def test_cancelling_it_cuts_the_connection() -> None:
    async with http_server(then=hang) as receiver:
        sending = asyncio.create_task(notify(receiver.address(), page(), private_hosts=HOSTS))
        await until(lambda: len(receiver.asked) == 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await until(lambda: receiver.gone == 1)


async def until(holds: Any) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in a thread or at a far side
            await asyncio.sleep(0.02)
