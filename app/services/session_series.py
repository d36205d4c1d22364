"""Plan treatment sessions: in series that repeat, or a single one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, Unacceptable
from app.models import SessionSeries
from app.queries import absences, audit, idempotency, rule_sets, series_places, treatment_sessions
from app.queries import session_series as stored
from app.recurrence import NotARule
from app.services import attendances, session_planning
from app.services.series_places import fill

LARGEST_GROUP: Final = 30
"""More than this is a lecture: twice the 15 of the largest groups (clinical.md, C). A design choice [D]."""
LONGEST_AGO: Final = timedelta(days=60)
"""How long ago the first session of a new series may have been. A design choice [D]."""
FURTHEST_AHEAD: Final = timedelta(days=366)
"""How far ahead the first one may be. A design choice [D]."""
LONGEST: Final = timedelta(days=10 * 366)
"""How long after its first day a series may end. A design choice [D]."""

USUAL_CAPACITY: Final = {"group": 12, "individual": 1, "family": 1}
"""How many places a series has when nobody said so; of the other kinds it has no limit. Groups have 6 to 15
(clinical.md, C); 12 is a design choice [D]."""
USUAL_GROUP: Final = range(6, 16)
"""Groups of other sizes are accepted, with a remark. Clinical.md, C."""
_OF_ONE_PATIENT: Final = ("individual", "family")
_OF_EACH_SESSION: Final = ("title", "room", "telehealth_url", "facilitator_ids", "capacity")


@dataclass(frozen=True, slots=True)
class Draft:
    """A new series. `starts_local` is naive, on the wall of `time_zone`."""

    id: UUID
    program_id: UUID
    kind: str
    title: str
    starts_local: datetime
    time_zone: str
    minutes: int
    recurrence: str | None
    last_day: date | None
    audience: str
    capacity: int | None
    room: str | None
    telehealth_url: str | None
    facilitator_ids: Sequence[UUID]


def usual(
    kind: str, audience: str | None, capacity: int | None, *, is_unsaid: bool
) -> tuple[str, int | None]:
    """Who is expected, and how many places there are, as far as the sender left it open.

    `is_unsaid` tells a capacity that was left out from one that is none. To a session for one patient nobody
    is invited unless they have a place: else the whole program would miss it.
    """
    if audience is None:
        audience = "places" if capacity is not None or kind in _OF_ONE_PATIENT else "program"
    if is_unsaid and audience == "places":
        capacity = USUAL_CAPACITY.get(kind)
    return audience, capacity


async def add(db: Db, actor: Actor, draft: Draft, now: datetime) -> SessionSeries:
    """Add a series, and its sessions of the coming months.

    Raises `NotFound` for a program for which the actor may not plan, `Unacceptable` for a rule that is not
    read or names no day, a start too long ago or too far ahead, an unreasonable capacity and facilitators who
    do not work here, and `Conflict` for an id in use.
    """
    await stored.program_to_schedule(db, actor, draft.program_id)
    series = SessionSeries(
        organization_id=db.organization_id, id=draft.id, program_id=draft.program_id, kind=draft.kind,
        title=draft.title, starts_local=draft.starts_local, time_zone=draft.time_zone, minutes=draft.minutes,
        recurrence=draft.recurrence, last_day=draft.last_day, audience=draft.audience,
        capacity=draft.capacity, room=draft.room, telehealth_url=draft.telehealth_url,
        facilitator_ids=[str(each) for each in draft.facilitator_ids], created_at=now, created_by=actor.id,
    )  # fmt: skip
    await _require_fit(db, series, draft.facilitator_ids, now)
    series.planned_until, series.extend_at = session_planning.outlook(series, now)
    await idempotency.add_new(db, series)
    await session_planning.plan(db, series, draft.starts_local.date(), series.planned_until, now)
    await look_again(db, series, now)
    _audit(db, actor, series, now)
    return series


async def change(
    db: Db, actor: Actor, series_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> SessionSeries:
    """Set the title, room, link, facilitators, capacity or last day of a series, and of its sessions that
    have not begun; those that were changed by hand stay as they are.

    With an earlier last day the program cancels the sessions that its rule puts after it; with a later one
    those take place after all. When there is more room, who waits moves up; nobody loses a place. Raises
    `NotFound`, `PreconditionFailed`, `Unacceptable` as `add`.
    """
    series = await stored.to_change(db, actor, series_id, version)
    for column, value in changes.items():
        setattr(series, column, [str(each) for each in value] if column == "facilitator_ids" else value)
    await _require_fit(db, series, changes.get("facilitator_ids", ()), now, is_new=False)
    series.planned_until, series.extend_at = session_planning.outlook(series, now)
    await db.flush()
    if of_each := {name: getattr(series, name) for name in _OF_EACH_SESSION if name in changes}:
        await treatment_sessions.change_coming(db, series_id, of_each, now)
    if "last_day" in changes:
        await _end_or_go_on(db, actor, series, now)
    if "capacity" in changes:
        await fill(db, actor, series, now)
    _audit(db, actor, series, now)
    return series


async def look(db: Db, series_id: UUID, now: datetime) -> bool:
    """Plan further sessions of a series, and give its free places to those who wait.

    False when there is nothing to do, or somebody else is at it.
    """
    series = await stored.claim(db, series_id, now)
    if series is None:
        return False
    until, extend_at = session_planning.outlook(series, now)
    await session_planning.plan(db, series, series.planned_until + timedelta(days=1), until, now)
    if series.audience == "places":
        await fill(db, None, series, now)
    await stored.set_planned(db, series_id, max(until, series.planned_until), extend_at)
    return True


async def look_again(db: Db, series: SessionSeries, now: datetime) -> None:
    """Have the patients looked at for whom something else is scheduled now: whoever is expected in a series.

    The last thing that a unit of work does: it changes rows that others change while they hold a patient.
    """
    if series.audience == "program":
        await rule_sets.look_again(db, series.program_id, now)
        return
    for patient_id in await series_places.placed(db, series.id):
        absences.look_again(db, patient_id, now)


async def require_on_staff(db: Db, facilitator_ids: Collection[UUID]) -> None:
    """Raise `Unacceptable` unless all of these work here, and each stands there once."""
    if faults := await _faults_of_staff(db, facilitator_ids):
        raise Unacceptable(faults)


async def _end_or_go_on(db: Db, actor: Actor, series: SessionSeries, now: datetime) -> None:
    # Every session is locked before the first patient, as by whoever records an attendance.
    today = now.astimezone(ZoneInfo(series.time_zone)).date()
    await session_planning.plan(db, series, today, series.planned_until, now, only_coming=True)
    if series.last_day is not None:
        known = await treatment_sessions.cancel_coming(db, series.id, series.last_day, actor.id, now)
        await treatment_sessions.hold_everybody_in(db, known)
        for session_id in known:
            await attendances.cancel_all(db, session_id, actor.id, now)
    await look_again(db, series, now)


async def _require_fit(
    db: Db, series: SessionSeries, facilitator_ids: Collection[UUID], now: datetime, *, is_new: bool = True
) -> None:
    faults = list(await _faults_of_staff(db, facilitator_ids))
    if series.kind == "group" and (series.capacity or 0) > LARGEST_GROUP:
        faults.append(Fault("/capacity", "too_large", f"A group has at most {LARGEST_GROUP}."))
    faults += _faults_of_days(series, now, is_new)
    if faults:
        raise Unacceptable(faults)


async def _faults_of_staff(db: Db, facilitator_ids: Collection[UUID]) -> Sequence[Fault]:
    able = await stored.on_staff(db, facilitator_ids)
    return [
        Fault(f"/facilitator_ids/{place}", "not_on_staff", "No active staff member has this id.")
        for place, each in enumerate(facilitator_ids)
        if each not in able
    ]


def _faults_of_days(series: SessionSeries, now: datetime, is_new: bool) -> Iterator[Fault]:
    first = series.starts_local.date()
    if series.last_day is not None and series.last_day < first:
        yield Fault("/last_day", "too_early", "Not before the first day.")
    if series.last_day is not None and series.last_day > first + LONGEST:
        yield Fault("/last_day", "too_late", "Within ten years of the first day.")
    if not is_new:
        return
    today = now.astimezone(ZoneInfo(series.time_zone)).date()
    if first < today - LONGEST_AGO:
        yield Fault("/starts_local", "too_early", f"At most {LONGEST_AGO.days} days ago.")
    if first > today + FURTHEST_AHEAD:
        yield Fault("/starts_local", "too_late", f"At most {FURTHEST_AHEAD.days} days ahead.")
    try:
        slot = session_planning.first_slot(series)
    except NotARule as refused:
        yield Fault("/recurrence", "not_a_rule", refused.reason)
        return
    if slot is None:
        yield Fault("/recurrence", "no_day", "It ends before the first day that it names.")
    elif series.last_day is not None and first <= series.last_day < slot.date():
        yield Fault("/last_day", "too_early", "Not before the first day that the rule names.")


def _audit(db: Db, actor: Actor, series: SessionSeries, now: datetime) -> None:
    audit.record(db, actor, now, Permission.SESSION_MANAGE, of="session_series", id=series.id)
