"""Staff members: who they are, which programs they work in, and whose patients they may see."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, Uuid, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.sql.elements import ColumnElement

from app.access import Actor, Role, caring_for, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed, Unacceptable
from app.models import Program, ProgramStaff, StaffMember


class Posted(NamedTuple):
    """A staff member, and the programs they work in."""

    staff_member: StaffMember
    program_ids: Sequence[UUID]


async def find(db: Db, actor: Actor, staff_member_id: UUID) -> Posted:
    """One staff member. Raises `NotFound` when they are not visible."""
    row = (await db.execute(_posted(actor).where(StaffMember.id == staff_member_id))).one_or_none()
    if row is None:
        raise NotFound
    return Posted._make(row)


async def listed(db: Db, actor: Actor, *, limit: int, after: UUID | None) -> Sequence[Posted]:
    """Staff members, active or not, oldest first, from behind `after`."""
    statement = _posted(actor).order_by(StaffMember.id).limit(limit)
    if after is not None:
        statement = statement.where(StaffMember.id > after)
    return [Posted._make(row) for row in await db.execute(statement)]


async def to_change(db: Db, actor: Actor, staff_member_id: UUID, version: int) -> StaffMember:
    """One staff member in this version, locked until the commit. Raises `NotFound`, `PreconditionFailed`."""
    member: StaffMember | None = await db.scalar(
        select(StaffMember)
        .where(visible(StaffMember, actor), StaffMember.id == staff_member_id)
        .with_for_update()
    )
    if member is None:
        raise NotFound
    if member.row_version != version:
        raise PreconditionFailed
    return member


async def administrators(db: Db) -> Collection[UUID]:
    """The organization's active administrators, locked until the commit: two must not remove each other."""
    statement = (
        select(StaffMember.id)
        .where(
            StaffMember.organization_id == db.organization_id,
            StaffMember.role == Role.ADMINISTRATOR.value,
            StaffMember.active,
        )
        .order_by(StaffMember.id)
        .with_for_update()
    )
    return set(await db.scalars(statement))


async def put_to_programs(
    db: Db, staff_member_id: UUID, program_ids: Collection[UUID], now: datetime
) -> None:
    """Let a staff member work in these programs and no others.

    Raises `Unacceptable` for a program that there is not.
    """
    mine = (
        ProgramStaff.organization_id == db.organization_id,
        ProgramStaff.staff_member_id == staff_member_id,
    )
    standing = set(await db.scalars(select(ProgramStaff.program_id).where(*mine)))
    await _require_programs(db, set(program_ids) - standing)
    await db.execute(delete(ProgramStaff).where(*mine, ProgramStaff.program_id.not_in(program_ids)))
    await db.add(
        *(
            ProgramStaff(
                organization_id=db.organization_id,
                program_id=each,
                staff_member_id=staff_member_id,
                since=now,
            )
            for each in set(program_ids) - standing
        )
    )


def touch(member: StaffMember) -> None:
    """Let the version count on although no column changes: the programs belong to what was read."""
    flag_modified(member, "name")


async def _require_programs(db: Db, program_ids: Collection[UUID]) -> None:
    statement = select(func.count()).where(
        Program.organization_id == db.organization_id, Program.id.in_(program_ids)
    )
    if program_ids and await db.scalar(statement) != len(program_ids):
        raise Unacceptable.at("/program_ids", "unknown_program", "One of these programs does not exist.")


async def works_in(db: Db, staff_member_id: UUID, program_id: UUID) -> bool:
    """Whether this staff member works in this program."""
    statement = select(ProgramStaff.since).where(
        ProgramStaff.organization_id == db.organization_id,
        ProgramStaff.program_id == program_id,
        ProgramStaff.staff_member_id == staff_member_id,
    )
    return await db.scalar(statement) is not None


async def in_care_of(db: Db, patient_id: UUID, staff_member_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these staff members who are active and work in the program that has the patient."""
    assert db.organization_id is not None
    caring = caring_for(db.organization_id, patient_id)
    return set(await db.scalars(caring.where(ProgramStaff.staff_member_id.in_(staff_member_ids))))


async def may_be_told(db: Db, staff_member_id: UUID, patient_id: UUID) -> bool:
    """Whether a page about this patient may still go to this staff member: they would see the alert.

    Where nobody works in the patient's program, the supervisors see it (`access.visible`).
    """
    assert db.organization_id is not None
    caring = set(await db.scalars(caring_for(db.organization_id, patient_id)))
    if caring:
        return staff_member_id in caring
    supervisor = select(StaffMember.id).where(
        StaffMember.organization_id == db.organization_id,
        StaffMember.id == staff_member_id,
        StaffMember.role == Role.SUPERVISOR.value,
        StaffMember.active,
    )
    return await db.scalar(supervisor) is not None


def somebody_sees(organization_id: UUID, patient_id: UUID) -> ColumnElement[bool]:
    """Whether anybody can see this patient's alerts: who works in their program, or an active supervisor."""
    supervisor = select(StaffMember.id).where(
        StaffMember.organization_id == organization_id,
        StaffMember.role == Role.SUPERVISOR.value,
        StaffMember.active,
    )
    return or_(exists(caring_for(organization_id, patient_id)), exists(supervisor))


async def require_in_care_of(db: Db, staff_member_id: UUID, patient_id: UUID) -> None:
    """Raise `Unacceptable` unless this active staff member works in a program of the patient's."""
    if not await in_care_of(db, patient_id, [staff_member_id]):
        raise Unacceptable.at(
            "/assignee_id", "not_in_care", "Nobody who works in this patient's program has this id."
        )


def _posted(actor: Actor) -> Select[StaffMember, Sequence[UUID]]:
    programs = (
        select(ProgramStaff.program_id)
        .where(
            ProgramStaff.organization_id == StaffMember.organization_id,
            ProgramStaff.staff_member_id == StaffMember.id,
        )
        .order_by(ProgramStaff.program_id)
    )
    ids = func.array(programs.scalar_subquery(), type_=ARRAY(Uuid()))
    return select(StaffMember, ids).where(visible(StaffMember, actor))
