"""Wall clocks: what time a moment is where people live, over every change of their clocks."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

_HOUR_AND_MINUTE = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_YEAR_MONTH_DAY = r"^20[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_SECOND = timedelta(seconds=1)
# No zone has changed its clocks there and back within so short a time since 1970.
_STRIDE = timedelta(hours=12)


def _time_of_day(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(_HOUR_AND_MINUTE, value):
        return time.fromisoformat(value)
    if isinstance(value, time) and value == time(value.hour, value.minute):
        return value
    raise PydanticCustomError("time_of_day", "not a time of day, like 20:00")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _HOUR_AND_MINUTE, "examples": ["20:00"]}),
]
"""Hour and minute on a wall, without a zone; `20:00` in JSON."""


def _day(value: object) -> object:
    # pydantic would take a number of seconds for a day, too.
    if isinstance(value, str) and re.fullmatch(_YEAR_MONTH_DAY, value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise PydanticCustomError("day", "not a day")


Day = Annotated[
    date,
    BeforeValidator(_day),
    WithJsonSchema(
        {"type": "string", "format": "date", "pattern": _YEAR_MONTH_DAY, "examples": ["2026-12-24"]}
    ),
]
"""A calendar day; `2026-12-24` in JSON."""

Weekday = Annotated[int, Field(strict=True, ge=0, le=6, description="0 is Monday, 6 is Sunday")]


def moment_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clocks in `zone` show `at` on `day`, in UTC.

    Shown twice, it is the first; never shown because the clocks are put forward, it is as long after the
    change as it lies after the last time that was shown (02:30 becomes 03:30).
    """
    return datetime.combine(day, at, zone).astimezone(UTC)


def first_change(zone: ZoneInfo, after: datetime, until: datetime) -> datetime | None:
    """The first moment in (`after`, `until`] at which the clocks in `zone` are changed, in UTC."""
    # Clocks change on whole seconds.
    low, end = after.astimezone(UTC).replace(microsecond=0), until.astimezone(UTC).replace(microsecond=0)
    offset = low.astimezone(zone).utcoffset()
    while low < end:
        high = min(low + _STRIDE, end)
        if high.astimezone(zone).utcoffset() != offset:
            return _bisected(zone, low, high)
        low = high
    return None


def _bisected(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    offset = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high
