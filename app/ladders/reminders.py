"""When a patient's phone reminds of the check-in: known days ahead, so that it can do so offline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.ladders.calendar import ProgramCalendar
from app.ladders.wall import moment_of

Leave = tuple[datetime, datetime | None]
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reminder:
    """The phone reminds at `at` (UTC) of the check-in of the local `day`.

    `missed_days` days before it, on which one was asked for, will have passed without a check-in since the
    last one if nothing more comes.
    """

    at: datetime
    day: date
    missed_days: int


def upcoming(
    now: datetime,
    zone: ZoneInfo,
    calendar: ProgramCalendar,
    *,
    starts_on: date,
    ends_on: date | None,
    leaves: Sequence[Leave],
    last_check_in_day: date | None,
    days: int = 7,
) -> list[Reminder]:
    """The reminders of today and the days after it, `days` in all, that are still to come at `now`.

    `zone` is the patient's, `ends_on` is the last day of the enrollment, and a leave lasts until before its
    second moment or has no end yet. The moment of the reminder decides whether a day falls into a leave:
    whoever is back by then is reminded.
    """
    if calendar.remind_at is None:
        return []
    today = now.astimezone(zone).date()
    first = starts_on if last_check_in_day is None else max(starts_on, last_check_in_day + _DAY)
    last = today + (days - 1) * _DAY
    asked = _asked(first, last if ends_on is None else min(last, ends_on), zone, calendar, leaves)
    return [Reminder(at, day, missed) for missed, (day, at) in enumerate(asked) if at >= now]


def _asked(
    first: date, last: date, zone: ZoneInfo, calendar: ProgramCalendar, leaves: Sequence[Leave]
) -> list[tuple[date, datetime]]:
    """The days from `first` to `last` on which a check-in is asked for, with the moment of its reminder."""
    at = calendar.remind_at or time()
    days = (first + ahead * _DAY for ahead in range((last - first).days + 1))
    asked = ((day, moment_of(day, at, zone)) for day in days if day.weekday() in calendar.check_in_days)
    return [(day, moment) for day, moment in asked if not _on_leave(moment, leaves)]


def _on_leave(moment: datetime, leaves: Sequence[Leave]) -> bool:
    return any(start <= moment and (end is None or moment < end) for start, end in leaves)
