"""Bringing one message to one address: what it may connect to, how long it may take, how much it may answer.

The connection is made to the address that was checked, so that a name which changes between the check and
the connection leads nowhere else; TLS still proves the name. httpcore is used without httpx around it: no
redirects, no proxies, no cookies, no decompression.
"""

import asyncio
import ssl
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Final, Literal

import httpcore
import httpx

from app import clock
from app.webhooks.addresses import Fault, Unfit, fit, look_up

SECONDS: Final = 15.0
"""How long one attempt may take, from the name's look-up to the last byte."""

MOST_BYTES: Final = 64 * 1024
"""How much a receiver may answer."""

_CONNECT_SECONDS: Final = 4.0  # for each address but the last
_OWN_HEADERS: Final = {
    "content-type": "application/json", "user-agent": "Handrail", "accept": "*/*",
    "accept-encoding": "identity", "connection": "close",
}  # fmt: skip

Code = Literal[
    "delivered", "gone", "refused", "failed", "redirected", "timed_out", "unreachable", "address_forbidden",
    "too_large", "tls_failed", "secret_unusable",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one attempt, never in the far side's words.

    `delivered`: any 2xx whose whole body came. `gone`: 410. `refused`: another 4xx. `redirected`: 3xx, which
    is not followed. `failed`: 5xx, or a status that means nothing here. `timed_out`: it may have arrived.
    `too_large`: a 2xx with more than `MOST_BYTES` behind it. `unreachable`: no HTTP answer.
    `address_forbidden`: nothing was sent. `secret_unusable`: nor here, for want of the key that
    sealed it (no answer of `post`). `status` is the HTTP status when there was one; `retry_after` is
    the wait that the receiver asked for.
    """

    code: Code
    status: int | None
    retry_after: timedelta | None
    milliseconds: int


async def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private_hosts: Collection[str] = (),
    timeout: float = SECONDS,  # noqa: ASYNC109 - a bound on the whole exchange, whatever drips
) -> Answer:
    """Send a JSON body. Answers within `timeout` seconds; raises nothing but cancellation.

    `private_hosts` are not held to public addresses, nor to https. Hold no transaction meanwhile.
    """
    begun = clock.stopwatch()
    status, retry_after = None, None
    code: Code
    try:
        async with asyncio.timeout(timeout):
            code, status, retry_after = await _exchange(url, headers, body, private_hosts)
    except TimeoutError:
        code = "timed_out"
    except Unfit as unfit:
        code = "unreachable" if unfit.fault is Fault.HOST_UNKNOWN else "address_forbidden"
    except httpcore.ConnectError as error:
        code = "tls_failed" if _is_of_tls(error) else "unreachable"
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        code = "unreachable"
    return Answer(code, status, retry_after, round((clock.stopwatch() - begun) * 1000))


async def _exchange(
    url: str, headers: Mapping[str, str], body: bytes, private_hosts: Collection[str]
) -> tuple[Code, int, timedelta | None]:
    parsed = fit(url, private_hosts)
    target = httpcore.URL(
        scheme=parsed.raw_scheme, host=parsed.raw_host, port=parsed.port, target=parsed.raw_path
    )
    named = {"host": parsed.netloc.decode("ascii")} | _OWN_HEADERS | dict(headers)
    sent = [*named.items(), ("content-length", str(len(body)))]
    async with (
        aclosing(_CheckedNetwork(private_hosts)) as network,
        httpcore.AsyncConnectionPool(ssl_context=_tls(), network_backend=network) as pool,
        pool.stream(b"POST", target, headers=sent, content=body) as response,
    ):
        code = _code(response.status)
        if code == "delivered" and not await _is_short(response):
            code = "too_large"
        return code, response.status, _retry_after(response)


async def _is_short(response: httpcore.Response) -> bool:
    """Whether the body ends before `MOST_BYTES` are over. Nothing of it is kept."""
    size = 0
    async for part in response.aiter_stream():
        size += len(part)
        if size > MOST_BYTES:
            return False
    return True


def _is_of_tls(error: BaseException | None) -> bool:
    """Whether TLS itself is what failed: httpcore wraps it, and takes its cause away again."""
    return error is not None and (isinstance(error, ssl.SSLError) or _is_of_tls(error.__context__))


def _code(status: int) -> Code:
    if status == 410:
        return "gone"
    families: dict[int, Code] = {2: "delivered", 3: "redirected", 4: "refused"}
    return families.get(status // 100, "failed")


def _retry_after(response: httpcore.Response) -> timedelta | None:
    """The wait that a receiver asks for: seconds, or a time, which is counted from the answer's own `Date`,
    so that its clock and ours need not agree. None for what is neither. Source: RFC 9110, 10.2.3."""
    headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
    asked, said_at = headers.get(b"retry-after", ""), headers.get(b"date", "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return timedelta(seconds=int(asked))
    try:
        return max(parsedate_to_datetime(asked) - parsedate_to_datetime(said_at), timedelta(0))
    except (ValueError, TypeError, OverflowError):  # TypeError: one with a zone, one without
        return None


@cache
def _tls() -> ssl.SSLContext:
    """The usual authorities, or those of `SSL_CERT_FILE`: a private host may have one of its own."""
    return httpx.create_ssl_context()


class _CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connects to a host only at addresses that it may have, each of which was checked."""

    def __init__(self, private_hosts: Collection[str]) -> None:
        self._private_hosts = private_hosts
        self._network = httpcore.AnyIOBackend()
        self._connections: list[httpcore.AsyncNetworkStream] = []

    async def connect_tcp(
        self, host: str, port: int, *_: object, **__: object
    ) -> httpcore.AsyncNetworkStream:
        """Raises `Unfit`, and `httpcore.ConnectError` when no address takes the connection."""
        connection = await self._connected(await look_up(host, port, self._private_hosts), port)
        self._connections.append(connection)
        return connection

    async def aclose(self) -> None:
        """Cut whatever still stands: httpcore forgets one whose TLS was being agreed on when time ran out."""
        for each in self._connections:
            await each.aclose()

    async def _connected(self, addresses: Sequence[str], port: int) -> httpcore.AsyncNetworkStream:
        *others, last = addresses
        for each in others:
            try:
                return await self._network.connect_tcp(each, port, timeout=_CONNECT_SECONDS)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(last, port)
