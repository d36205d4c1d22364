"""`handrail backtest`: what a draft of a program's rules would have told the care team."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn
from uuid import UUID

import typer
from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.access import Actor, Role
from app.database import engine_for, unit_of_work
from app.errors import Fault, HandrailError, NotFound, Unacceptable
from app.main import database_url
from app.models import Program
from app.queries import programs, rule_sets, tenants
from app.rules.backtest import ASSUMPTION, rules_of
from app.rules.fit import misfits
from app.rules.floor import FLOOR_CODES
from app.rules.replay import Compared
from app.rules.replay_tally import Tally, spread
from app.rules.rule import Rule, RuleSet
from app.rules.vocabulary import vocabulary
from app.services import backtests
from app.services.backtests import Plan
from app.settings import settings

console = Console()
_FIGURES = ("alerts", "live_alerts", "also_live", "only_draft", "only_live", "earlier")
_ONE_DAY = ["%Y-%m-%d"]


class _RulesFile(BaseModel):
    """What is read of a file; `GET /v1/rule-sets/current` gives such a one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    rules: list[Rule]


def backtest(
    program: Annotated[UUID, typer.Option(help="The program's id.")],
    first: Annotated[datetime, typer.Option("--from", formats=_ONE_DAY, help="The first day.")],
    last: Annotated[datetime, typer.Option("--to", formats=_ONE_DAY, help="The last day, included.")],
    rules: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help='A draft: {"rules": […]}. If none: those in force.'),
    ] = None,
) -> None:
    """Replay a program's stored answers under a draft of its rules, beside the rules in force."""
    draft = None if rules is None else _read(rules)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bar:
        show = partial(_advance, bar, bar.add_task("Patients", total=None))
        try:
            plan, tally = asyncio.run(_replay(program, draft, (first, last), show))
        except HandrailError as refusal:
            _refuse([refusal.message, *(f"{each.pointer}: {each.message}" for each in refusal.faults)])
    _print(Compared(plan.live, plan.draft), tally)


def _advance(bar: Progress, task: int, done: int, of: int) -> None:
    bar.update(task, completed=done, total=of)  # type: ignore[arg-type]  # rich has a name of its own for ints


def _read(file: Path) -> Sequence[Rule]:
    try:
        return _RulesFile.model_validate_json(file.read_bytes()).rules
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        _refuse([f"/{'/'.join(map(str, each['loc']))}: {each['msg']}" for each in found])


def _refuse(sentences: Sequence[str]) -> NoReturn:
    console.print(*sentences, sep="\n", markup=False, highlight=False)
    raise typer.Exit(1)


async def _replay(
    program_id: UUID, rules: Sequence[Rule] | None, days: tuple[datetime, datetime], show: backtests.Progress
) -> tuple[Plan, Tally]:
    engine, now = engine_for(database_url(settings())), clock.now()
    try:
        actor = await _operator(engine, program_id)
        async with unit_of_work(engine, actor.organization_id) as db:
            program = await programs.find(db, actor, program_id)
            live = await rule_sets.in_version(db, program.id, program.rule_set_version)
            plan = await backtests.plan(
                db, program, live if rules is None else _draft(program, rules), base_version=None,
                first_day=days[0].date(), last_day=days[1].date(), now=now,
            )  # fmt: skip
        tally = await backtests.run(engine, actor, plan, replay=_here, now=now, progress=show)
        return plan, tally
    finally:
        await engine.dispose()


async def _here(plan: Plan, texts: Sequence[str]) -> Tally:
    return backtests.replayed(plan, texts)


async def _operator(engine: AsyncEngine, program_id: UUID) -> Actor:
    """Who sits at the server, in the organization that has the program. Raises `NotFound`."""
    async with unit_of_work(engine, None) as db:
        organizations = await tenants.every(db)
    for each in organizations:
        operator = Actor(each, "operator", each, Role.ADMINISTRATOR, each)
        async with unit_of_work(engine, each) as db:
            try:
                await programs.find(db, operator, program_id)
            except NotFound:
                continue
            return operator
    raise NotFound("no_such_program", "There is no such program.")


def _draft(program: Program, rules: Sequence[Rule]) -> RuleSet:
    """The rules beside the floor's. Raises `Unacceptable` for what could never be found."""
    known = vocabulary(program.questions)
    own = [(place, rule) for place, rule in enumerate(rules) if rule.code not in FLOOR_CODES]
    faults = [
        Fault(f"/rules/{place}{each.pointer}", each.code, each.sentence)
        for place, rule in own
        for each in misfits(rule.condition, known)
    ]
    if len({rule.code for _, rule in own}) < len(own):
        faults.append(Fault("/rules", "twice", "Two rules have the same code."))
    if faults:
        raise Unacceptable(faults)
    return RuleSet(version=program.rule_set_version + 1, rules=tuple(rule for _, rule in own))


def _print(rules: Compared, tally: Tally) -> None:
    titles = rules_of(rules, tally)
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    for column in (
        "rule",
        "draft",
        "in force",
        "in both",
        "only draft",
        "only in force",
        "earlier",
        "by hours",
    ):
        table.add_column(column, justify="left" if column == "rule" else "right", no_wrap=True)
    for code in titles:
        count = tally.by_rule[code]
        hours = count.median_hours_earlier
        figures = (str(getattr(count, each)) for each in _FIGURES)
        table.add_row(code, *figures, "" if hours is None else f"{hours:g}")
    console.print(table)
    console.print(_in_words(tally), highlight=False)
    for each in spread(tally, list(titles)):
        day = "" if each.stay_day is None else f", day {each.stay_day}"
        console.print(f"  {each.rule} ({each.kind}{day}): {each.comparison}", markup=False, highlight=False)
    console.print(ASSUMPTION, style="dim")


def _in_words(tally: Tally) -> str:
    counted = (
        f"{tally.check_ins} check-ins and {tally.assessments} assessments of {tally.patients} patients, in "
        f"{tally.patient_weeks:.0f} patient-weeks."
    )
    if not tally.check_ins:
        return counted
    draft, live = (100 * alerts / tally.check_ins for alerts in (tally.alerts, tally.live_alerts))
    return f"{counted} Per 100 check-ins: {draft:.1f} alerts of the draft, {live:.1f} of the rules in force."
