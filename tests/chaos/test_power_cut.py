"""The power goes while answers are written, to the spool and to PostgreSQL: whatever was acknowledged is
there when it comes back. Without fsync nearly everything is gone, or this scenario would prove nothing."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest

from app import embedded
from app.spool import Store
from tests.chaos.disk import new_disk
from tests.chaos.service import ROOT

SECONDS = 4.0
SPOOLING = """
import sys
from pathlib import Path
from app.spool import NewEntry, Store, store
from uuid_utils import uuid7
store.SYNCHRONOUS = sys.argv[2]
spool = Store(Path(sys.argv[1]), 100)
while True:
    id = str(uuid7())
    spool.put([NewEntry(id, id.encode(), "riverside", "ana", "check_in", 0.0, False, b"x" * 700)], 0.0)
    print(id, flush=True)
"""
INSERTING = """
import sys
import psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    number = 0
    while True:
        number += 1
        connection.execute("insert into kept values (%s, repeat('x', 700))", [str(number)])
        print(number, flush=True)
"""


@dataclass(frozen=True)
class Writer:
    """A process that says what was acknowledged to it, in a file on another disk."""

    process: subprocess.Popen[bytes]
    said: Path

    def acknowledged(self) -> set[str]:
        """All of it; the process is ended."""
        self.process.kill()
        self.process.wait()
        return set(self.said.read_text("utf-8").split("\n")[:-1])  # the last may be half a line


@contextlib.contextmanager
def writing(said: Path, program: str, *words: str | Path) -> Iterator[Writer]:
    """Started, and given its time."""
    with said.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", program, *words], stdout=file, cwd=ROOT
        )
    try:
        time.sleep(SECONDS)
        yield Writer(process, said)
    finally:
        process.kill()
        process.wait()


def spool_lost(folder: Path, synchronous: str) -> tuple[int, int]:
    """How many were acknowledged, and how many of them are not there after the cut."""
    with (
        new_disk(folder) as disk,
        writing(folder / "said", SPOOLING, disk.mounted / "spool", synchronous) as writer,
        disk.after_a_power_cut([psutil.Process(writer.process.pid)]) as left,
    ):
        told = writer.acknowledged()
        return len(told), len(told - entries_left(left / "spool"))


def entries_left(folder: Path) -> set[str]:
    """What the spool finds; nothing if there is none."""
    if not folder.exists():
        return set()
    store = Store(folder, 100)
    try:
        return {entry.id for entry in store.entries()}
    finally:
        store.close()


def database_lost(folder: Path, fsync: str) -> tuple[int, int]:
    """The same of PostgreSQL."""
    with new_disk(folder) as disk:
        server = embedded.start(disk.mounted)
        try:
            url = embedded.url(server, "postgres")
            prepare(url, fsync)
            subprocess.run(["sync", "-f", disk.mounted], check=True)  # what stood there before is not asked
            with writing(folder / "said", INSERTING, url) as writer:
                postmaster = psutil.Process(server.get_pid())
                everybody = [
                    psutil.Process(writer.process.pid),
                    postmaster,
                    *postmaster.children(recursive=True),
                ]
                with disk.after_a_power_cut(everybody) as left:
                    told = writer.acknowledged()
                    return len(told), len(told - rows_left(left))
        finally:
            embedded.revive(server)
            embedded.stop(server)


def prepare(url: str, fsync: str) -> None:
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute(f"alter system set fsync = {fsync}".encode())
        superuser.execute("select pg_reload_conf()")
        superuser.execute("create table kept (id text, said text)")
        superuser.execute("checkpoint")


def rows_left(folder: Path) -> set[str]:
    """What PostgreSQL finds when it is started again; nothing if it does not even start."""
    try:
        server = embedded.start(folder)
    except subprocess.SubprocessError as failure:
        print(f"it does not start: {type(failure).__name__}")
        return set()
    try:
        with psycopg.connect(embedded.url(server, "postgres")) as connection:
            return {row[0] for row in connection.execute("select id from kept")}
    finally:
        embedded.stop(server)


def test_the_spool_has_what_it_acknowledged(folder: Path) -> None:
    told, lost = spool_lost(folder, "FULL")
    print(f"spool: {lost} of {told} acknowledged entries lost")
    assert told > 100
    assert lost == 0


def test_a_spool_without_fsync_is_found_out(folder: Path) -> None:
    told, lost = spool_lost(folder, "OFF")
    print(f"spool without fsync: {lost} of {told} acknowledged entries lost")
    assert lost > told / 2


def test_the_database_has_what_it_acknowledged(folder: Path) -> None:
    told, lost = database_lost(folder, "on")
    print(f"PostgreSQL: {lost} of {told} acknowledged rows lost")
    assert told > 100
    assert lost == 0


@pytest.mark.timeout(300)
def test_a_database_without_fsync_is_found_out(folder: Path) -> None:
    told, lost = database_lost(folder, "off")
    print(f"PostgreSQL without fsync: {lost} of {told} acknowledged rows lost")
    assert lost > told / 2
