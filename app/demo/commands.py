"""What the command line does for the demonstration."""

import asyncio
from random import Random
from typing import Annotated

import httpx
import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from app.database import engine_for
from app.demo import day as one_day
from app.demo import desk, reach, seed, sign_ins
from app.demo import pagers as demo_pagers
from app.demo.day import WAKING_HOURS, Score
from app.demo.sign_ins import SignIns
from app.main import database_url
from app.observability import configure_logging
from app.settings import Settings, settings

SHOWN_PATIENTS = 3
SHOWN_ROWS = 18
_STYLES = {"critical": "bold white on red", "urgent": "bold red", "high": "yellow", "routine": "cyan"}

demo = typer.Typer(help="The demonstration: invented people, real answers.", no_args_is_help=True)
console = Console()


def prepare(own: Settings, url: str) -> None:
    """Seed the demonstration unless it is there, and say how to sign in. Ends the program when it may not."""
    try:
        with console.status("Preparing the demonstration…"):
            seed.once(own, url)
    except seed.NotForADemonstration:
        console.print(
            "This database holds organizations that are not of the demonstration: it was left alone."
        )
        raise typer.Exit(1) from None
    known = sign_ins.read(sign_ins.path(own))
    assert known is not None
    console.print(sign_in_table(known))
    console.print(f"Everybody else:  {sign_ins.path(own)}", highlight=False)
    console.print(f"The board:       {known.base_url}/board/", highlight=False)
    console.print(f"Who is paged:    {reach.url(known.base_url)}/", highlight=False)


def sign_in_table(known: SignIns) -> Table:
    """The staff, who stands by somebody, and a few patients of each organization."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("name", "role", "user name", "password"):
        table.add_column(column, no_wrap=True)
    for organization in dict.fromkeys(person.organization for person in known.people):
        people = [person for person in known.people if person.organization == organization]
        patients = [person for person in people if person.role == "patient"]
        others = [person for person in people if person not in patients]
        table.add_row(f"[bold green]{organization}")
        for person in others + patients[:SHOWN_PATIENTS]:
            table.add_row(person.name, person.role, person.username, person.password)
    return table


@demo.command()
def day(
    patients: Annotated[int, typer.Option(min=1, max=24, help="How many patients take part.")] = 12,
    speed: Annotated[
        float,
        typer.Option(min=120, max=100_000, help="How many times as fast as life; the day has 14 hours."),
    ] = 1680,
    base_url: Annotated[
        str | None, typer.Option(help="Where the API is, when not where demo.json says.")
    ] = None,
) -> None:
    """Play one day on a running demonstration: what patients tell, and what a counselor sees."""
    known = sign_ins.read(sign_ins.path(settings()))
    if known is None:
        console.print(f"There is no {sign_ins.path(settings())} here; start `handrail run --demo` first.")
        raise typer.Exit(1)
    console.print(
        f"A day of {patients} patients in {WAKING_HOURS * 3600 / speed:.0f} seconds.", highlight=False
    )
    try:
        with Live(day_table(Score()), console=console, refresh_per_second=8) as live:
            score = asyncio.run(
                one_day.play(
                    known, base_url or known.base_url, patients=patients, speed=speed, chance=Random(),  # noqa: S311 - an invented day, no secret
                    show=lambda score: live.update(day_table(score)),
                )
            )  # fmt: skip
    except httpx.HTTPError as refusal:
        console.print(
            f"The demonstration does not answer as it should ({type(refusal).__name__}). Is it running?"
        )
        raise typer.Exit(1) from None
    console.print("", score.summary(), sep="\n", highlight=False)


def day_table(score: Score) -> Group:
    """The newest alerts of the day so far."""
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in ("time", "patient", "severity", "what"):
        table.add_column(column, no_wrap=column != "what")
    for row in score.rows[-SHOWN_ROWS:]:
        severity = Text(row.severity, style=_STYLES[row.severity])
        table.add_row(f"{row.at.astimezone():%H:%M:%S}", Text(row.patient), severity, Text(row.sentence))
    return Group(table, Text(f"{score.check_ins} check-ins, {score.assessments} assessments", style="dim"))


@demo.command()
def pagers() -> None:
    """Serve the pagers of the demonstration's staff, and let patients come to sessions: in `run --demo`."""
    own = settings()
    configure_logging(own.log_threshold)
    demo_pagers.serve(own, console, desk.keep(engine_for(database_url(own), pool_size=1)))
