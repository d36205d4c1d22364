"""Add a program, under the default rules; change one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, Unacceptable
from app.models import Program, RuleSetVersion
from app.queries import audit, idempotency
from app.queries import programs as stored
from app.rules.conditions import signals_of
from app.rules.default_pack import DEFAULT_PACK
from app.rules.lookback import lookback
from app.rules.rule import RuleSet
from app.sentences import unfit_overrides
from app.services import questions

DEFAULT_REASON = "The default pack."


@dataclass(frozen=True, slots=True)
class Draft:
    """A new program. Hours are a week's."""

    id: UUID
    name: str
    level_of_care: str
    population: str
    minimum_weekly_hours: Decimal | float
    maximum_weekly_hours: Decimal | float
    time_zone: str
    week_starts_on: int
    questions: Sequence[Mapping[str, Any]]
    sentences: Mapping[str, Mapping[str, str]]


async def add(db: Db, actor: Actor | None, draft: Draft, now: datetime) -> Program:
    """Add a program with the default pack as version 1 of its rules. `actor` None is the system.

    Raises `Unacceptable` for hours, questions or sentences that do not fit, `Conflict` for an id in use.
    """
    rules = DEFAULT_PACK
    assert db.organization_id is not None
    program = Program(
        organization_id=db.organization_id, id=draft.id, name=draft.name, level_of_care=draft.level_of_care,
        population=draft.population, minimum_weekly_hours=draft.minimum_weekly_hours,
        maximum_weekly_hours=draft.maximum_weekly_hours, time_zone=draft.time_zone,
        week_starts_on=draft.week_starts_on, questions=list(draft.questions), sentences=dict(draft.sentences),
        rule_set_version=1, created_at=now, **reach(rules),
    )  # fmt: skip
    _require_fit(program)
    await idempotency.add_new(db, program)
    await db.add(
        RuleSetVersion(
            organization_id=db.organization_id, program_id=draft.id, version=1, author_id=None,
            rules=[rule.model_dump(mode="json") for rule in rules.rules], reason=DEFAULT_REASON,
            published_at=now,
        )
    )  # fmt: skip
    if actor is not None:
        audit.record(db, actor, now, Permission.PROGRAM_MANAGE, of="program", id=draft.id)
    return program


async def change(
    db: Db, actor: Actor, program_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> Program:
    """Set these columns of a program. Raises as `add`, and `PreconditionFailed` for another version."""
    program = await stored.to_change(db, actor, program_id, version)
    for column, value in changes.items():
        setattr(program, column, value)
    _require_fit(program)
    await db.flush()
    audit.record(db, actor, now, Permission.PROGRAM_MANAGE, of="program", id=program_id)
    return program


def _require_fit(program: Program) -> None:
    faults = questions.faults_of(program.questions)
    if program.minimum_weekly_hours > program.maximum_weekly_hours:
        faults.append(Fault("/minimum_weekly_hours", "too_large", "At most the maximum."))
    if any(unfit_overrides(words) for words in program.sentences.values()):
        faults.append(
            Fault(
                "/sentences",
                "unfit_sentence",
                "One has no place here, is empty, or has other placeholders than the one it replaces.",
            )
        )
    if faults:
        raise Unacceptable(faults)


def reach(rules: RuleSet) -> dict[str, Any]:
    """How much history these rules read: the columns of a program that travel with its rule set's version."""
    needed = lookback(rules)
    return {
        "lookback_days": needed.days,
        "lookback_latest": max(needed.latest.values(), default=1),
        "mixes_sources": any(len({_is_scored(s) for s in signals_of(r.condition)}) > 1 for r in rules.rules),
    }


def _is_scored(signal: str) -> bool:
    """Whether a signal comes from assessments: `phq9.total`, but not `craving` or `used.opioids`."""
    return "." in signal and not signal.startswith("used.")
