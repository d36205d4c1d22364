"""What a sending thread may connect to, and for how long.

Apprise's plugins speak through requests and smtplib, which look names up themselves, follow what a server
tells them and know time-outs for each read only. So the rules are kept underneath all of them, where Python
connects a socket (`socket.connect`, an audit event): the address that is really connected to is the one that
is checked, and every connection can be cut from outside at any moment.
"""

import os
import socket
import struct
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Lock

MOST_BYTES = 1 << 20
"""How much a far side may answer: a page's answer is a line or two, a certificate chain some kilobytes."""

_RECEIVE_BUFFER = 16 << 10  # a far side can have sent no more than this when nobody reads
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)  # Linux counts
_BYTES_RECEIVED = 128  # offset of tcpi_bytes_received in struct tcp_info (linux/tcp.h)

_guard: ContextVar["Guard | None"] = ContextVar("handrail_page_guard", default=None)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also when it hides in another one."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        hidden = ip.ipv4_mapped or (IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if hidden is None:
            return ip in _UNICAST and ip.is_global and not ip.sixtofour and not ip.teredo
        ip = hidden
    return ip.is_global and not ip.is_multicast


def addresses_of(host: str) -> set[str]:
    """Every IP address of a host name, or of an address in any spelling. Raises OSError, UnicodeError."""
    found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    return {str(sockaddr[0]) for *_, sockaddr in found}


class Guard:
    """Watches over the connections of one sending."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self.private_hosts = private_hosts
        self.refused = False
        """Whether a connection to an address that is not public was asked for."""
        self._lock = Lock()
        self._connections: list[socket.socket] = []
        self._stopped = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch over what this thread connects, until the end of the block."""
        _listen()
        token = _guard.set(self)
        try:
            yield
        finally:
            _guard.reset(token)
            with self._lock:
                for connection in self._connections:
                    connection.close()
                self._connections.clear()

    def admit(self, connecting: socket.socket, address: object) -> None:
        """Called before each connect. Raises OSError for a connection that may not be."""
        host = str(address[0]) if isinstance(address, tuple) else ""
        if not is_public(host) and host not in self._named():
            self.refused = True
            raise PermissionError("not a public address")
        connecting.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        with self._lock:
            if self._stopped:
                raise TimeoutError("the time for this page is over")
            # A second handle on the same connection: the library may wrap, move and close its own.
            self._connections.append(socket.socket(fileno=os.dup(connecting.fileno())))

    def stop(self) -> None:
        """Cut every connection, now, and admit no other. A thread that waits on one goes on at once."""
        with self._lock:
            self._stopped = True
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def reached(self) -> bool:
        """Whether a connection stands: somebody is there."""
        with self._lock:
            return any(_is_connected(connection) for connection in self._connections)

    def received(self) -> int:
        """Bytes that came in so far, where the system counts them."""
        with self._lock:
            return sum(_received(connection) for connection in self._connections)

    def _named(self) -> set[str]:
        """The addresses of the hosts that the operator allowed."""
        named: set[str] = set()
        for host in self.private_hosts:
            with suppress(OSError, UnicodeError):
                named |= addresses_of(host)
        return named


def _audit(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect" and (guard := _guard.get()) is not None:
        connecting, address = arguments
        assert isinstance(connecting, socket.socket)
        guard.admit(connecting, address)


@cache
def _listen() -> None:
    sys.addaudithook(_audit)  # for the rest of the process, so only in one that sends


def _is_connected(connection: socket.socket) -> bool:
    with suppress(OSError):
        connection.getpeername()
        return True
    return False


def _received(connection: socket.socket) -> int:
    if _TCP_INFO is None:
        return 0
    with suppress(OSError, struct.error):
        info = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _BYTES_RECEIVED + 8)
        return int(struct.unpack_from("=Q", info, _BYTES_RECEIVED)[0])
    return 0
