"""Say who is on call: the weekly rotation, and who stands in for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Fault, Unacceptable
from app.ladders.on_call import Rotation
from app.models import OnCallOverride, OnCallSchedule
from app.queries import audit, idempotency
from app.queries import on_call as stored

MOST_OVERRIDES = 200
"""How many current and coming overrides one schedule has at most."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A new schedule. `time_zone` is an IANA name."""

    id: UUID
    name: str
    time_zone: str
    rotation: Rotation


@dataclass(frozen=True, slots=True)
class OverrideDraft:
    """Somebody, or nobody, who is to have the pager from `starts_at` until before `ends_at`."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    staff_member_id: UUID | None


async def add(db: Db, actor: Actor, draft: Draft, now: datetime) -> OnCallSchedule:
    """Add a schedule. Raises `Unacceptable` for who carries no pager, `Conflict` for an id in use."""
    await _require_members(db, draft.rotation)
    schedule = OnCallSchedule(
        organization_id=db.organization_id, id=draft.id, name=draft.name, time_zone=draft.time_zone,
        rotation=draft.rotation.model_dump(mode="json"), created_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, schedule)
    _audit(db, actor, "on_call_schedule", draft.id, now)
    return schedule


async def change(
    db: Db, actor: Actor, schedule_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> OnCallSchedule:
    """Set these columns of a schedule; `rotation` is replaced whole, a `Rotation` in JSON.

    Raises as `add`, `NotFound`, and `PreconditionFailed` for another version.
    """
    schedule = await stored.to_change(db, actor, schedule_id, version)
    if "rotation" in changes:
        await _require_members(db, Rotation.model_validate(changes["rotation"]))
    for column, value in changes.items():
        setattr(schedule, column, value)
    await db.flush()
    _audit(db, actor, "on_call_schedule", schedule_id, now)
    return schedule


async def add_override(
    db: Db, actor: Actor, schedule_id: UUID, draft: OverrideDraft, now: datetime
) -> OnCallOverride:
    """Let somebody else, or nobody, have the pager for a time; of several the last made holds.

    Raises `NotFound`, `Unacceptable` for a time that is over or ends before it starts and for somebody who
    carries no pager, `Conflict` for an id in use and for more than `MOST_OVERRIDES`.
    """
    await stored.to_change(db, actor, schedule_id)
    await _require_fit(db, draft, now)
    if len(await stored.overrides(db, actor, [schedule_id], now)) >= MOST_OVERRIDES:
        raise Conflict("too_many_overrides", "There are too many already; change the rotation.")
    override = OnCallOverride(
        organization_id=db.organization_id, id=draft.id, schedule_id=schedule_id,
        starts_at=draft.starts_at.astimezone(UTC), ends_at=draft.ends_at.astimezone(UTC),
        staff_member_id=draft.staff_member_id, created_by=actor.id, created_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, override)
    _audit(db, actor, "on_call_override", draft.id, now)
    return override


async def remove_override(db: Db, actor: Actor, schedule_id: UUID, override_id: UUID, now: datetime) -> None:
    """Take an override back. Raises `NotFound`, also when it is over: what was stays written."""
    await stored.to_change(db, actor, schedule_id)
    await stored.remove(db, await stored.override(db, actor, schedule_id, override_id, now))
    _audit(db, actor, "on_call_override", override_id, now)


async def _require_fit(db: Db, draft: OverrideDraft, now: datetime) -> None:
    if draft.ends_at <= draft.starts_at:
        raise Unacceptable.at("/ends_at", "too_early", "An override ends after it starts.")
    if draft.ends_at <= now:
        raise Unacceptable.at("/ends_at", "too_early", "This time is over.")
    member_id = draft.staff_member_id
    if member_id is not None and member_id not in await stored.able(db, [member_id]):
        raise Unacceptable([_carries_none("/staff_member_id")])


async def _require_members(db: Db, rotation: Rotation) -> None:
    able = await stored.able(db, {each for each in rotation.members if each is not None})
    faults = [
        _carries_none(f"/rotation/members/{place}")
        for place, each in enumerate(rotation.members)
        if each is not None and each not in able
    ]
    if faults:
        raise Unacceptable(faults)


def _carries_none(pointer: str) -> Fault:
    return Fault(pointer, "not_on_staff", "No active counselor or supervisor has this id.")


def _audit(db: Db, actor: Actor, noun: str, id: UUID, now: datetime) -> None:
    audit.record(db, actor, now, Permission.ON_CALL_MANAGE, of=noun, id=id)
