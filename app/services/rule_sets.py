"""Publish a new version of a program's rules."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Fault, NotFound, Unacceptable
from app.models import Program, RuleSetVersion
from app.queries import audit, programs, staff
from app.queries import rule_sets as stored
from app.rules.diff import changes
from app.rules.fit import misfits
from app.rules.floor import FLOOR
from app.rules.rule import MOST_RULES, Rule, RuleSet, is_rule_error
from app.rules.unfit import SENTENCES
from app.rules.vocabulary import Vocabulary, vocabulary
from app.services.programs import reach

_FLOOR = {rule.code: rule for rule in FLOOR}


@dataclass(frozen=True, slots=True)
class Edition:
    """What is to be published: rules that were made from `base_version`, and why."""

    base_version: int
    reason: str
    rules: Sequence[Rule]


async def program_of(db: Db, actor: Actor, program_id: UUID | None) -> Program:
    """The program that a body means, which may leave it out for who works in exactly one.

    Raises `Unacceptable` at `/program_id`.
    """
    if program_id is None:
        return await stored.only_program(db, actor)
    try:
        return await programs.find(db, actor, program_id)
    except NotFound:
        raise Unacceptable.at("/program_id", "unknown_program", "There is no such program.") from None


async def draft(db: Db, actor: Actor, program: Program, rules: Sequence[Rule]) -> RuleSet:
    """These rules as the next version of a program in which the actor works.

    The safety floor's rules are in force whatever is sent: unchanged, they may be among these, and are left
    out. Raises `Unacceptable` with every fault, at `/program_id` and `/rules/…`.
    """
    if not await staff.works_in(db, actor.id, program.id):
        raise Unacceptable.at("/program_id", "not_your_program", "You do not work in this program.")
    own = [rule for rule in rules if rule.code not in _FLOOR]
    faults = list(_faults(rules, vocabulary(program.questions)))
    if len(own) > MOST_RULES:
        faults.append(Fault("/rules", "too_long", f"At most {MOST_RULES} rules beside the floor's."))
    if faults:
        raise Unacceptable(faults)
    return RuleSet(version=program.rule_set_version + 1, rules=tuple(own))


async def publish(db: Db, actor: Actor, program_id: UUID, edition: Edition, now: datetime) -> None:
    """Make these the program's rules from now on. Every running stay is looked at anew for absence.

    Raises `Unacceptable` as `draft`, and `Conflict` when somebody published after the version that these
    rules were made from.
    """
    program = await stored.to_publish(db, actor, program_id)
    _require_newest(program, edition.base_version)
    rule_set = await draft(db, actor, program, edition.rules)
    await db.add(
        RuleSetVersion(
            organization_id=db.organization_id, program_id=program.id, version=rule_set.version,
            rules=[rule.model_dump(mode="json") for rule in rule_set.rules], author_id=actor.id,
            reason=edition.reason, published_at=now,
        )
    )  # fmt: skip
    program.rule_set_version = rule_set.version
    for column, value in reach(rule_set).items():
        setattr(program, column, value)
    await db.flush()
    await stored.look_again(db, program.id, now)
    audit.record(db, actor, now, Permission.RULE_SET_PUBLISH, of="rule_set", id=program.id)


def _require_newest(program: Program, base_version: int) -> None:
    current = program.rule_set_version
    if base_version > current:
        raise Unacceptable.at("/base_version", "unknown_version", "There is no such version.")
    if base_version < current:
        raise Conflict(
            "newer_rule_set", "Somebody published meanwhile; look at what changed.",
            {"current_version": current},
        )  # fmt: skip


def _faults(rules: Sequence[Rule], known: Vocabulary) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, rule in enumerate(rules):
        pointer = f"/rules/{place}"
        if rule.code in seen:
            yield _fault(f"{pointer}/code", "twice")
        seen.add(rule.code)
        if rule.code in _FLOOR:
            yield from (
                _fault(f"{pointer}{each.pointer}", "floor_rule") for each in changes(_FLOOR[rule.code], rule)
            )
        else:
            yield from _faults_of_own(rule, known, pointer)


def _faults_of_own(rule: Rule, known: Vocabulary, pointer: str) -> Iterator[Fault]:
    if is_rule_error(rule.code):
        yield _fault(f"{pointer}/code", "reserved_code")
    if rule.floor:
        yield _fault(f"{pointer}/floor", "no_floor_rule")
    for each in misfits(rule.condition, known):
        yield Fault(f"{pointer}{each.pointer}", each.code, each.sentence)


def _fault(pointer: str, code: str) -> Fault:
    return Fault(pointer, code, SENTENCES[code])
