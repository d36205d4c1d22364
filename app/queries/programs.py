"""Programs of the actor's organization, and who works in them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import Select, and_, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.ladders.cadence import InstrumentCadence
from app.ladders.calendar import ProgramCalendar
from app.models import OnCallSchedule, Program, ProgramStaff


async def find(db: Db, actor: Actor, program_id: UUID) -> Program:
    """One program. Raises `NotFound` when it is not visible."""
    program: Program | None = await db.scalar(_one(actor, program_id))
    if program is None:
        raise NotFound
    return program


async def to_change(db: Db, actor: Actor, program_id: UUID, version: int) -> Program:
    """One program in this version, locked until the commit. Raises `NotFound`, `PreconditionFailed`.

    An answer may still refer to it: a check-in does not wait.
    """
    program: Program | None = await db.scalar(_one(actor, program_id).with_for_update(key_share=True))
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


async def ids(db: Db) -> frozenset[UUID]:
    """The ids of all programs of the organization."""
    statement = select(Program.id).where(Program.organization_id == db.organization_id)
    return frozenset((await db.scalars(statement)).all())


async def has_schedule(db: Db, schedule_id: UUID) -> bool:
    """Whether the organization has this on-call schedule."""
    statement = select(OnCallSchedule.id).where(
        OnCallSchedule.organization_id == db.organization_id, OnCallSchedule.id == schedule_id
    )
    return await db.scalar(statement) is not None


def calendar_of(program: Program) -> ProgramCalendar:
    """The program's calendar. One that this release cannot read must cost no patient the start of their app:
    the defaults stand in for it."""
    try:
        return ProgramCalendar.model_validate(program.calendar)
    except ValidationError:
        return ProgramCalendar()


def cadence_of(program: Program) -> Sequence[InstrumentCadence]:
    """Which instruments the program asks for; those that this release cannot read are left out."""
    return [each for stored in program.cadence if (each := _cadence(stored))]


def _cadence(stored: Mapping[str, Any]) -> InstrumentCadence | None:
    try:
        return InstrumentCadence.model_validate(stored)
    except ValidationError:
        return None


def _one(actor: Actor, program_id: UUID) -> Select[Program]:
    return select(Program).where(visible(Program, actor), Program.id == program_id)
