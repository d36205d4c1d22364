"""Which addresses a message may go to."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from app.webhooks.addresses import Fault, Unfit, fault_of, look_up
from tests.webhooks.conftest import Names

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    "url",
    [
        "", "hook", "HTTPS://hook.example/", "https://",
        "//hook.example/x", "ftp://hook.example/x", "file:///etc/passwd",
        "https:///x",
        "https://a:b@hook.example/", "https://a@hook.example/", "https://hook.example/x#y",
        "https://hook.example:0/", "https://hook.example:99999/", "https://hook.example:x/",
        "https://hook .example/", "https://hook.example/\r\nx: y", "https://h\u00f6\u00f6k.example/",
        "https://xn--/", "https://xn--a/", "https://xn--zz-zz-zz.example/",
        "https://[::1/", "https://hook.example/" + "x" * 2100, " https://hook.example/",
    ],
)  # fmt: skip
async def test_what_is_no_address(url: str, names: Names) -> None:
    names["hook.example"] = [[PUBLIC]]
    assert await fault_of(url) is Fault.MALFORMED


@pytest.mark.parametrize(
    "url", ["https://hook.example", "https://HOOK.example:8443/a/b?c=d", "https://93.184.216.34/"]
)
async def test_https_to_the_open_internet(url: str, names: Names) -> None:
    names["hook.example"] = [[PUBLIC]]
    assert await fault_of(url) is None


async def test_without_encryption_only_to_a_named_host(names: Names) -> None:
    names["hook.example"] = [[PUBLIC]]
    assert await fault_of("http://hook.example/") is Fault.NOT_ENCRYPTED
    assert await fault_of("http://hook.example/", private_hosts={"hook.example"}) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "127.1",
        "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]",
        "224.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "255.255.255.255", "[2002:7f00:1::]",
    ],
)  # fmt: skip
async def test_no_address_of_the_house(host: str) -> None:
    assert await fault_of(f"https://{host}/") in {Fault.HOST_FORBIDDEN, Fault.HOST_UNKNOWN, Fault.MALFORMED}
    with pytest.raises(Unfit):
        await look_up(host.strip("[]"), 443, ())


async def test_one_private_address_forbids_the_host(names: Names) -> None:
    names["hook.example"] = [[PUBLIC, "10.0.0.1"]]
    assert await fault_of("https://hook.example/") is Fault.HOST_FORBIDDEN


async def test_a_named_host_may_be_private(names: Names) -> None:
    names["intake.local"] = [["10.0.0.1"]]
    assert await fault_of("https://intake.local/", private_hosts={"intake.local"}) is None
    assert await fault_of("https://10.0.0.1/", private_hosts={"intake.local"}) is Fault.HOST_FORBIDDEN


async def test_a_host_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert await fault_of("https://hook.example/") is Fault.HOST_UNKNOWN


async def test_a_label_that_is_none() -> None:
    assert await fault_of("https://hook..example/") is Fault.HOST_UNKNOWN


async def test_a_name_server_that_hangs_keeps_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, is_asked, go_on = [], asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        loop.call_soon_threadsafe(is_asked.set)
        go_on.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    waiting = [asyncio.create_task(look_up("slow.example", 443, ())) for _ in range(50)]
    await is_asked.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await look_up("slow.example", 443, ())
    waiting.pop().cancel()
    go_on.set()
    begun = time.monotonic()
    assert await asyncio.gather(*waiting) == [[PUBLIC]] * 49
    assert (asked, time.monotonic() - begun < 2) == (["slow.example"], True)


async def test_whoever_stops_waiting_for_a_thread_leaves_the_others_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Event()

    def slow(host: str, *_: Any, **__: Any) -> Any:
        go_on.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 443))]

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    before = [asyncio.create_task(look_up(f"h{each}.example", 443, ())) for each in range(64)]
    await asyncio.sleep(0.05)  # every thread has its own
    one, other = (asyncio.create_task(look_up("last.example", 443, ())) for _ in range(2))
    await asyncio.sleep(0.01)
    one.cancel()
    await asyncio.sleep(0.01)
    go_on.set()
    assert await other == [PUBLIC]
    await asyncio.gather(*before)
