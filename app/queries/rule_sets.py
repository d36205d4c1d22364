"""Rule sets: published versions never change, so that a process reads each only once."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, and_, select, update

from app.access import RUNNING, Actor, visible
from app.database import Db
from app.errors import NotFound, Unacceptable
from app.models import Enrollment, Program, RuleSetVersion, StaffMember
from app.queries import programs
from app.rules.default_pack import DEFAULT_PACK
from app.rules.rule import Grade, Rule, RuleEvidence, RuleSet, Severity

_REMEMBERED = 500
_known: OrderedDict[tuple[UUID, UUID, int], RuleSet] = OrderedDict()


class Published(NamedTuple):
    """One version, and the name of its author; None is Handrail itself."""

    rule_set: RuleSetVersion
    author: str | None


async def only_program(db: Db, actor: Actor) -> Program:
    """The program that the actor works in. Raises `Unacceptable` when that is not exactly one."""
    own = await programs.worked_in(db, actor)
    if len(own) != 1:
        raise Unacceptable.at("/program_id", "missing", "Say which program.")
    return own[0]


async def to_publish(db: Db, actor: Actor, program_id: UUID) -> Program:
    """A program as it stands, held until the commit. Raises `NotFound` when it is not visible.

    Nobody else publishes or changes it meanwhile. An answer may still refer to it: a check-in that opens an
    alert does not wait.
    """
    program: Program | None = await db.scalar(
        select(Program)
        .where(visible(Program, actor), Program.id == program_id)
        .with_for_update(key_share=True)
        # It may have been read before it was held.
        .execution_options(populate_existing=True)
    )
    if program is None:
        raise NotFound
    return program


async def look_again(db: Db, program_id: UUID, now: datetime) -> None:
    """Have every running stay of a program looked at for absence: its rules are others now."""
    await db.execute(
        update(Enrollment)
        .where(
            Enrollment.organization_id == db.organization_id,
            Enrollment.program_id == program_id,
            Enrollment.status.in_(RUNNING),
        )
        .values(absence_due_at=now)
        .execution_options(synchronize_session=False)
    )


async def listed(
    db: Db, actor: Actor, program_id: UUID, *, limit: int, before: int | None
) -> Sequence[Published]:
    """The versions of a program's rules, newest first, from below `before`."""
    statement = _published(actor, program_id).order_by(RuleSetVersion.version.desc()).limit(limit)
    if before is not None:
        statement = statement.where(RuleSetVersion.version < before)
    return [Published._make(row) for row in await db.execute(statement)]


async def find(db: Db, actor: Actor, program_id: UUID, version: int) -> Published:
    """One version of a program's rules. Raises `NotFound`."""
    statement = _published(actor, program_id).where(RuleSetVersion.version == version)
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return Published._make(row)


def _published(actor: Actor, program_id: UUID) -> Select[RuleSetVersion, str]:
    author = and_(
        StaffMember.organization_id == RuleSetVersion.organization_id,
        StaffMember.id == RuleSetVersion.author_id,
    )
    return (
        select(RuleSetVersion, StaffMember.name)
        .outerjoin(StaffMember, author)
        .where(visible(RuleSetVersion, actor), RuleSetVersion.program_id == program_id)
    )


async def in_version(db: Db, program_id: UUID | None, version: int | None) -> RuleSet:
    """One version of a program's rules. Without a program the default pack holds."""
    if program_id is None or version is None:
        return DEFAULT_PACK
    assert db.organization_id is not None
    key = (db.organization_id, program_id, version)
    if key not in _known:
        stored: RuleSetVersion = (await db.scalars(_select(*key))).one()
        _known[key] = RuleSet.model_construct(
            version=version, rules=tuple(_read(rule) for rule in stored.rules)
        )
        if len(_known) > _REMEMBERED:
            _known.popitem(last=False)
    return _known[key]


def _read(stored: dict[str, Any]) -> Rule:
    """A stored rule; one that this release cannot read is kept as it stands.

    Evaluating that one raises, which is a finding of its own: a bad rule must cost neither the answer that
    meets it nor the other rules.
    """
    try:
        return Rule.model_validate(stored)
    except ValidationError:
        return Rule.model_construct(
            code=str(stored.get("code", "unreadable")),
            title=str(stored.get("title", "")),
            severity=Severity.HIGH,
            condition=stored.get("condition", {}),
            evidence=RuleEvidence(grade=Grade.DESIGN, citation=""),
        )


def _select(organization_id: UUID, program_id: UUID, version: int) -> Select[RuleSetVersion]:
    return select(RuleSetVersion).where(
        RuleSetVersion.organization_id == organization_id,
        RuleSetVersion.program_id == program_id,
        RuleSetVersion.version == version,
    )
