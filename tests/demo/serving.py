"""A real API process on a port of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(database_url: str, data_dir: Path, port: int) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("HANDRAIL_")}
    return own | {
        "HANDRAIL_DATABASE_URL": database_url,
        "HANDRAIL_DATA_DIR": str(data_dir),
        "HANDRAIL_PORT": str(port),
    }


class Server:
    """`handrail api` on this database, which can be stopped and started again where it was."""

    def __init__(self, database_url: str, data_dir: Path) -> None:
        self._port = free_port()
        self._environment = environment(database_url, data_dir, self._port)
        self._log = data_dir / "api.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.base_url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        with self._log.open("a") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "api"],
                env=self._environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        for _ in range(300):
            assert self._process.poll() is None, self._log.read_text()
            try:
                httpx.get(f"{self.base_url}/livez", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError(self._log.read_text())

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            self._process = None


@contextmanager
def serving(database_url: str, data_dir: Path) -> Iterator[Server]:
    """A running server, stopped at the end."""
    server = Server(database_url, data_dir)
    try:
        server.start()
        yield server
    finally:
        server.stop()
