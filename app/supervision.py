"""Keeps the processes of `handrail run` alive: the embedded database, the API, the worker, the watcher."""

import asyncio
import signal
import sys
from collections.abc import Callable, Mapping, Sequence

import structlog

log = structlog.get_logger()
RESTART_SECONDS = 1.0
STOP_SECONDS = 25.0


async def keep(commands: Mapping[str, Sequence[str]], revive_database: Callable[[], None] | None) -> None:
    """Run `handrail <command>` for each, again whenever one ends, until SIGTERM or SIGINT.

    `revive_database` starts the embedded server again when it is gone, and otherwise does nothing.
    """
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as group:
        for name, command in commands.items():
            group.create_task(_keep(name, command, stopping))
        if revive_database is not None:
            group.create_task(_keep_database(revive_database, stopping))


async def _keep(name: str, command: Sequence[str], stopping: asyncio.Event) -> None:
    while not stopping.is_set():
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
        await _pause(stopping)


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


async def _pause(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), RESTART_SECONDS)
    except TimeoutError:
        return
