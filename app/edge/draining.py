"""The way out: from SIGTERM on, readiness is off and streams end, before the server stops listening."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

import structlog

log = structlog.get_logger()

_Handler = Callable[[int, FrameType | None], object]


class Draining:
    """Whether this process is on its way out. `/readyz` reads `begun`; a stream races `wait()` against its
    next event and ends.

    Make one per process and enter `on_signals` in the application's lifespan, when the server has already
    installed its own handlers: they are called after `delay` seconds, in which load balancers notice.
    """

    def __init__(self) -> None:
        self.begun = False
        self._event = asyncio.Event()

    def begin(self) -> None:
        """Turns readiness off and wakes every waiter. To be called in the event loop's thread."""
        if not self.begun:
            log.info("draining_begun")
        self.begun = True
        self._event.set()

    async def wait(self) -> None:
        """Returns when draining begins."""
        await self._event.wait()

    @contextmanager
    def on_signals(self, delay: float = 0.0) -> Iterator[None]:
        """Begins at the first SIGTERM or SIGINT and passes it on after `delay` seconds; a second one is
        passed on at once. Outside the main thread, where Python delivers no signals, it does nothing."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        previous = {
            number: signal.signal(number, partial(self._receive, loop, delay, signal.getsignal(number)))
            for number in (signal.SIGTERM, signal.SIGINT)
        }
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _receive(
        self,
        loop: asyncio.AbstractEventLoop,
        delay: float,
        server: "_Handler | int | None",
        number: int,
        frame: FrameType | None,
    ) -> None:
        # A signal arrives between any two bytecodes: the loop is only told, not touched.
        wait = 0.0 if self.begun else delay
        loop.call_soon_threadsafe(self.begin)
        if not callable(server):
            return
        if wait:
            loop.call_soon_threadsafe(loop.call_later, wait, server, number, frame)
        else:
            server(number, frame)
