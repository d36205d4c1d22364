"""On-call schedules: list, add, read, change; who has the pager when, and when nobody would be reached."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, ExpectedVersion, Now, requires
from app.dependencies.etag import tagged
from app.dependencies.id_page import CurrentIdPage
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.errors import Unacceptable
from app.ladders.on_call import holes, shifts
from app.queries import on_call as stored
from app.schemas.fields import Moment
from app.schemas.on_call import (
    HoleRead,
    Holes,
    OnCallScheduleBody,
    OnCallScheduleChange,
    OnCallSchedulePage,
    OnCallScheduleRead,
    ShiftRead,
    Shifts,
    StaffRef,
)
from app.services import on_call
from app.services.on_call import Draft

router = strict_router("/v1/on-call-schedules", "ladders")
ONE = "/{on_call_schedule_id}"
MOST_DAYS = 92
COMING_DAYS = 14

Reader = Annotated[Actor, requires(Permission.ON_CALL_READ)]
Manager = Annotated[Actor, requires(Permission.ON_CALL_MANAGE)]


@router.get("", operation_id="list_on_call_schedules")
async def many(page: CurrentIdPage, actor: Reader, db: Db) -> OnCallSchedulePage:
    """The organization's schedules, oldest first."""
    found = await stored.listed(db, actor, limit=page.limit, after=page.after)
    shown, next_cursor = page.cut(found, lambda each: each.id)
    items = [OnCallScheduleRead.model_validate(each) for each in shown]
    return OnCallSchedulePage(items=items, next_cursor=next_cursor)


@router.post(
    "",
    status_code=201,
    operation_id="add_on_call_schedule",
    responses={200: {"model": OnCallScheduleRead, "description": "Added before: the first result."}},
)
async def add(
    *, body: OnCallScheduleBody, actor: Manager, db: Db, now: Now, once: OnlyOnce, response: Response
) -> OnCallScheduleRead:
    """Add a weekly rotation. Every member is an active counselor or supervisor."""
    if first := await once.first(body, body.id):
        return tagged(response, OnCallScheduleRead.model_validate(first))
    draft = Draft(body.id or uuid7(), body.name, body.time_zone, body.rotation)
    schedule = await on_call.add(db, actor, draft, now)
    return tagged(response, once.keep(OnCallScheduleRead.model_validate(schedule)))


@router.get(ONE, operation_id="read_on_call_schedule")
async def one(on_call_schedule_id: UUID, actor: Reader, db: Db, response: Response) -> OnCallScheduleRead:
    """One schedule."""
    schedule = await stored.find(db, actor, on_call_schedule_id)
    return tagged(response, OnCallScheduleRead.model_validate(schedule))


@router.patch(ONE, operation_id="change_on_call_schedule")
async def change(
    *,
    on_call_schedule_id: UUID,
    body: OnCallScheduleChange,
    actor: Manager,
    version: ExpectedVersion,
    db: Db,
    now: Now,
    response: Response,
) -> OnCallScheduleRead:
    """Change a schedule. Steps that are taken from now on go by it."""
    changes = body.model_dump(mode="json", exclude_unset=True)
    schedule = await on_call.change(db, actor, on_call_schedule_id, changes, version=version, now=now)
    return tagged(response, OnCallScheduleRead.model_validate(schedule))


@router.get(ONE + "/shifts", operation_id="list_shifts")
async def read_shifts(
    *,
    on_call_schedule_id: UUID,
    actor: Reader,
    db: Db,
    now: Now,
    start: Annotated[Moment | None, Query(alias="from", description="Now if not said.")] = None,
    end: Annotated[
        Moment | None, Query(alias="to", description="At most 92 days later; 14 if not said.")
    ] = None,
) -> Shifts:
    """Who has the pager when."""
    start = start or now
    end = _end(start, end)
    schedule = await stored.find(db, actor, on_call_schedule_id)
    overrides = await stored.overrides(db, actor, [schedule.id], start, end)
    found = shifts(stored.read(schedule, overrides), start, end)
    names = await stored.names(db, actor, [each.member for each in found])
    return Shifts(
        items=[
            ShiftRead(
                staff_member=StaffRef.of(each.member, names), starts_at=each.starts_at, ends_at=each.ends_at
            )
            for each in found
        ]
    )


def _end(start: datetime, end: datetime | None) -> datetime:
    end = end or start + timedelta(days=COMING_DAYS)
    if end <= start:
        raise Unacceptable.at("/to", "too_early", "Later than `from`.")
    if end - start > timedelta(days=MOST_DAYS):
        raise Unacceptable.at("/to", "too_large", f"At most {MOST_DAYS} days after `from`.")
    return end


@router.get(ONE + "/holes", operation_id="list_holes")
async def read_holes(on_call_schedule_id: UUID, actor: Reader, db: Db, now: Now) -> Holes:
    """When, in the coming 14 days, a page to who is on call would reach nobody."""
    schedule = await stored.find(db, actor, on_call_schedule_id)
    until = now + timedelta(days=COMING_DAYS)
    overrides = await stored.overrides(db, actor, [schedule.id], now, until)
    plan = stored.read(schedule, overrides)
    members = {each.member for each in shifts(plan, now, until) if each.member}
    unreachable = await stored.unreachable(db, actor, schedule.id, members)
    found = holes(plan, now, reachable=members - unreachable.keys(), days=COMING_DAYS)
    names = await stored.names(db, actor, members)
    return Holes(
        items=[
            HoleRead(
                reason=unreachable[each.member] if each.member else "nobody",
                staff_member=StaffRef.of(each.member, names),
                starts_at=each.starts_at,
                ends_at=each.ends_at,
            )
            for each in found
        ]
    )
