"""Which addresses are of the open internet, and what a guard lets through."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.pager.guard import Guard, is_public

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.250", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::",
    "2001:0:7f00:1::", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "", "localhost",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_a_house_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_internet_is(address: str) -> None:
    assert is_public(address)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_it_lets_through_what_is_named_and_nothing_else(listener: socket.socket) -> None:
    guard = Guard({"localhost"})
    with guard.watching():
        socket.create_connection(listener.getsockname()).close()
        assert guard.reached() and not guard.refused
    guard = Guard({"nowhere.invalid"})
    with guard.watching(), pytest.raises(PermissionError):
        socket.create_connection(listener.getsockname())
    assert guard.refused


def test_other_threads_go_where_they_like(listener: socket.socket) -> None:
    def connect() -> None:
        socket.create_connection(listener.getsockname()).close()
        went.append(True)

    went: list[bool] = []
    with Guard(()).watching():
        thread = threading.Thread(target=connect)
        thread.start()
        thread.join()
    connect()
    assert went == [True, True]


def test_a_stopped_one_wakes_who_waits_and_lets_nothing_through_any_more(listener: socket.socket) -> None:
    guard = Guard({"127.0.0.1"})
    with guard.watching():
        waiting = socket.create_connection(listener.getsockname(), timeout=30)
        threading.Timer(0.3, guard.stop).start()
        # What a far side can have sent while nobody reads; the system may round it up.
        assert waiting.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) <= 64 << 10
        start = time.monotonic()
        assert waiting.recv(1) == b""
        assert time.monotonic() - start < 5
        waiting.close()
        with pytest.raises(TimeoutError):
            socket.create_connection(listener.getsockname())


def test_a_unix_socket_is_no_address(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        with Guard({"127.0.0.1"}).watching(), pytest.raises(PermissionError):
            client.connect(str(tmp_path / "s"))
