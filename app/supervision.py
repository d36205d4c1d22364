"""Keeps the processes of `handrail run` alive: the embedded database, the API, the worker, the watcher."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import structlog

from app import clock

log = structlog.get_logger()
RESTART_SECONDS = 1.0
BRIEF_SECONDS = 5.0
LONGEST_PAUSE = 8.0
STOP_SECONDS = 25.0


async def keep(commands: Mapping[str, Sequence[str]], keep_database: Callable[[], None]) -> None:
    """Run `handrail <command>` for each, again whenever one ends, until SIGTERM or SIGINT.

    `keep_database` is called every second: it prepares the database, or starts it again, when it is gone.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        for name, command in commands.items():
            group.create_task(_keep(name, command, stopping))
        group.create_task(_keep_database(keep_database, stopping))


async def _keep(name: str, command: Sequence[str], stopping: asyncio.Event) -> None:
    pause = RESTART_SECONDS
    while not stopping.is_set():
        started = clock.stopwatch()
        # Its own process group: a Ctrl-C in the terminal must reach it once, through us.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", *command, start_new_session=True
        )
        ended, stopped = asyncio.create_task(process.wait()), asyncio.create_task(stopping.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stopping.is_set():
            await _stop(process, ended)
            return
        log.error("process_ended", task=name, code=str(process.returncode))
        # What ends at once again, as a worker does while the database is away, must not wear the machine out.
        was_brief = clock.stopwatch() - started < BRIEF_SECONDS
        pause = min(2 * pause, LONGEST_PAUSE) if was_brief and name != "api" else RESTART_SECONDS
        await _pause(stopping, pause)


async def _stop(process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(ended, STOP_SECONDS)
    except TimeoutError:
        process.kill()


async def _keep_database(revive: Callable[[], None], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            await asyncio.to_thread(revive)
        except Exception as failure:  # noqa: BLE001 - a server that is just dying refuses in many ways; the next try is soon
            log.warning("database_not_revived", code=type(failure).__name__)
        await _pause(stopping)


async def _pause(stopping: asyncio.Event, seconds: float = RESTART_SECONDS) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
