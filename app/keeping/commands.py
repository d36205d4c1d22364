"""What an operator asks of the spool: what is there, what somebody said, and to try again."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, NoReturn

import structlog
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from app import clock
from app.keeping.said import Said, unsealed
from app.post_office import PostOffice
from app.sealing import Unsealable
from app.settings import settings
from app.spool import Entry, SpoolError, Store

log = structlog.get_logger()
spool = typer.Typer(help="What is kept on this machine while the database is away.", no_args_is_help=True)
console = Console()
WIDE: Final = 240


class Reason(StrEnum):
    """Why somebody looks at what a patient said."""

    REACH_PATIENT = "reach_patient"
    REPAIR = "repair"
    TEST = "test"


_ReasonGiven = Annotated[
    Reason, typer.Option(prompt="Why do you look (reach_patient, repair, test)", help="It is written down.")
]


@spool.command("list")
def list_entries() -> None:
    """What is kept, oldest first: whose by id, and not what they said."""
    with _store() as store:
        entries = store.entries()
    table = Table("entry", "patient", "kind", "kept at (UTC)", "on the floor", "paged", "tries", "parked")
    for entry in entries:
        table.add_row(
            entry.id, entry.patient_id, entry.kind, _moment(entry.kept_at), "yes" if entry.urgent else "",
            _moment(entry.paged_at), str(entry.attempts), entry.parked or "",
        )  # fmt: skip
    # A pipe has no width: whoever reads it shall get whole ids.
    wide = console if console.is_terminal else Console(width=WIDE)
    wide.print(table if entries else "Nothing is kept: everything is in the database.")


@spool.command()
def show(entry_id: str, reason: _ReasonGiven) -> None:
    """What somebody said, after writing down that it was shown, to whom and why."""
    with _store() as store:
        found = store.entries(entry_id)
        if not found:
            _leave("There is no such entry: it is in the database by now, or on another machine.")
        log.warning("spool_entry_shown", entry_id=entry_id, reason=reason.value)
        store.was_shown(entry_id, clock.now().timestamp(), reason.value, getpass.getuser())
    for name, value in _told(found[0]):
        console.print(f"{name:16} {value}", markup=False, highlight=False)


@spool.command()
def retry(
    entry_id: Annotated[
        str | None, typer.Argument(help="One parked entry; all of them when left out.")
    ] = None,
) -> None:
    """Try what was parked again: after the reason has gone away."""
    with _store() as store:
        count = store.unpark(entry_id)
    console.print(f"{count} to be tried again.")


def _told(entry: Entry) -> Iterator[tuple[str, object]]:
    own = settings()
    try:
        said: Said = unsealed(entry, PostOffice.of(own).sealer)
    except Unsealable:
        _leave("This was sealed with another key: set the HANDRAIL_SEALING_KEY of then.")
    except ValidationError:
        _leave("This was kept by another version of Handrail.")
    yield "organization", entry.organization_id
    yield "patient", entry.patient_id
    yield "kept at (UTC)", _moment(entry.kept_at)
    yield "said by", f"{said.actor.kind} {said.actor.id}"
    yield "kind", said.kind
    yield from _flat(said.raw)


def _flat(raw: Any) -> Iterator[tuple[str, object]]:
    """Member by member, and nothing that a terminal would take for an order."""
    for name, value in raw.items() if isinstance(raw, dict) else ():
        yield _printable(name), _printable(value)


def _printable(value: object) -> str:
    return "".join(each if each.isprintable() else " " for each in str(value))


@contextmanager
def _store() -> Iterator[Store]:
    own = settings()
    store = Store(own.spool_folder, own.spool_megabytes)
    try:
        yield store
    except SpoolError as failure:
        _leave(f"The spool in {own.spool_folder} cannot be used ({type(failure).__name__}).")
    finally:
        store.close()


def _leave(sentence: str) -> NoReturn:
    console.print(sentence, markup=False, highlight=False)
    raise typer.Exit(1)


def _moment(at: float | None) -> str:
    return "" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"
