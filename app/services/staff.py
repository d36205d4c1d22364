"""Take somebody on, and change what they are here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict
from app.models import StaffMember
from app.queries import audit, events, idempotency
from app.queries import staff as stored
from app.queries.staff import Posted


@dataclass(frozen=True, slots=True)
class Draft:
    """A new staff member. `role` is one of a staff member's, `locale` en or es, `time_zone` an IANA name."""

    id: UUID
    name: str
    role: str
    email: str | None
    phone: str | None
    locale: str
    time_zone: str
    program_ids: Collection[UUID]


async def add(db: Db, actor: Actor | None, draft: Draft, now: datetime) -> Posted:
    """Take somebody on. `actor` None is the system. Raises `Conflict` for an id in use, `Unacceptable` for a
    program that there is not."""
    member = StaffMember(
        organization_id=db.organization_id, id=draft.id, name=draft.name, role=draft.role, email=draft.email,
        phone=draft.phone, locale=draft.locale, time_zone=draft.time_zone, active=True, created_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, member)
    await stored.put_to_programs(db, draft.id, draft.program_ids, now)
    events.record_access_change(db)
    if actor is not None:
        audit.record(db, actor, now, Permission.STAFF_MANAGE, of="staff_member", id=draft.id)
    return Posted(member, sorted(set(draft.program_ids)))


async def change(
    db: Db, actor: Actor, staff_member_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> Posted:
    """Set these columns of a staff member, and with `program_ids` all the programs they work in.

    Raises as `add`, `PreconditionFailed` for another version, and `Conflict` for the last administrator's
    leaving: nobody could take the next one on.
    """
    if changes.keys() & {"role", "active"}:
        await _require_another_administrator(db, staff_member_id, changes)
    member = await stored.to_change(db, actor, staff_member_id, version)
    if "program_ids" in changes:
        await stored.put_to_programs(db, staff_member_id, changes["program_ids"], now)
        stored.touch(member)
    for column, value in changes.items():
        if column != "program_ids":
            setattr(member, column, value)
    await db.flush()
    if changes.keys() & {"program_ids", "role", "active"}:
        events.record_access_change(db)
    audit.record(db, actor, now, Permission.STAFF_MANAGE, of="staff_member", id=staff_member_id)
    return await stored.find(db, actor, staff_member_id)


async def _require_another_administrator(db: Db, leaving: UUID, changes: Mapping[str, Any]) -> None:
    stays = changes.get("role", Role.ADMINISTRATOR) == Role.ADMINISTRATOR and changes.get("active", True)
    if not stays and await stored.administrators(db) == {leaving}:
        raise Conflict("last_administrator", "Nobody else administers this organization.")
