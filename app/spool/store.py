"""The spool's file: SQLite in a folder, shared by the processes of this machine.

Every writing transaction is fsynced before it returns (WAL, synchronous=FULL), and what was being written
when the power went is dropped by SQLite's own checksums: it was never acknowledged. All of this blocks.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from app.spool.entry import Entry, NewEntry, Placed, Tally
from app.spool.faults import SpoolError, SpoolFull, SpoolUnwritable
from app.spool.tables import COLUMNS, NEXT, TABLES, TALLY

FILE: Final = "spool.sqlite3"
SYNCHRONOUS: Final = "FULL"
WAIT_SECONDS: Final = 1.5
MOST_MEGABYTES: Final = 100_000
_PAGE_BYTES: Final = 4096
_SLACK_PAGES: Final = 256
"""Above the quota, for marks on what is kept: they must not fail where nothing new is taken."""


class Store:
    """One process's hold on the file, for one thread. It is opened when first needed, and again after a
    failure. Everything raises `SpoolUnwritable` when the disk fails."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self._folder = folder
        self._pages = megabytes * 1_000_000 // _PAGE_BYTES
        self._database: sqlite3.Connection | None = None
        self._file = -1
        self._lock = -1

    def put(self, entries: Sequence[NewEntry], page_at: float) -> list[Placed]:
        """Keep all of them or none; when this returns they are on the disk. Raises `SpoolFull`.

        What is urgent is nobody else's to page for before `page_at`.
        """
        with self._writing() as database:
            for entry in entries:
                database.execute(
                    "insert into entry (id, digest, organization_id, patient_id, kind, kept_at, urgent,"
                    " sealed, page_at, try_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                    " on conflict (digest) do nothing",
                    (*entry, page_at if entry.urgent else None, entry.kept_at),
                )
            if _used_pages(database) > self._pages:
                raise SpoolFull
            return [_placed(database, entry.digest) for entry in entries]

    def claim(self, now: float, until: float, most: int) -> list[Entry]:
        """The entries that are next, at most one a patient: nobody else's until then."""
        with self._writing() as database:
            entries = _entries(database.execute(NEXT, {"now": now, "most": most}))
            _mark(database, "try_at = ?", until, entries)
        return entries

    def claim_pages(self, now: float, until: float, most: int) -> list[Entry]:
        """The entries for which somebody is to be paged now: nobody else's to page for until then."""
        with self._writing() as database:
            due = f"select {COLUMNS} from entry where page_at <= ? order by seq limit ?"  # noqa: S608 - constants
            entries = _entries(database.execute(due, (now, most)))
            _mark(database, "page_at = ?", until, entries)
        return entries

    def paged(self, id: str, at: float) -> None:
        """Somebody was paged."""
        with self._writing() as database:
            database.execute("update entry set page_at = null, paged_at = ? where id = ?", (at, id))

    def remove(self, ids: Sequence[str]) -> None:
        """These are in the database."""
        with self._writing() as database:
            database.executemany("delete from entry where id = ?", list(zip(ids, strict=True)))

    def put_off(self, id: str, until: float, *, failed: bool) -> None:
        """Let it be tried again then; `failed` when it is its own fault."""
        with self._writing() as database:
            database.execute(
                "update entry set try_at = ?, attempts = attempts + ? where id = ?", (until, int(failed), id)
            )

    def park(self, id: str, code: str) -> None:
        """Leave it to a person: those after it go on."""
        with self._writing() as database:
            database.execute("update entry set parked = ? where id = ?", (code, id))

    def unpark(self, id: str | None) -> int:
        """Try a parked entry again, or all of them; how many."""
        with self._writing() as database:
            return database.execute(
                "update entry set parked = null, attempts = 0, try_at = 0"
                " where parked is not null and (?1 is null or id = ?1)",
                (id,),
            ).rowcount

    def waits(self, organization_id: str, patient_id: str) -> bool:
        """Whether anything that is not parked is there of this patient."""
        with self._reading() as database:
            found = database.execute(
                "select 1 from entry where parked is null and patient_id = ? and organization_id = ? limit 1",
                (patient_id, organization_id),
            )
            return found.fetchone() is not None

    def tally(self) -> Tally:
        """How much is kept."""
        with self._reading() as database:
            waiting, parked, unpaged, oldest_at = database.execute(TALLY).fetchone()
            return Tally(waiting, parked, unpaged, oldest_at, _used_pages(database) * _PAGE_BYTES)

    def entries(self, id: str | None = None) -> list[Entry]:
        """What is kept, in the order of its arrival; or the one of this id."""
        with self._reading() as database:
            wanted = f"select {COLUMNS} from entry where ?1 is null or id = ?1 order by seq"  # noqa: S608 - constants
            return _entries(database.execute(wanted, (id,)))

    def was_shown(self, id: str, at: float, reason: str, shown_to: str) -> None:
        """Write down who is about to be shown what somebody said, and why."""
        with self._writing() as database:
            database.execute("insert into shown values (?, ?, ?, ?)", (id, at, reason, shown_to))

    def close(self) -> None:
        """Let go of the file."""
        with suppress(SpoolError, sqlite3.Error), self._alone():
            if self._database is not None:
                self._database.close()
        self._database = None
        if self._lock >= 0:
            os.close(self._lock)
        self._lock = -1

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as database, self._alone():
            database.execute("begin immediate")
            try:
                yield database
                database.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):
                    database.execute("rollback")
                raise

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._opened()
        except sqlite3.Error as error:
            self.close()
            code = getattr(error, "sqlite_errorcode", None)
            raise (SpoolFull if code == sqlite3.SQLITE_FULL else SpoolUnwritable) from error
        except OSError as error:
            self.close()
            raise SpoolUnwritable from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time: SQLite before 3.51.3 could damage a WAL that two connections write to and
        reset at the same instant (sqlite.org/wal.html, "The WAL-Reset Bug")."""
        deadline = time.perf_counter() + WAIT_SECONDS
        while self._lock >= 0:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.perf_counter() > deadline:
                    raise SpoolUnwritable from None
                time.sleep(0.002)
        try:
            yield
        finally:
            if self._lock >= 0:
                fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _opened(self) -> sqlite3.Connection:
        path = self._folder / FILE
        # A file that somebody has removed or replaced takes everything, and keeps nothing.
        if self._database is not None and not (path.exists() and path.stat().st_ino == self._file):
            self.close()
        return self._database or self._open(path)

    def _open(self, path: Path) -> sqlite3.Connection:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))  # nobody else may read it
        self._database = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        self._file = path.stat().st_ino
        with self._alone():
            for setting in (
                "journal_mode = wal",
                f"synchronous = {SYNCHRONOUS}",
                f"max_page_count = {self._pages + _SLACK_PAGES}",
            ):
                self._database.execute(f"pragma {setting}")
            for statement in TABLES:
                self._database.execute(statement)
        for folder in (self._folder, self._folder.parent):
            _sync(folder)
        return self._database


def tally_of(folder: Path) -> Tally | None:
    """How much is kept in a folder; None when nothing ever was. Raises `SpoolUnwritable`."""
    if not (folder / FILE).exists():
        return None
    with closing(Store(folder, MOST_MEGABYTES)) as store:
        return store.tally()


def _used_pages(database: sqlite3.Connection) -> int:
    count, free = (
        database.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count")
    )
    return int(count) - int(free)


def _placed(database: sqlite3.Connection, digest: bytes) -> Placed:
    found = database.execute("select id, paged_at from entry where digest = ?", (digest,)).fetchone()
    return Placed(found[0], found[1] is not None)


def _entries(cursor: sqlite3.Cursor) -> list[Entry]:
    return [Entry(*row)._replace(urgent=bool(row[5])) for row in cursor.fetchall()]


def _mark(database: sqlite3.Connection, what: str, until: float, entries: Sequence[Entry]) -> None:
    statement = f"update entry set {what} where id = ?"  # noqa: S608 - a constant
    database.executemany(statement, [(until, entry.id) for entry in entries])


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
