"""Let a patient be away for a while: nothing is asked of them, and their silence is no news."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, NotFound, Unacceptable
from app.ladders.wall import moment_of
from app.models import LeaveOfAbsence
from app.queries import audit, events, idempotency
from app.queries import leaves as stored
from app.queries.enrollments import RUNNING
from app.queries.leaves import Held

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Draft:
    """A leave from one day on until before another, in the patient's time zone; without it, until they are
    back."""

    id: UUID
    first_day: date
    back_on: date | None


async def plan(db: Db, actor: Actor, enrollment_id: UUID, draft: Draft, now: datetime) -> LeaveOfAbsence:
    """Add a leave to a running stay; it may have begun already.

    Raises `NotFound` for a stay that is not visible, `Conflict` for one that is over and for a leave in the
    same time, `Unacceptable` at `/from` and `/back_on`.
    """
    held = await stored.hold(db, actor, enrollment_id)
    if held.enrollment.status not in RUNNING:
        raise Conflict("stay_over", "This stay is over.")
    if draft.first_day < held.enrollment.starts_on:
        raise Unacceptable.at("/from", "too_early", "Not before the stay begins.")
    if draft.back_on is not None and draft.back_on <= draft.first_day:
        raise Unacceptable.at("/back_on", "too_early", "Later than the leave begins.")
    ends = _midnight(held, draft.back_on) if draft.back_on else None
    leave = await _add(db, held, draft.id, _midnight(held, draft.first_day), ends, now)
    await _look_again(db, actor, held, leave, now)
    return leave


async def end(db: Db, actor: Actor, enrollment_id: UUID, leave_id: UUID, now: datetime) -> None:
    """Withdraw a leave that has not begun, or end one now that has; one that is over stays as it was.

    Who was put on this leave is active again. Raises `NotFound`.
    """
    held = await stored.hold(db, actor, enrollment_id)
    leave = next((each for each in held.leaves if each.id == leave_id), None)
    if leave is None:
        raise NotFound
    _close(leave, now)
    if held.enrollment.status == "on_leave" and held.leave_at(now) is None:
        held.enrollment.status = "active"
        events.record_access_change(db)
    await _look_again(db, actor, held, leave, now)


async def begin(db: Db, held: Held, now: datetime) -> None:
    """Put the patient on leave from now on, unless they are, until they are back. Raises `Conflict`."""
    if held.leave_at(now) is None:
        await _add(db, held, uuid7(), now, None, now)


async def expect_back(db: Db, held: Held, back_on: date | None, now: datetime) -> None:
    """As `begin`; and say when the patient is back, or that it is not known.

    Raises `Unacceptable` at `/back_on` for a day that has begun, `Conflict` for a leave in the same time.
    """
    ends = _midnight(held, back_on) if back_on else None
    if ends is not None and ends <= now:
        raise Unacceptable.at("/back_on", "too_early", "Later than today.")
    running = held.leave_at(now)
    if running is None:
        await _add(db, held, uuid7(), now, ends, now)
        return
    _require_free([each for each in held.leaves if each is not running], running.starts_at, ends)
    running.ends_at = ends


def finish(held: Held, now: datetime, *, withdraw: bool) -> None:
    """End the leave that the patient is on. With `withdraw`, none that is planned will begin either."""
    for leave in held.leaves:
        if withdraw or leave.starts_at <= now:
            _close(leave, now)


async def _add(
    db: Db, held: Held, id: UUID, begins: datetime, ends: datetime | None, now: datetime
) -> LeaveOfAbsence:
    _require_free(held.leaves, begins, ends)
    leave = LeaveOfAbsence(
        organization_id=db.organization_id, id=id, enrollment_id=held.enrollment.id,
        patient_id=held.patient.id, starts_at=begins, ends_at=ends, created_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, leave)
    return leave


def _require_free(others: Sequence[LeaveOfAbsence], begins: datetime, ends: datetime | None) -> None:
    if any(each.starts_at < (ends or _NEVER) and begins < (each.ends_at or _NEVER) for each in others):
        raise Conflict("leave_overlaps", "There is another leave in that time.")


def _close(leave: LeaveOfAbsence, now: datetime) -> None:
    if leave.ends_at is None or leave.ends_at > now:
        leave.ends_at = max(leave.starts_at, now)


def _midnight(held: Held, day: date) -> datetime:
    return moment_of(day, time(), ZoneInfo(held.patient.time_zone))


async def _look_again(db: Db, actor: Actor, held: Held, leave: LeaveOfAbsence, now: datetime) -> None:
    if held.enrollment.status in RUNNING:
        held.enrollment.absence_due_at = now
    await db.flush()
    audit.record(
        db, actor, now, Permission.ENROLLMENT_MANAGE, of="leave_of_absence", id=leave.id,
        patient_id=held.patient.id,
    )  # fmt: skip
