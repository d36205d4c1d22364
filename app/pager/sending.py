"""Sending one page: never in the event loop's way, never for longer than asked, never to where it may not."""

import asyncio
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Final, Literal
from weakref import WeakValueDictionary

import structlog
from apprise import NotifyBase, NotifyFormat, NotifyType

from app.pager.addresses import Fault, Unfit, fit, look_up
from app.pager.guard import MOST_BYTES, Guard
from app.pager.services import SERVICES, schema_of
from app.pager.wording import Kind, Notice

log = structlog.get_logger()

Code = Literal["sent", "refused", "timed_out", "unknown_service", "address_forbidden", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt, never in the far side's words.

    `refused`: somebody was reached and did not take it. `failed`: nobody was reached. `unknown_service` and
    `address_forbidden`: it was not tried, and will not be until somebody changes the address.
    """

    delivered: bool
    code: Code


THREADS: Final = 32
PER_DESTINATION: Final = 4
"""Of the threads, so many at most wait on one server: one that hangs must not hold up the others."""

_POOL: Final = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
_slots: Final[WeakValueDictionary[str, asyncio.Semaphore]] = WeakValueDictionary()
_LOOK_SECONDS = 0.25
_LOOK_UP_SECONDS = 5.0

_TYPES: Final = {Kind.HIGH: NotifyType.WARNING} | dict.fromkeys(
    (Kind.CRITICAL, Kind.URGENT, Kind.CRISIS_SERVICE, Kind.OPERATOR, Kind.FALLBACK, Kind.FALLBACK_UNKEPT),
    NotifyType.FAILURE,
)
_CODES: Final[dict[Fault, Code]] = {
    Fault.MALFORMED: "unknown_service",
    Fault.UNKNOWN_SERVICE: "unknown_service",
    Fault.HOST_UNKNOWN: "failed",
}


async def notify(
    address: str,
    notice: Notice,
    *,
    private_hosts: Collection[str] = (),
    timeout: float = 20.0,  # noqa: ASYNC109 - a bound on the whole page, which a caller shall not forget
) -> Outcome:
    """Send one notice to one address. Answers within `timeout` seconds, waiting for a thread included.

    Cancelling it cuts the connections. A page that timed out may have arrived all the same.
    """
    guard = Guard(private_hosts)
    try:
        async with asyncio.timeout(timeout), _slot(address):
            return await _watched(address, notice, guard, timeout)
    except TimeoutError:
        return Outcome(False, "timed_out")
    finally:
        guard.stop()


async def fault_of(address: str, *, private_hosts: Collection[str] = ()) -> Fault | None:
    """Why an address cannot be registered; None when it can. Looks its own host up, for a few seconds."""

    def look() -> None:
        look_up(address, fit(address, private_hosts), private_hosts)

    try:
        async with asyncio.timeout(_LOOK_UP_SECONDS):
            await asyncio.get_running_loop().run_in_executor(_POOL, look)
    except TimeoutError:
        return Fault.HOST_UNKNOWN
    except Unfit as unfit:
        return unfit.fault
    return None


def _slot(address: str) -> asyncio.Semaphore:
    """One of the few places in front of the server that an address names."""
    authority = address.partition("://")[2].partition("/")[0].partition("?")[0]
    destination = f"{schema_of(address)}://{authority.rpartition('@')[2].lower()}"
    return _slots.setdefault(destination, asyncio.Semaphore(PER_DESTINATION))


async def _watched(address: str, notice: Notice, guard: Guard, seconds: float) -> Outcome:
    """Let a thread send, and cut it off when the far side floods us."""
    sending = asyncio.get_running_loop().run_in_executor(
        _POOL, copy_context().run, _send, address, notice, guard, seconds
    )
    try:
        while not (await asyncio.wait({sending}, timeout=_LOOK_SECONDS))[0]:
            if guard.received() > MOST_BYTES:
                guard.stop()
        return sending.result()
    finally:
        sending.cancel()  # one that still waits for a thread never starts


def _send(address: str, notice: Notice, guard: Guard, seconds: float) -> Outcome:
    with guard.watching():
        try:
            plugin = fit(address, guard.private_hosts)
            look_up(address, plugin, guard.private_hosts)
            delivered = _speak(address, plugin, notice, seconds)
        except Unfit as unfit:
            return Outcome(False, _CODES.get(unfit.fault, "address_forbidden"))
        except Exception:  # a plugin may raise anything, and the page goes another way then
            log.warning("page_not_sent", exc_info=True)
            delivered = False
        if delivered:
            return Outcome(True, "sent")
        if guard.refused:
            return Outcome(False, "address_forbidden")
        return Outcome(False, "refused" if guard.reached() else "failed")


def _speak(address: str, plugin: NotifyBase, notice: Notice, seconds: float) -> bool:
    plugin.socket_connect_timeout = plugin.socket_read_timeout = seconds
    if link := SERVICES[schema_of(address)].link:
        setattr(plugin, link, notice.link)
    return plugin.notify(
        title=notice.title if plugin.title_maxlen else "",
        body=notice.body,
        notify_type=_TYPES.get(notice.kind, NotifyType.INFO),
        body_format=NotifyFormat.TEXT,
    )
