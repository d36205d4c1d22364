"""On-call schedules: who has the pager when, and who of them a page would not reach."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, exists, literal, not_, or_, select

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.ladders.on_call import Override, Rotation, Schedule, Shift, on_call
from app.models import ContactMethod, OnCallOverride, OnCallSchedule, Program, ProgramStaff, StaffMember

Reason = Literal["inactive", "no_contact_method", "not_in_program"]
"""Why a page to who is on call does not reach them."""

CARRIES_A_PAGER = (Role.COUNSELOR.value, Role.SUPERVISOR.value)


class OnDuty(NamedTuple):
    """Who has the pager of a program. Without a schedule, or before its first week, there is no shift."""

    program: Program
    shift: Shift | None


async def find(db: Db, actor: Actor, schedule_id: UUID) -> OnCallSchedule:
    """One schedule. Raises `NotFound` when it is not visible."""
    schedule: OnCallSchedule | None = await db.scalar(_one(actor, schedule_id))
    if schedule is None:
        raise NotFound
    return schedule


async def to_change(db: Db, actor: Actor, schedule_id: UUID, version: int | None = None) -> OnCallSchedule:
    """One schedule, locked until the commit. Raises `NotFound`, and `PreconditionFailed` when it has not the
    version that is named, if any."""
    schedule: OnCallSchedule | None = await db.scalar(_one(actor, schedule_id).with_for_update())
    if schedule is None:
        raise NotFound
    if version is not None and schedule.row_version != version:
        raise PreconditionFailed
    return schedule


async def listed(db: Db, actor: Actor, *, limit: int, after: UUID | None) -> Sequence[OnCallSchedule]:
    """The organization's schedules, oldest first, from behind `after`."""
    statement = (
        select(OnCallSchedule).where(visible(OnCallSchedule, actor)).order_by(OnCallSchedule.id).limit(limit)
    )
    if after is not None:
        statement = statement.where(OnCallSchedule.id > after)
    return (await db.scalars(statement)).all()


async def overrides(
    db: Db, actor: Actor, schedule_ids: Collection[UUID], start: datetime, end: datetime | None = None
) -> Sequence[OnCallOverride]:
    """The overrides that hold at some time from `start` until before `end`, the last made last."""
    statement = (
        select(OnCallOverride)
        .where(
            visible(OnCallOverride, actor),
            OnCallOverride.schedule_id.in_(schedule_ids),
            OnCallOverride.ends_at > start,
        )
        .order_by(OnCallOverride.created_at, OnCallOverride.id)
    )
    if end is not None:
        statement = statement.where(OnCallOverride.starts_at < end)
    return (await db.scalars(statement)).all()


async def override(
    db: Db, actor: Actor, schedule_id: UUID, override_id: UUID, now: datetime
) -> OnCallOverride:
    """One override that is not over, locked until the commit. Raises `NotFound`."""
    statement = (
        select(OnCallOverride)
        .where(
            visible(OnCallOverride, actor),
            OnCallOverride.schedule_id == schedule_id,
            OnCallOverride.id == override_id,
            OnCallOverride.ends_at > now,
        )
        .with_for_update()
    )
    found: OnCallOverride | None = await db.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def remove(db: Db, override: OnCallOverride) -> None:
    """Take an override back."""
    orm = await db.orm()
    await orm.delete(override)
    await orm.flush()


def read(schedule: OnCallSchedule, overrides: Sequence[OnCallOverride]) -> Schedule:
    """A schedule with these of its overrides, as the ladders understand it."""
    others = [
        Override(starts_at=each.starts_at, ends_at=each.ends_at, member=each.staff_member_id)
        for each in overrides
        if each.schedule_id == schedule.id
    ]
    return Schedule(Rotation.model_validate(schedule.rotation), others, ZoneInfo(schedule.time_zone))


async def on_duty(db: Db, actor: Actor, now: datetime) -> Sequence[OnDuty]:
    """Who is on call at `now`, for each program that the actor sees, the oldest first."""
    statement = (
        select(Program, OnCallSchedule)
        .outerjoin(
            OnCallSchedule,
            and_(
                OnCallSchedule.organization_id == Program.organization_id,
                OnCallSchedule.id == Program.on_call_schedule_id,
            ),
        )
        .where(visible(Program, actor))
        .order_by(Program.id)
    )
    found = [(row.Program, row.OnCallSchedule) for row in await db.execute(statement)]
    used = {schedule.id: schedule for _, schedule in found if schedule is not None}
    others = await overrides(db, actor, used.keys(), now)
    shifts = {each: on_call(read(schedule, others), now) for each, schedule in used.items()}
    return [OnDuty(program, shifts.get(schedule.id) if schedule else None) for program, schedule in found]


async def names(db: Db, actor: Actor, staff_member_ids: Collection[UUID | None]) -> Mapping[UUID, str]:
    """What these staff members are called."""
    statement = select(StaffMember.id, StaffMember.name).where(
        visible(StaffMember, actor), StaffMember.id.in_({each for each in staff_member_ids if each})
    )
    return {row.id: row.name for row in await db.execute(statement)}


async def able(db: Db, staff_member_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these staff members who may carry a pager: active counselors and supervisors."""
    statement = select(StaffMember.id).where(
        StaffMember.organization_id == db.organization_id,
        StaffMember.id.in_(staff_member_ids),
        StaffMember.active,
        StaffMember.role.in_(CARRIES_A_PAGER),
    )
    return set(await db.scalars(statement))


async def unreachable(
    db: Db, actor: Actor, schedule_id: UUID, staff_member_ids: Collection[UUID]
) -> Mapping[UUID, Reason]:
    """Whom of these a page to who is on call would not reach, and why: `inactive`, `no_contact_method`, or
    `not_in_program`, who does not work in every program that uses the schedule."""
    has_a_way = or_(
        StaffMember.email.is_not(None), StaffMember.phone.is_not(None), exists(_mine(ContactMethod))
    )
    is_elsewhere = exists(
        select(Program.id).where(
            Program.organization_id == StaffMember.organization_id,
            Program.on_call_schedule_id == schedule_id,
            not_(exists(_mine(ProgramStaff).where(ProgramStaff.program_id == Program.id))),
        )
    )
    works = and_(StaffMember.active, StaffMember.role.in_(CARRIES_A_PAGER))
    reason = case(
        (not_(works), literal("inactive")),
        (not_(has_a_way), literal("no_contact_method")),
        (is_elsewhere, literal("not_in_program")),
    )
    statement = select(StaffMember.id, reason.label("reason")).where(
        visible(StaffMember, actor), StaffMember.id.in_(staff_member_ids), reason.is_not(None)
    )
    return {row.id: row.reason for row in await db.execute(statement)}


def _mine(model: type[ContactMethod | ProgramStaff]) -> Select[UUID]:
    """The rows of the staff member of the statement around it."""
    mine = and_(model.organization_id == StaffMember.organization_id, model.staff_member_id == StaffMember.id)
    return select(model.staff_member_id).where(mine).correlate(StaffMember, Program)


def _one(actor: Actor, schedule_id: UUID) -> Select[OnCallSchedule]:
    return select(OnCallSchedule).where(visible(OnCallSchedule, actor), OnCallSchedule.id == schedule_id)
