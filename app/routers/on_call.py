"""Who is on call now; and who stands in for whom."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.dependencies import Db, Now, requires
from app.dependencies.once import OnlyOnce
from app.edge.strict_route import router as strict_router
from app.models import OnCallOverride
from app.queries import on_call as stored
from app.queries.on_call import OnDuty
from app.schemas.caseload import ProgramRef
from app.schemas.on_call import OnCallList, OnCallNow, OverrideBody, OverrideRead, Overrides, StaffRef
from app.services import on_call
from app.services.on_call import OverrideDraft

router = strict_router("/v1", "ladders")
OVERRIDES = "/on-call-schedules/{on_call_schedule_id}/overrides"

Reader = Annotated[Actor, requires(Permission.ON_CALL_READ)]
Manager = Annotated[Actor, requires(Permission.ON_CALL_MANAGE)]


@router.get("/on-call", operation_id="read_on_call")
async def current(actor: Reader, db: Db, now: Now) -> OnCallList:
    """Who is on call now for each of the programs, and until when."""
    found = await stored.on_duty(db, actor, now)
    names = await stored.names(db, actor, [each.shift.member for each in found if each.shift])
    return OnCallList(items=[_on_duty(each, names) for each in found])


@router.get(OVERRIDES, operation_id="list_on_call_overrides")
async def overrides(on_call_schedule_id: UUID, actor: Reader, db: Db, now: Now) -> Overrides:
    """Who stands in for whom, now and in time to come."""
    schedule = await stored.find(db, actor, on_call_schedule_id)
    found = await stored.overrides(db, actor, [schedule.id], now)
    names = await stored.names(db, actor, [each.staff_member_id for each in found])
    return Overrides(items=[_override(each, names) for each in found])


@router.post(
    OVERRIDES,
    status_code=201,
    operation_id="add_on_call_override",
    responses={200: {"model": OverrideRead, "description": "Added before: the first result."}},
)
async def add(
    *,
    on_call_schedule_id: UUID,
    body: OverrideBody,
    actor: Manager,
    db: Db,
    now: Now,
    once: OnlyOnce,
) -> OverrideRead:
    """Let somebody else have the pager for a while, or nobody; of several the last made holds."""
    await stored.find(db, actor, on_call_schedule_id)
    if first := await once.first(body, body.id):
        return OverrideRead.model_validate(first)
    draft = OverrideDraft(body.id or uuid7(), body.starts_at, body.ends_at, body.staff_member_id)
    override = await on_call.add_override(db, actor, on_call_schedule_id, draft, now)
    names = await stored.names(db, actor, [override.staff_member_id])
    return once.keep(_override(override, names))


@router.delete(OVERRIDES + "/{on_call_override_id}", status_code=204, operation_id="remove_on_call_override")
async def remove(
    on_call_schedule_id: UUID, on_call_override_id: UUID, actor: Manager, db: Db, now: Now
) -> None:
    """Take an override back that is not over."""
    await on_call.remove_override(db, actor, on_call_schedule_id, on_call_override_id, now)


def _on_duty(found: OnDuty, names: Mapping[UUID, str]) -> OnCallNow:
    shift, program = found.shift, found.program
    return OnCallNow(
        program=ProgramRef(id=program.id, name=program.name),
        on_call_schedule_id=program.on_call_schedule_id,
        staff_member=StaffRef.of(shift.member, names) if shift else None,
        until=shift.ends_at if shift else None,
    )


def _override(override: OnCallOverride, names: Mapping[UUID, str]) -> OverrideRead:
    return OverrideRead(
        id=override.id,
        staff_member=StaffRef.of(override.staff_member_id, names),
        starts_at=override.starts_at,
        ends_at=override.ends_at,
        created_by=override.created_by,
        created_at=override.created_at,
    )
