"""Replay a program's history under a draft of its rules: read in slices, replay elsewhere, count."""

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from app.access import Actor, Permission
from app.database import Db, unit_of_work
from app.errors import Conflict, Unacceptable
from app.ladders.calendar import WorkCalendar
from app.ladders.due import due_at
from app.models import Program
from app.public_holidays import public_holidays
from app.queries import audit, rule_sets
from app.queries import backtests as stored
from app.queries.backtests import Scope, Told
from app.queries.programs import calendar_of
from app.rules.backtest import Span, backtest
from app.rules.floor import FLOOR_SIGNALS
from app.rules.replay import Compared
from app.rules.replay_tally import Tally
from app.rules.rule import Rule, RuleSet

MOST_DAYS: Final = 400
MOST_ANSWERS: Final = 200_000
SLICE: Final = 4_000
"""How many answers are read, and replayed, at a time: well under a second of both."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A draft, the rules in force that it is compared with, and over what."""

    scope: Scope
    live: RuleSet
    draft: RuleSet


Replay = Callable[[Plan, Sequence[str]], Awaitable[Tally]]
Progress = Callable[[int, int], None]


async def plan(
    db: Db, program: Program, draft: RuleSet, *, base_version: int | None, first_day: date, last_day: date,
    now: datetime,
) -> Plan:  # fmt: skip
    """What to replay: the program's days from the first to the last, or to the moment that it is now.

    Raises `Unacceptable` at `/from` or `/to`, and `Conflict` when the draft was made from another version
    than is in force.
    """
    if last_day < first_day:
        raise Unacceptable.at("/to", "too_small", "Not before the first day.")
    if (last_day - first_day).days >= MOST_DAYS:
        raise Unacceptable.at("/from", "too_long", f"At most {MOST_DAYS} days at once.")
    if base_version not in {None, program.rule_set_version}:
        raise Conflict(
            "newer_rule_set", "Another version is in force; look at what changed.",
            {"current_version": program.rule_set_version},
        )  # fmt: skip
    live = await rule_sets.in_version(db, program.id, program.rule_set_version)
    span = _span(ZoneInfo(program.time_zone), first_day, last_day, now)
    scope = Scope(
        program.id, program.time_zone, program.week_starts_on, calendar_of(program), span,
        projects=live.projects or draft.projects,
    )  # fmt: skip
    return Plan(scope, live, draft)


def _span(zone: ZoneInfo, first_day: date, last_day: date, now: datetime) -> Span:
    last_day = min(last_day, now.astimezone(zone).date())
    since = datetime.combine(first_day, time(), zone)
    until = datetime.combine(last_day + timedelta(days=1), time(), zone)
    return Span(first_day, last_day, since.astimezone(now.tzinfo), min(until.astimezone(now.tzinfo), now))


async def run(
    engine: AsyncEngine, actor: Actor, plan: Plan, *, replay: Replay, now: datetime,
    progress: Progress | None = None,
) -> Tally:  # fmt: skip
    """Replay the plan and count. Each slice is read in a unit of work of its own, and given to `replay`.

    Whose history is read is audited first. Raises `Unacceptable` when there is too much.
    """
    async with unit_of_work(engine, actor.organization_id) as db:
        told = await stored.patients(db, actor, plan.scope)
        ids = [each.patient_id for each in told]
        action = Permission.RULE_SET_BACKTEST
        audit.record(db, actor, now, action, of="rule_set", id=plan.scope.program_id, patient_ids=ids)
    if sum(each.answers for each in told) > MOST_ANSWERS:
        raise Unacceptable.at("/from", "too_much", f"At most {MOST_ANSWERS} answers; begin later.")
    total, done = Tally(), 0
    if progress is not None:
        progress(0, len(told))
    for part in _slices(told):
        async with unit_of_work(engine, actor.organization_id) as db:
            texts = await stored.texts(db, plan.scope, part)
        total.add(await replay(plan, texts))
        done += len(part)
        if progress is not None:
            progress(done, len(told))
    return total


def _slices(told: Sequence[Told]) -> Iterator[Sequence[UUID]]:
    part: list[UUID] = []
    answers = 0
    for each in told:
        if part and answers + each.answers > SLICE:
            yield part
            part, answers = [], 0
        part.append(each.patient_id)
        answers += each.answers
    if part:
        yield part


def replayed(plan: Plan, texts: Sequence[str], niceness: int = 0) -> Tally:
    """What comes of some patients' histories. Slow: not for a process that serves requests.

    A process made for this stands back for whatever else runs on the machine, as far as `niceness` says.
    """
    if niceness:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
    scope = plan.scope
    calendar = _calendar(scope)
    wanted = plan.live.signals | plan.draft.signals | FLOOR_SIGNALS

    def due(rule: Rule, opened_at: datetime) -> datetime:
        return due_at(rule.severity, opened_at, calendar, rule.answer_within_minutes)

    cases = (stored.case(text, scope, wanted) for text in texts)
    return backtest(cases, Compared(plan.live, plan.draft), scope.span, due)


def _calendar(scope: Scope) -> WorkCalendar:
    region = scope.calendar.holidays
    days = public_holidays(region.country, region.subdivision) if region else frozenset[date]()
    return WorkCalendar(ZoneInfo(scope.time_zone), scope.calendar, days)
