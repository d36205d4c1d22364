"""Note progress on a goal, also late; take an entry back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, NotFound
from app.models import Goal, GoalProgress
from app.queries import audit, idempotency
from app.queries import goal_progress as stored
from app.queries import goals as stored_goals
from app.queries.goals import Known
from app.services import answers, goal_standings


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry as its writer sent it. `occurred_at` is aware; without a zone it is the patient's."""

    id: UUID
    occurred_at: datetime
    time_zone: str | None
    value: float
    note: str | None


@dataclass(frozen=True, slots=True)
class Noted:
    """A kept entry, and whether this time is the one that kept it."""

    progress: GoalProgress
    is_new: bool


async def note(db: Db, actor: Actor, goal_id: UUID, draft: Draft, now: datetime) -> Noted:
    """Keep an entry, filed on the day on which it was lived, and reckon anew how the goal stands.

    The same id and content again gives the first entry. Raises `NotFound`, and `Conflict` for an id with
    other content, for a goal that counts by itself, and for what was lived after the goal was closed.
    """
    known = await stored_goals.to_change(db, actor, goal_id)
    new = _new(known, actor, draft, now)
    if (first := await stored.by_id(db, draft.id)) is not None:
        if (first.goal_id, first.fingerprint) != (goal_id, new.fingerprint):
            raise idempotency.id_taken()
        _audit(db, actor, known.goal, first.id, now)
        return Noted(first, is_new=False)
    _require_place(known, new)
    await idempotency.add_new(db, new)
    await goal_standings.reckon(db, known, now)
    _audit(db, actor, known.goal, new.id, now)
    return Noted(new, is_new=True)


async def withdraw(db: Db, actor: Actor, goal_id: UUID, progress_id: UUID, now: datetime) -> None:
    """Let an entry count no more; it is kept. One that was withdrawn stays so. Raises `NotFound`."""
    known = await stored_goals.to_change(db, actor, goal_id)
    progress = await stored.by_id(db, progress_id)
    if progress is None or progress.goal_id != goal_id:
        raise NotFound
    if progress.withdrawn_at is None:
        progress.withdrawn_at = now
        await db.flush()
        await goal_standings.reckon(db, known, now)
    _audit(db, actor, known.goal, progress_id, now)


def _new(known: Known, actor: Actor, draft: Draft, now: datetime) -> GoalProgress:
    filed_at = answers.filed_at(draft.occurred_at, now)
    zone = draft.time_zone or known.time_zone
    return GoalProgress(
        organization_id=known.goal.organization_id, id=draft.id, goal_id=known.goal.id,
        patient_id=known.goal.patient_id, occurred_at=draft.occurred_at, filed_at=filed_at,
        local_date=filed_at.astimezone(ZoneInfo(zone)).date(), time_zone=zone, received_at=now,
        value=draft.value, note=draft.note, author_id=actor.id, withdrawn_at=None,
        # As it was sent: a patient who moves house sends the same again from the same queue.
        fingerprint=answers.fingerprint(draft.occurred_at, draft.time_zone, draft.value, draft.note),
    )  # fmt: skip


def _require_place(known: Known, new: GoalProgress) -> None:
    if known.terms.fed_by is not None:
        raise Conflict("goal_fed", "This goal counts by itself; an entry would count twice.")
    closed_at = known.goal.closed_at
    if closed_at is not None and new.filed_at > closed_at:
        raise Conflict("goal_closed", "This goal was closed before.")


def _audit(db: Db, actor: Actor, goal: Goal, progress_id: UUID, now: datetime) -> None:
    audit.record(
        db, actor, now, Permission.GOAL_REPORT, of="goal_progress", id=progress_id, patient_id=goal.patient_id
    )
