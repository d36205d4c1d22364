"""The rules of a program: read them, see what changed, publish others."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query

from app.access import Actor, Permission
from app.dependencies import CurrentPage, Db, Now, Page, requires
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import BATCH_BYTES
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.models import Program, RuleSetVersion
from app.queries import programs
from app.queries import rule_sets as stored
from app.queries.rule_sets import Published
from app.rules.diff import difference
from app.rules.floor import FLOOR, FLOOR_CODES
from app.rules.form import filled_by_kind, rule_schema
from app.rules.rule import Rule, RuleSet
from app.rules.vocabulary import vocabulary
from app.schemas.rule_set import (
    RuleForm,
    RuleSetBody,
    RuleSetDiff,
    RuleSetPage,
    RuleSetRead,
    RuleSetSummary,
    SignalRead,
)
from app.services import rule_sets
from app.services.rule_sets import Edition

router = strict_router("/v1/rule-sets", "rules", max_body_size=BATCH_BYTES)

Reader = Annotated[Actor, requires(Permission.RULE_SET_READ)]
Version = Annotated[int, Path(ge=1, le=2**31 - 1)]


async def asked_about(
    actor: Reader,
    db: Db,
    program_id: Annotated[
        UUID | None, Query(description="May be left out by those who work in exactly one program.")
    ] = None,
) -> Program:
    """The program in the query, or the only one that the caller works in."""
    if program_id is None:
        return await stored.only_program(db, actor)
    return await programs.find(db, actor, program_id)


AskedAbout = Annotated[Program, Depends(asked_about)]


@router.get("", operation_id="list_rule_sets")
async def many(page: CurrentPage, actor: Reader, db: Db, program: AskedAbout) -> RuleSetPage:
    """The versions of a program's rules, newest first."""
    found = await stored.listed(db, actor, program.id, limit=page.limit + 1, before=_last_seen(page))
    shown = found[: page.limit]
    more = len(found) > len(shown)
    return RuleSetPage(
        items=[_summary(each, program) for each in shown],
        next_cursor=page.next_cursor(more, *(each.rule_set.version for each in shown[-1:])),
    )


@router.post(
    "",
    status_code=201,
    operation_id="publish_rule_set",
    responses={200: {"model": RuleSetRead, "description": "Published before: the first result."}},
)
async def publish(
    *,
    body: RuleSetBody,
    actor: Annotated[Actor, requires(Permission.RULE_SET_PUBLISH)],
    db: Db,
    now: Now,
    once: OnlyOnce,
) -> RuleSetRead:
    """Make these the rules of a program you work in. 409 when somebody published after `base_version`.

    Alerts that are there keep the version that opened them, and explain themselves by it.
    """
    program = await rule_sets.program_of(db, actor, body.program_id)
    if first := await once.first(body):
        return RuleSetRead.model_validate(first)
    await rule_sets.publish(db, actor, program.id, Edition(body.base_version, body.reason, body.rules), now)
    return once.keep(_read(await stored.find(db, actor, program.id, body.base_version + 1)))


@router.get("/current", operation_id="read_rule_set")
async def current(actor: Reader, db: Db, program: AskedAbout) -> RuleSetRead:
    """The rules that a program uses now, the safety floor's first."""
    return _read(await stored.find(db, actor, program.id, program.rule_set_version))


@router.get("/schema", operation_id="read_rule_set_schema")
async def schema(_actor: Reader, program: AskedAbout) -> RuleForm:
    """What a form for a program's rules is built from."""
    known = vocabulary(program.questions)
    return RuleForm(
        program_id=program.id, rule=rule_schema(known), placeholders=dict(filled_by_kind()),
        signals=[SignalRead.model_validate(each) for each in known.values()],
    )  # fmt: skip


@router.get("/{version}", operation_id="read_rule_set_version")
async def one(version: Version, actor: Reader, db: Db, program: AskedAbout) -> RuleSetRead:
    """One version of a program's rules, the safety floor's first."""
    return _read(await stored.find(db, actor, program.id, version))


@router.get("/{version}/diff", operation_id="compare_rule_sets")
async def diff(
    *,
    version: Version,
    actor: Reader,
    db: Db,
    program: AskedAbout,
    against: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="The version before if not said.")
    ] = None,
) -> RuleSetDiff:
    """What a version has and another has not, part by part and in plain words."""
    against = against or version - 1 or None
    newer = _own_rules((await stored.find(db, actor, program.id, version)).rule_set)
    older = _own_rules((await stored.find(db, actor, program.id, against)).rule_set) if against else []
    return RuleSetDiff.of(version, against, difference(older, newer))


def _last_seen(page: Page) -> int | None:
    if page.after is None:
        return None
    last = "".join(page.after)
    if not (last.isascii() and last.isdecimal() and len(last) < 10):
        raise Unacceptable.at("/cursor", "bad_cursor", "This is not a cursor of this list.")
    return int(last)


def _summary(found: Published, program: Program) -> RuleSetSummary:
    kept = found.rule_set
    return RuleSetSummary(
        version=kept.version, author=found.author, author_id=kept.author_id, reason=kept.reason,
        published_at=kept.published_at, in_force=kept.version == program.rule_set_version,
    )  # fmt: skip


def _read(found: Published) -> RuleSetRead:
    """A rule set as it travels: the floor is part of every one, and switched-off rules are shown as such."""
    kept = found.rule_set
    return RuleSetRead(
        program_id=kept.program_id, version=kept.version, author=found.author, author_id=kept.author_id,
        reason=kept.reason, published_at=kept.published_at, rules=[*FLOOR, *_own_rules(kept)],
    )  # fmt: skip


def _own_rules(kept: RuleSetVersion) -> list[Rule]:
    own = RuleSet.model_validate({"version": kept.version, "rules": kept.rules}).rules
    return [rule for rule in own if rule.code not in FLOOR_CODES]
