"""Make rows of the sessions that a series says there are, some months ahead."""

import secrets
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app import recurrence
from app.database import Db
from app.ladders.wall import moment_of
from app.models import SessionSeries
from app.queries import session_series, treatment_sessions
from app.queries.treatment_sessions import Planned
from app.recurrence import Recurrence
from app.treatment.attendance import no_show_at
from app.treatment.minutes import Span
from app.treatment.policy import AttendancePolicy

AHEAD: Final = timedelta(weeks=26)
"""How far ahead sessions are rows. A design choice [D]: a step of treatment lasts weeks to months."""
LOOK_AGAIN: Final = timedelta(days=1)
"""How often a series is looked at that has sessions to come: for further ones, and for free places."""


def outlook(series: SessionSeries, now: datetime) -> tuple[date, datetime | None]:
    """Up to which day the sessions of a series are to be rows, and when to look again; None when there will
    be no more to do."""
    today = now.astimezone(ZoneInfo(series.time_zone)).date()
    until = today + AHEAD
    if series.recurrence is None:  # a single one is there at once, however far ahead
        until = max(until, series.starts_local.date())
    goes_on = series.last_day is None or series.last_day > until
    goes_on = goes_on and recurrence.goes_on_after(*_rule(series), until)
    has_places = series.audience == "places" and bool(slots(series, today, until))
    return until, now + LOOK_AGAIN if goes_on or has_places else None


def first_slot(series: SessionSeries) -> datetime | None:
    """When on the wall the first session begins, whatever its last day. Raises `recurrence.NotARule`."""
    return recurrence.first_slot(*_rule(series))


def slots(series: SessionSeries, first: date, last: date) -> list[datetime]:
    """When on the wall the sessions of these days begin. Raises `recurrence.NotARule`."""
    if series.last_day is not None:
        last = min(last, series.last_day)
    return recurrence.slots(*_rule(series), first, last)


async def plan(
    db: Db, series: SessionSeries, first: date, until: date, now: datetime, *, only_coming: bool = False
) -> None:
    """Make rows of the sessions of these days that are none yet, perhaps only of those that are to come.

    The caller holds the series.
    """
    policy = await session_series.policy_in(db, series.program_id)
    found = [_planned(series, slot, policy, now) for slot in slots(series, first, until)]
    found = [each for each in found if not only_coming or each.starts_at > now]
    await treatment_sessions.plan(db, series.id, found, now)


def reckon_at(
    starts_at: datetime, ends_at: datetime, policy: AttendancePolicy, now: datetime
) -> datetime | None:
    """When whoever has not come is missing. Nobody has missed what was over before it was known; in what has
    begun already people get their grace from now on."""
    return None if ends_at <= now else no_show_at(Span(max(starts_at, now), ends_at), policy)


def _rule(series: SessionSeries) -> tuple[Recurrence | None, datetime, ZoneInfo]:
    rule = None if series.recurrence is None else recurrence.read(series.recurrence)
    return rule, series.starts_local, ZoneInfo(series.time_zone)


def _planned(series: SessionSeries, slot: datetime, policy: AttendancePolicy, now: datetime) -> Planned:
    zone = ZoneInfo(series.time_zone)
    starts_at = moment_of(slot.date(), slot.time(), zone)
    ends_at = starts_at + timedelta(minutes=series.minutes)
    return Planned(
        uuid7(), slot, starts_at, ends_at, starts_at.astimezone(zone).date(), new_code(),
        reckon_at(starts_at, ends_at, policy, now),
    )  # fmt: skip


def new_code() -> str:
    """A code of six digits, to be shown in the room."""
    return f"{secrets.randbelow(10**6):06}"
