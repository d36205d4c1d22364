"""A real API process on a port of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx


def free_port() -> int:
    """A port that is free, and so is the next one, for the pagers."""
    for _ in range(100):
        with socket.socket() as probe, socket.socket() as next_one:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port
    raise AssertionError("no two free ports in a row")


def environment(database_url: str, data_dir: Path, port: int) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("HANDRAIL_")}
    return own | {
        "HANDRAIL_DATABASE_URL": database_url,
        "HANDRAIL_DATA_DIR": str(data_dir),
        "HANDRAIL_PORT": str(port),
    }


class Server:
    """`handrail api` on this database, which can be stopped and started again where it was; with other
    commands beside it, when some are named."""

    def __init__(
        self,
        database_url: str,
        data_dir: Path,
        port: int | None = None,
        beside: Sequence[str] = (),
        **own: str,
    ) -> None:
        self._port = port or free_port()
        self._environment = environment(database_url, data_dir, self._port) | own
        self._log = data_dir / "api.log"
        self._commands = ("api", *beside)
        self._processes: list[subprocess.Popen[bytes]] = []
        self.base_url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        with self._log.open("a") as output:
            self._processes = [
                subprocess.Popen(
                    [sys.executable, "-m", "app.cli", *command.split()],
                    env=self._environment, stdout=output, stderr=subprocess.STDOUT,
                )
                for command in self._commands
            ]  # fmt: skip
        for _ in range(300):
            assert all(each.poll() is None for each in self._processes), self._log.read_text()
            try:
                httpx.get(f"{self.base_url}/livez", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self._log.read_text())

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(20)
        self._processes = []


@contextmanager
def serving(
    database_url: str, data_dir: Path, port: int | None = None, beside: Sequence[str] = (), **own: str
) -> Iterator[Server]:
    """A running server, stopped at the end."""
    server = Server(database_url, data_dir, port, beside, **own)
    try:
        server.start()
        yield server
    finally:
        server.stop()
