"""Give out the places of a series, keep its waiting list, and move up whoever is next."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, Unacceptable
from app.models import SeriesPlace, SessionSeries
from app.queries import absences, audit, idempotency, treatment_sessions
from app.queries import series_places as stored
from app.queries import session_series as stored_series
from app.queries.series_places import Ordered, Standing
from app.treatment.attendance import GATHERINGS

_ONE_DAY: Final = timedelta(days=1)
# So that the order in which the places were asked for is that of the lock, whatever the clocks say.
_NEXT: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Draft:
    """A place that a patient asks for, or that is asked for them."""

    id: UUID
    patient_id: UUID


async def ask(db: Db, actor: Actor, series_id: UUID, draft: Draft, now: datetime) -> Ordered:
    """Give a patient, whom the actor sees, a place while there is room, else one in the waiting list.

    Who has one or waits keeps what they have. Of many who ask at once each waits for the one before: the row
    of the series is locked first. Raises `NotFound`; `Conflict` for a series without places, one that is
    over, what only staff give out, and an id in use; `Unacceptable` for who is not in its program.
    """
    series = await stored_series.to_change(db, actor, series_id)
    if series.audience != "places":
        raise Conflict("no_places", "Everybody of the program is expected in these sessions.")
    if actor.role is Role.PATIENT and series.kind not in GATHERINGS:
        raise Conflict("given_by_staff", "Your care team gives the places in these sessions; ask them.")
    if had := await stored.held(db, actor, series_id, patient_id=draft.patient_id):
        return had[0]
    if series.extend_at is None:
        raise Conflict("series_over", "No more sessions of this series are to come.")
    if await _has_begun_its_last(db, series, now):
        raise Conflict("series_over", "No more sessions of this series are to come.")
    standing = await stored.standing(db, series, draft.patient_id)
    if not standing.has_stay:
        raise Unacceptable.at("/patient_id", "not_in_program", "Is not in the program of these sessions now.")
    if standing.gone:
        await fill(db, actor, series, now)
        standing = await stored.standing(db, series, draft.patient_id)
    return await _add(db, actor, series, draft, standing, now)


async def leave(db: Db, actor: Actor, series_id: UUID, place_id: UUID, now: datetime) -> None:
    """Give a place back, or wait no more; whoever is next moves up. Raises `NotFound`.

    In a session that has begun today the patient stays expected.
    """
    series = await stored_series.to_change(db, actor, series_id)
    place = await stored.to_leave(db, actor, series_id, place_id)
    place.status, place.left_on = "left", await _first_day(db, series, now)
    await db.flush()
    absences.look_again(db, place.patient_id, now)
    _audit(db, actor, place.id, place.patient_id, now)
    await fill(db, actor, series, now)


async def fill(db: Db, actor: Actor | None, series: SessionSeries, now: datetime) -> None:
    """Let go of the places of those whose stay is over, and give what is free to those who wait.

    The caller holds the series. `actor` None is the system.
    """
    day = await _first_day(db, series, now)
    await stored.release(db, series, day)
    for place_id, patient_id in await stored.move_up(db, series, day, now):
        absences.look_again(db, patient_id, now)
        if actor is not None:
            _audit(db, actor, place_id, patient_id, now)


async def _add(
    db: Db, actor: Actor, series: SessionSeries, draft: Draft, standing: Standing, now: datetime
) -> Ordered:
    is_placed = series.capacity is None or standing.placed < series.capacity
    last = standing.last_asked_at
    place = SeriesPlace(
        organization_id=db.organization_id, id=draft.id, series_id=series.id, patient_id=draft.patient_id,
        status="placed" if is_placed else "waiting", first_day=await _first_day(db, series, now),
        left_on=None, asked_at=now if last is None else max(now, last + _NEXT), asked_by=actor.id,
        placed_at=now if is_placed else None,
    )  # fmt: skip
    await idempotency.add_new(db, place)
    if is_placed:
        absences.look_again(db, draft.patient_id, now)
    _audit(db, actor, draft.id, draft.patient_id, now)
    return Ordered(place, None if is_placed else standing.waiting + 1)


async def _has_begun_its_last(db: Db, series: SessionSeries, now: datetime) -> bool:
    """Whether no session of it is to come that somebody new could be expected in."""
    all_are_rows = series.last_day is not None and series.last_day <= series.planned_until
    if series.recurrence is not None and not all_are_rows:
        return False
    first_day = await _first_day(db, series, now)
    return not await treatment_sessions.has_more_from(db, series.id, first_day)


async def _first_day(db: Db, series: SessionSeries, now: datetime) -> date:
    """The first day on which no session of the series has begun: who comes or goes now does so from then."""
    today = now.astimezone(ZoneInfo(series.time_zone)).date()
    return today + _ONE_DAY if await treatment_sessions.has_begun_on(db, series.id, today, now) else today


def _audit(db: Db, actor: Actor, place_id: UUID, patient_id: UUID, now: datetime) -> None:
    audit.record(db, actor, now, Permission.PLACE_TAKE, of="series_place", id=place_id, patient_id=patient_id)
