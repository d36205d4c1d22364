"""Speak with somebody again after their crisis: complete it, or find out that nobody did."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict
from app.models import FollowUp
from app.queries import audit
from app.queries import follow_ups as stored
from app.rules.reading import Source
from app.services import happenings

KIND = "follow_up"
"""The kind of source of what an overdue follow-up tells."""


async def complete(
    db: Db, actor: Actor, follow_up_id: UUID, *, outcome: str, note: str | None, now: datetime
) -> FollowUp:
    """Say that it was done, and what came of it. The same from the same person again changes nothing.

    Raises `NotFound` when it is not visible, `Conflict` when it was done otherwise.
    """
    follow_up = await stored.to_change(db, actor, follow_up_id)
    if follow_up.status == "done":
        if (follow_up.done_by, follow_up.outcome, follow_up.note) != (actor.id, outcome, note):
            raise Conflict("already_done", "This follow-up is done.")
    else:
        follow_up.status, follow_up.done_at, follow_up.done_by = "done", now, actor.id
        follow_up.outcome, follow_up.note, follow_up.look_at = outcome, note, None
        await db.flush()
    audit.record(
        db, actor, now, Permission.FOLLOW_UP_COMPLETE, of="follow_up", id=follow_up.id,
        patient_id=follow_up.patient_id,
    )  # fmt: skip
    return follow_up


async def look(db: Db, follow_up_id: UUID, now: datetime) -> bool:
    """Say that a follow-up is overdue: the rules are told, once.

    False when there is nothing to do, or somebody else does it.
    """
    claimed = await stored.claim(db, follow_up_id, now)
    if claimed is None:
        return False
    follow_up = claimed.follow_up
    follow_up.overdue_at, follow_up.look_at = now, None
    follow_up.overdue_on = now.astimezone(ZoneInfo(claimed.time_zone)).date()
    await db.flush()
    await happenings.watch(db, follow_up.patient_id, Source(KIND, follow_up.id, 0), at=now, now=now)
    return True
