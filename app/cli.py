"""`handrail`: run, migrate, look after."""

import asyncio
import json
import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError
from rich.console import Console

from app import administration, backtesting, embedded, jobs, migration, pager, supervision
from app.database import engine_for
from app.demo import commands as demo_commands
from app.demo import reach
from app.keeping import commands as keeping_commands
from app.main import create_app, database_url
from app.observability import configure_logging
from app.post_office import PostOffice
from app.problems import is_database_away
from app.settings import Settings, settings
from app.watching import watcher_of

OPENAPI = Path(__file__).parent.parent / "openapi" / "handrail.json"
command = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
command.add_typer(demo_commands.demo, name="demo")
command.add_typer(administration.organization, name="organization")
command.add_typer(administration.client, name="client")
command.add_typer(keeping_commands.spool, name="spool")
command.command()(backtesting.backtest)
console = Console()


def main() -> None:
    """The entry point."""
    command(prog_name="handrail")


@command.command()
def run(
    demo: Annotated[bool, typer.Option(help="Seed the demonstration organizations, once.")] = False,
) -> None:
    """Serve everything on this machine: database (unless configured), API, worker, watcher and board."""
    if demo:  # the terminal is for people then
        os.environ.setdefault("HANDRAIL_LOG_LEVEL", "warning")
    own = _own_settings(demo=demo)
    if own.demo:
        for name, value in reach.environment(own).items():
            os.environ.setdefault(name, value)
        own = _own_settings(demo=True)
    configure_logging(own.log_threshold)
    database = _Database(own)
    _begin(database, own)
    if own.demo:
        demo_commands.prepare(own, database_url(own))
    console.print(f"[bold green]Handrail[/] on http://{own.host}:{own.port}", highlight=False)
    processes = {name: [name] for name in ("api", "worker", "watcher")}
    if own.demo:
        processes["pagers"] = ["demo", "pagers"]
    asyncio.run(supervision.keep(processes, database.keep))
    if database.server:
        embedded.stop(database.server)


@command.command()
def api() -> None:
    """Serve the API alone."""
    own = _own_settings()
    uvicorn.run(
        "app.main:application", factory=True, host=own.host, port=own.port, workers=own.workers,
        forwarded_allow_ips=own.trusted_proxies, timeout_graceful_shutdown=10, access_log=False,
        log_config=None, server_header=False,
    )  # fmt: skip


@command.command()
def worker() -> None:
    """Work on jobs: as many of these as there are machines."""
    own = _own_settings()
    configure_logging(own.log_threshold)
    url = database_url(own)
    asyncio.run(jobs.run(url, engine_for(url, pool_size=16), PostOffice.of(own)))


@command.command()
def watcher() -> None:
    """Watch over the worker, the alerts and their timers: one is enough."""
    own = _own_settings()
    configure_logging(own.log_threshold)
    url = database_url(own)
    asyncio.run(jobs.watch(url, watcher_of(engine_for(url, pool_size=2), own)))


@command.command()
def migrate(
    check: Annotated[
        bool, typer.Option(help="Only say whether models and migrations agree; touches no data.")
    ] = False,
) -> None:
    """Bring the database to this version's tables."""
    if check:
        _compare_models_and_migrations()
        return
    _prepare_database(settings())
    console.print("The database is up to date.")


@command.command()
def openapi(
    check: Annotated[bool, typer.Option(help="Only say whether the committed document is true.")] = False,
) -> None:
    """Write the API's OpenAPI document."""
    document = create_app(settings(), "postgresql:///nowhere").openapi()
    text = json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if check and (not OPENAPI.exists() or OPENAPI.read_text(encoding="utf-8") != text):
        console.print("openapi/handrail.json is not what the code serves; run `make openapi`.")
        raise typer.Exit(1)
    if not check:
        OPENAPI.parent.mkdir(exist_ok=True)
        OPENAPI.write_text(text, encoding="utf-8")


def _own_settings(*, demo: bool = False) -> Settings:
    """The settings; or the end of the process, with a sentence on each that is wrong and never its value."""
    try:
        own = Settings(demo=True) if demo else settings()
        pager.check(own)
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False):
            name = f"HANDRAIL_{str(each['loc'][0]).upper()}: " if each["loc"] else ""
            console.print(name + each["msg"], markup=False)
        raise typer.Exit(2) from None
    except pager.Misconfigured as error:
        console.print(str(error), markup=False)
        raise typer.Exit(2) from None
    return own


def _prepare_database(own: Settings) -> embedded.Server | None:
    """Start the embedded server where none is configured, and migrate. The server, if it is ours."""
    if own.database_url is not None:
        migration.upgrade(_owner_url(own))
        return None
    server = embedded.start(own.data_dir)
    migration.ensure_database(embedded.url(server, "postgres"), "handrail")
    migration.upgrade(embedded.url(server))
    return server


class _Database:
    """The database of `handrail run`: migrated once, and the embedded server started whenever it is gone."""

    def __init__(self, own: Settings) -> None:
        self.server: embedded.Server | None = None
        self._own = own
        self._is_prepared = False

    def keep(self) -> None:
        """Raises whatever keeps it from being there."""
        if not self._is_prepared:
            self.server = _prepare_database(self._own)
            self._is_prepared = True
        elif self.server is not None:
            embedded.revive(self.server)


def _begin(database: _Database, own: Settings) -> None:
    """Prepare the database; one that is away keeps nobody from serving, but for the demonstration."""
    try:
        database.keep()
    except Exception as failure:
        if own.demo or not (is_database_away(failure) or isinstance(failure, subprocess.SubprocessError)):
            raise
        console.print(
            "The database does not answer. What patients say is kept on this machine until it does:"
            " see docs/when-the-database-is-away.md",
            markup=False,
        )


def _compare_models_and_migrations() -> None:
    with embedded.scratch() as server:
        migration.ensure_database(embedded.url(server, "postgres"), "handrail")
        migration.upgrade(embedded.url(server))
        differences = migration.drift(embedded.url(server))
    if differences:
        console.print("Models and migrations differ:", *differences, sep="\n  ")
        raise typer.Exit(1)
    console.print("Models and migrations agree.")


def _owner_url(own: Settings) -> str:
    if own.database_owner_url is not None:
        return own.database_owner_url.get_secret_value()
    return database_url(own)


if __name__ == "__main__":
    main()
