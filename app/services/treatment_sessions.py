"""Change a single session by hand, or cancel it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Unacceptable
from app.ladders.wall import moment_of
from app.models import TreatmentSession
from app.queries import attendances as stored_attendances
from app.queries import audit
from app.queries import session_series as stored_series
from app.queries import treatment_sessions as stored
from app.services import attendance_entries, attendances, session_planning, session_series
from app.services.attendance_entries import state_of, word_of
from app.treatment.attendance import ATTENDED

_TIMES: Final = frozenset({"starts_local", "minutes"})


async def change(
    db: Db, actor: Actor, session_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> TreatmentSession:
    """Set the title, room, link or facilitators of a session, or move it: `starts_local` is on the wall of
    its zone, `minutes` is how long it lasts. From then on a change of its series passes it by.

    Raises `NotFound`, `PreconditionFailed`; `Conflict` for one that is over or cancelled, and for other times
    of one that has begun; `Unacceptable` for a time that is past and for facilitators who do not work here.
    """
    found = await stored.to_change(db, actor, session_id, version)
    _require_coming(found, now)
    await session_series.require_on_staff(db, changes.get("facilitator_ids", ()))
    for column in changes.keys() - _TIMES:
        value = changes[column]
        setattr(found, column, [str(each) for each in value] if column == "facilitator_ids" else value)
    found.is_exception = found.is_exception or bool(changes)
    if changes.keys() & _TIMES:
        await _move(db, found, changes, now)
    await db.flush()
    if changes.keys() & _TIMES:
        await _file_anew(db, actor, found, now)
        await _look_again(db, actor, found, now)
    _audit(db, actor, found, now)
    return found


async def cancel(
    db: Db, actor: Actor, session_id: UUID, reason: str | None, now: datetime
) -> TreatmentSession:
    """Let a session not take place, by the program: nobody has missed it. Again is fine, and changes nothing.

    One that is running is broken off: who is there is sent home. Raises `NotFound`, and `Conflict` for one
    that is over and in which somebody was.
    """
    found = await stored.to_change(db, actor, session_id)
    if found.status == "cancelled" and found.is_exception:
        return found
    if found.ends_at <= now and await stored.is_anybody_known_in(db, session_id, ATTENDED):
        raise Conflict("session_took_place", "Somebody was there; correct the attendance instead.")
    found.status, found.cancelled_at, found.cancelled_by = "cancelled", now, actor.id
    found.cancel_reason, found.reckon_at, found.is_exception = reason, None, True
    await db.flush()
    await attendances.cancel_all(db, session_id, actor.id, now)
    await _look_again(db, actor, found, now)
    _audit(db, actor, found, now)
    return found


def _require_coming(found: TreatmentSession, now: datetime) -> None:
    if found.status == "cancelled":
        raise Conflict("session_cancelled", "This session was cancelled.")
    if found.ends_at <= now:
        raise Conflict("session_over", "This session is over.")


async def _move(db: Db, found: TreatmentSession, changes: Mapping[str, Any], now: datetime) -> None:
    if found.starts_at <= now:
        raise Conflict("session_begun", "It has begun; its times stay.")
    zone = ZoneInfo(found.time_zone)
    length = found.ends_at - found.starts_at
    if "starts_local" in changes:
        wall: datetime = changes["starts_local"]
        found.starts_at = moment_of(wall.date(), wall.time(), zone)
        if found.starts_at <= now:
            raise Unacceptable.at("/starts_local", "too_early", "Later than now.")
    if "minutes" in changes:
        length = timedelta(minutes=changes["minutes"])
    found.ends_at = found.starts_at.astimezone(UTC) + length
    found.local_date = found.starts_at.astimezone(zone).date()
    policy = await stored_series.policy_in(db, found.program_id)
    found.reckon_at = session_planning.reckon_at(found.starts_at, found.ends_at, policy, now)


async def _file_anew(db: Db, actor: Actor, found: TreatmentSession, now: datetime) -> None:
    """What is known of a session that was moved is known of its new time."""
    known = await stored_attendances.held(db, found, await stored_attendances.everybody(db, found.id))
    for _, row in sorted(known.items()):
        if row.revision and row.status != "cancelled":
            await attendance_entries.write(db, found, row, state_of(row), word_of(actor), now)


async def _look_again(db: Db, actor: Actor, found: TreatmentSession, now: datetime) -> None:
    series = await stored_series.find(db, actor, found.series_id)
    await session_series.look_again(db, series, now)


def _audit(db: Db, actor: Actor, found: TreatmentSession, now: datetime) -> None:
    audit.record(db, actor, now, Permission.SESSION_MANAGE, of="treatment_session", id=found.id)
