"""The escalation policies of a program: its own, and Handrail's where it has none."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, visible
from app.database import Db
from app.errors import PreconditionFailed
from app.ladders.ladder import Ladder
from app.models import EscalationPolicy
from app.queries import programs
from app.queries.ladders import readable
from app.rules.rule import Severity


class InForce(NamedTuple):
    """The ladder that alerts of one severity get when they open. Version 0: the program has written none."""

    severity: Severity
    ladder: Ladder
    changed_at: datetime | None
    changed_by: UUID | None
    row_version: int


async def of_program(db: Db, actor: Actor, program_id: UUID) -> Sequence[InForce]:
    """One for each severity, the most pressing first. Raises `NotFound` for a program that is not visible."""
    await programs.find(db, actor, program_id)
    statement = select(EscalationPolicy).where(
        visible(EscalationPolicy, actor), EscalationPolicy.program_id == program_id
    )
    own = {policy.severity: policy for policy in await db.scalars(statement)}
    return [_in_force(severity, own.get(severity)) for severity in Severity]


async def one(db: Db, actor: Actor, program_id: UUID, severity: Severity) -> InForce:
    """That of one severity. Raises `NotFound` for a program that is not visible."""
    (found,) = (each for each in await of_program(db, actor, program_id) if each.severity is severity)
    return found


def _in_force(severity: Severity, policy: EscalationPolicy | None) -> InForce:
    if policy is None:
        return InForce(severity, readable(severity, None), None, None, 0)
    ladder = readable(severity, policy.ladder)
    return InForce(severity, ladder, policy.changed_at, policy.changed_by, policy.row_version)


async def write(
    db: Db, actor: Actor, program_id: UUID, severity: Severity, ladder: Ladder, *, version: int, now: datetime
) -> None:
    """Make this the program's ladder. Raises `PreconditionFailed` when another version than 0, which is none,
    or than the one named is in force."""
    values = {"ladder": ladder.model_dump(mode="json"), "changed_at": now, "changed_by": actor.id}
    if version == 0:
        await _insert(db, program_id, severity, values)
        return
    statement = (
        select(EscalationPolicy)
        .where(
            visible(EscalationPolicy, actor),
            EscalationPolicy.program_id == program_id,
            EscalationPolicy.severity == severity.value,
            EscalationPolicy.row_version == version,
        )
        .with_for_update()
    )
    policy: EscalationPolicy | None = await db.scalar(statement)
    if policy is None:
        raise PreconditionFailed
    for column, value in values.items():
        setattr(policy, column, value)
    await db.flush()


async def _insert(db: Db, program_id: UUID, severity: Severity, values: dict[str, object]) -> None:
    """Two may write the first one at the same time: the second finds it there."""
    statement = (
        insert(EscalationPolicy)
        .values(
            organization_id=db.organization_id, program_id=program_id, severity=severity.value, row_version=1,
            **values,
        )
        .on_conflict_do_nothing()
        .returning(EscalationPolicy.row_version)
    )  # fmt: skip
    if await db.scalar(statement) is None:
        raise PreconditionFailed
