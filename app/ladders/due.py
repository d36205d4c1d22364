"""By when an alert must be answered."""

from datetime import UTC, datetime, time, timedelta

from app.ladders.calendar import WorkCalendar
from app.ladders.wall import moment_of
from app.rules.rule import Severity

END_OF_WORK = time(17)
_MINUTES = {Severity.CRITICAL: 15, Severity.URGENT: 60, Severity.HIGH: 24 * 60}


def due_at(
    severity: Severity,
    opened_at: datetime,
    calendar: WorkCalendar,
    answer_within_minutes: int | None = None,
) -> datetime:
    """When an alert must be answered, in UTC.

    The rule's own minutes come first; minutes run also at night and on holidays. Routine is due at 17:00 on
    the calendar's next working day.
    """
    minutes = answer_within_minutes or _MINUTES.get(severity)
    if minutes is not None:
        return opened_at.astimezone(UTC) + timedelta(minutes=minutes)
    opened_on = opened_at.astimezone(calendar.time_zone).date()
    return moment_of(calendar.working_day_after(opened_on), END_OF_WORK, calendar.time_zone)
