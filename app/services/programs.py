"""Add a program, under the default rules; change one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, Unacceptable
from app.instruments import catalogue
from app.ladders.cadence import WEEKLY, InstrumentCadence
from app.ladders.calendar import HolidayRegion, ProgramCalendar
from app.models import Program, RuleSetVersion
from app.public_holidays import is_known
from app.queries import audit, idempotency, no_shows, organizations, rule_sets
from app.queries import programs as stored
from app.rules.conditions import signals_of
from app.rules.default_pack import DEFAULT_PACK
from app.rules.lookback import lookback
from app.rules.rule import Rule, RuleSet
from app.rules.signals import kind_of
from app.sentences import unfit_overrides
from app.services import questions
from app.treatment.policy import USUAL, AttendancePolicy, policy_of

DEFAULT_REASON = "The default pack."
COUNTING = frozenset({"calendar", "week_starts_on"})
"""What decides how silence is counted."""
_INSTRUMENTS = frozenset(each.code for each in catalogue.current())


@dataclass(frozen=True, slots=True)
class Draft:
    """A new program. Hours are a week's. Without a calendar it has the usual one, with the public holidays of
    the organization's country."""

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
    calendar: ProgramCalendar | None = None
    cadence: Sequence[InstrumentCadence] = WEEKLY
    attendance_policy: AttendancePolicy = USUAL
    on_call_schedule_id: UUID | None = None


async def add(db: Db, actor: Actor | None, draft: Draft, now: datetime) -> Program:
    """Add a program with the default pack as version 1 of its rules. `actor` None is the system.

    Raises `Unacceptable` for hours, questions, sentences, a calendar or a cadence that do not fit and for an
    on-call schedule that there is not, `Conflict` for an id in use.
    """
    rules = DEFAULT_PACK
    calendar = draft.calendar or await _usual_calendar(db)
    assert db.organization_id is not None
    program = Program(
        organization_id=db.organization_id, id=draft.id, name=draft.name, level_of_care=draft.level_of_care,
        population=draft.population, minimum_weekly_hours=draft.minimum_weekly_hours,
        maximum_weekly_hours=draft.maximum_weekly_hours, time_zone=draft.time_zone,
        week_starts_on=draft.week_starts_on, questions=list(draft.questions), sentences=dict(draft.sentences),
        calendar=calendar.model_dump(mode="json"), cadence=[each.model_dump() for each in draft.cadence],
        attendance_policy=draft.attendance_policy.model_dump(mode="json"),
        on_call_schedule_id=draft.on_call_schedule_id, rule_set_version=1, created_at=now, **reach(rules),
    )  # fmt: skip
    await _require_fit(db, program)
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
    """Set these columns of a program. Raises as `add`, and `PreconditionFailed` for another version.

    Another calendar or another week lets silence count otherwise: every running stay is looked at anew. In
    sessions to come people are missing when another policy on attendance says so.
    """
    program = await stored.to_change(db, actor, program_id, version)
    before = policy_of(program.attendance_policy)
    for column, value in changes.items():
        setattr(program, column, value)
    await _require_fit(db, program)
    await db.flush()
    if changes.keys() & COUNTING:
        await rule_sets.look_again(db, program_id, now)
    if "attendance_policy" in changes:
        after = policy_of(program.attendance_policy).no_show_after_minutes
        await no_shows.reckon_anew(db, program_id, before.no_show_after_minutes, after, now)
    audit.record(db, actor, now, Permission.PROGRAM_MANAGE, of="program", id=program_id)
    return program


async def _usual_calendar(db: Db) -> ProgramCalendar:
    country = (await organizations.current(db)).country
    return ProgramCalendar(holidays=HolidayRegion(country=country) if is_known(country) else None)


async def _require_fit(db: Db, program: Program) -> None:
    faults = [*questions.faults_of(program.questions), *_faults_of_asking(program)]
    schedule_id = program.on_call_schedule_id
    if schedule_id is not None and not await stored.has_schedule(db, schedule_id):
        faults.append(Fault("/on_call_schedule_id", "unknown_schedule", "There is no such on-call schedule."))
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


def _faults_of_asking(program: Program) -> Iterator[Fault]:
    """What is wrong with the calendar and the cadence, beyond their schemas."""
    region = program.calendar.get("holidays")
    if region and not is_known(region["country"], region["subdivision"]):
        yield Fault(
            "/calendar/holidays/country", "unknown_place", "No public holidays are known of this place."
        )
    seen: set[str] = set()
    for place, each in enumerate(program.cadence):
        code, pointer = each["instrument"], f"/cadence/{place}/instrument"
        if code in seen:
            yield Fault(pointer, "twice", "This instrument is named twice.")
        if code not in _INSTRUMENTS:
            yield Fault(pointer, "unknown_instrument", "There is no such instrument.")
        seen.add(code)


def reach(rules: RuleSet) -> dict[str, Any]:
    """How much history these rules read: the columns of a program that travel with its rule set's version."""
    needed = lookback(rules)
    return {
        "lookback_days": needed.days,
        "lookback_latest": max(needed.latest.values(), default=1),
        "mixes_sources": any(map(_mixes, rules.rules)),
    }


def _mixes(rule: Rule) -> bool:
    """Whether it reads check-ins together with something else, so that a check-in must load everything."""
    kinds = {kind_of(signal) for signal in signals_of(rule.condition)}
    return "check_in" in kinds and len(kinds) > 1
