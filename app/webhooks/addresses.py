"""Where a message may go: https to the open internet, or to a private host that the operator named.

No error here quotes a URL: it may hold a secret in its path.
"""

import asyncio
import re
import socket
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum
from typing import Final

from httpx import URL, InvalidURL

from app.pager.guard import is_public

_URL = re.compile(r"https?://[!-~]{1,2000}", re.ASCII)
_LOOK_UP_SECONDS: Final = 5.0
_POOL: Final = ThreadPoolExecutor(64, thread_name_prefix="webhook-host")
_looking: Final[dict[tuple[str, int], Future[Sequence[str]]]] = {}


class Fault(StrEnum):
    """Why an address is not acceptable."""

    MALFORMED = "malformed"
    NOT_ENCRYPTED = "not_encrypted"
    HOST_UNKNOWN = "host_unknown"
    HOST_FORBIDDEN = "host_forbidden"


class Unfit(Exception):
    """An address that nothing may go to. It carries the fault, never the address."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def fit(url: str, private_hosts: Collection[str]) -> URL:
    """The URL, judged as far as can be without asking the network. Raises `Unfit`."""
    try:
        parsed = URL(url) if _URL.fullmatch(url) else None
        is_whole = parsed is not None and parsed.host and not parsed.userinfo and not parsed.fragment
    except (InvalidURL, UnicodeError):  # of a host as well that looks encoded and is not
        raise Unfit(Fault.MALFORMED) from None
    if parsed is None or not is_whole:
        raise Unfit(Fault.MALFORMED)
    if parsed.port is not None and not 0 < parsed.port < 1 << 16:
        raise Unfit(Fault.MALFORMED)
    if parsed.scheme != "https" and parsed.host not in private_hosts:
        raise Unfit(Fault.NOT_ENCRYPTED)
    return parsed


async def look_up(host: str, port: int, private_hosts: Collection[str]) -> Sequence[str]:
    """The IP addresses of a host, in the order in which to try them. Raises `Unfit`.

    One that is not public forbids the host, also beside others that are.
    """
    try:
        found = await _addresses(host, port)
    except (OSError, UnicodeError):
        raise Unfit(Fault.HOST_UNKNOWN) from None
    if host not in private_hosts and not all(is_public(each) for each in found):
        raise Unfit(Fault.HOST_FORBIDDEN)
    return found


async def fault_of(url: str, *, private_hosts: Collection[str] = ()) -> Fault | None:
    """Why an address cannot be registered; None when it can. Looks its host up, for a few seconds."""
    try:
        parsed = fit(url, private_hosts)
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            await look_up(parsed.raw_host.decode("ascii"), parsed.port or 443, private_hosts)
    except TimeoutError:
        return Fault.HOST_UNKNOWN
    except Unfit as unfit:
        return unfit.fault
    return None


async def _addresses(host: str, port: int) -> Sequence[str]:
    """As the system resolves it. One question at a time for each host: a name server that does not answer
    keeps one thread, however many wait. Whoever stops waiting leaves the others to it."""
    looking = _looking.get((host, port))
    if looking is None:
        looking = _looking[host, port] = _POOL.submit(_resolve, host, port)
        looking.add_done_callback(lambda _: _looking.pop((host, port), None))
    answer = asyncio.wrap_future(looking)
    answer.add_done_callback(_heard)
    return await asyncio.shield(answer)


def _heard(answer: asyncio.Future[Sequence[str]]) -> None:
    """Also a failure that nobody waits for any more: asyncio would log what it says."""
    if not answer.cancelled():
        answer.exception()


def _resolve(host: str, port: int) -> Sequence[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
