"""Programs of the actor's organization, who works in them, and their rules in force."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Program, ProgramStaff, RuleSetVersion, StaffMember


class RuleSetInForce(NamedTuple):
    """The newest version of a program's rules, and the name of its author; None is Handrail itself."""

    rule_set: RuleSetVersion
    author: str | None


async def find(db: Db, actor: Actor, program_id: UUID) -> Program:
    """One program. Raises `NotFound` when it is not visible."""
    program: Program | None = await db.scalar(_one(actor, program_id))
    if program is None:
        raise NotFound
    return program


async def to_change(db: Db, actor: Actor, program_id: UUID, version: int) -> Program:
    """One program in this version, locked until the commit. Raises `NotFound`, `PreconditionFailed`."""
    program: Program | None = await db.scalar(_one(actor, program_id).with_for_update())
    if program is None:
        raise NotFound
    if program.row_version != version:
        raise PreconditionFailed
    return program


async def listed(db: Db, actor: Actor, *, limit: int, after: UUID | None) -> Sequence[Program]:
    """The organization's programs, oldest first, from behind `after`."""
    statement = select(Program).where(visible(Program, actor)).order_by(Program.id).limit(limit)
    if after is not None:
        statement = statement.where(Program.id > after)
    return (await db.scalars(statement)).all()


async def worked_in(db: Db, actor: Actor) -> Sequence[Program]:
    """The programs that this staff member works in, oldest first."""
    statement = (
        select(Program)
        .join(
            ProgramStaff,
            and_(
                ProgramStaff.organization_id == Program.organization_id, ProgramStaff.program_id == Program.id
            ),
        )
        .where(visible(Program, actor), ProgramStaff.staff_member_id == actor.id)
        .order_by(Program.id)
    )
    return (await db.scalars(statement)).all()


async def rule_set_in_force(db: Db, actor: Actor, program_id: UUID) -> RuleSetInForce:
    """The version of its rules that a program uses. Raises `NotFound` when the program is not visible."""
    statement = (
        select(RuleSetVersion, StaffMember.name)
        .join(
            Program,
            and_(
                Program.organization_id == RuleSetVersion.organization_id,
                Program.id == RuleSetVersion.program_id,
                Program.rule_set_version == RuleSetVersion.version,
            ),
        )
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.organization_id == RuleSetVersion.organization_id,
                StaffMember.id == RuleSetVersion.author_id,
            ),
        )
        .where(visible(Program, actor), Program.id == program_id)
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        raise NotFound
    return RuleSetInForce._make(row)


def _one(actor: Actor, program_id: UUID) -> Select[Program]:
    return select(Program).where(visible(Program, actor), Program.id == program_id)
