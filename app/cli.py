"""`handrail`: run, migrate, look after."""

import asyncio
import json
import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
import uvicorn
from rich.console import Console

from app import administration, embedded, jobs, migration, supervision
from app.database import engine_for
from app.demo import commands as demo_commands
from app.main import create_app, database_url
from app.observability import configure_logging
from app.settings import Settings, settings

OPENAPI = Path(__file__).parent.parent / "openapi" / "handrail.json"
command = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)
command.add_typer(demo_commands.demo, name="demo")
command.add_typer(administration.organization, name="organization")
command.add_typer(administration.client, name="client")
console = Console()


def main() -> None:
    """The entry point."""
    command(prog_name="handrail")


@command.command()
def run(
    demo: Annotated[bool, typer.Option(help="Seed the demonstration organizations, once.")] = False,
) -> None:
    """Serve everything on this machine: database (unless configured), API, worker and board."""
    if demo:  # the terminal is for people then
        os.environ.setdefault("HANDRAIL_LOG_LEVEL", "warning")
    own = Settings(demo=True) if demo else settings()
    configure_logging(own.log_threshold)
    server = _prepare_database(own)
    if own.demo:
        demo_commands.prepare(own, database_url(own))
    console.print(f"[bold green]Handrail[/] on http://{own.host}:{own.port}", highlight=False)
    revive = partial(embedded.revive, server) if server else None
    asyncio.run(supervision.keep({"api": ["api"], "worker": ["worker"]}, revive))
    if server:
        embedded.stop(server)


@command.command()
def api() -> None:
    """Serve the API alone."""
    own = settings()
    uvicorn.run(
        "app.main:application", factory=True, host=own.host, port=own.port, workers=own.workers,
        forwarded_allow_ips=own.trusted_proxies, timeout_graceful_shutdown=10, access_log=False,
        log_config=None, server_header=False,
    )  # fmt: skip


@command.command()
def worker() -> None:
    """Work on jobs: as many of these as there are machines."""
    own = settings()
    configure_logging(own.log_threshold)
    url = database_url(own)
    asyncio.run(jobs.run(url, engine_for(url, pool_size=8)))


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


def _prepare_database(own: Settings) -> embedded.Server | None:
    """Start the embedded server where none is configured, and migrate. The server, if it is ours."""
    if own.database_url is not None:
        migration.upgrade(_owner_url(own))
        return None
    server = embedded.start(own.data_dir)
    migration.ensure_database(embedded.url(server, "postgres"), "handrail")
    migration.upgrade(embedded.url(server))
    return server


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
