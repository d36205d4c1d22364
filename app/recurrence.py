"""When something repeats on the clock of a place, by the rules of RFC 5545.

Of its recurrence rules those parts are read that a timetable needs. Every rule that is read names a day at
least once in a few years: dateutil looks for the next day until it finds one, and would look for the 30th of
February until the year 9999.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import takewhile
from typing import Final, Literal, TypeVar
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule, weekday

Frequency = Literal[1, 2, 3]
"""dateutil's numbers for MONTHLY, WEEKLY and DAILY."""

_FREQUENCIES: Final[Mapping[str, Frequency]] = {"DAILY": DAILY, "WEEKLY": WEEKLY, "MONTHLY": MONTHLY}
_LONGEST: Final = {DAILY: 60, WEEKLY: 26, MONTHLY: 6}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK: Final = 7
_LEAST_OF_A_WEEKDAY: Final = 4  # so many of each has every month
_SHAPES: Final = {
    "FREQ": r"[A-Z]+",
    "INTERVAL": r"[0-9]{1,2}",
    "COUNT": r"[0-9]{1,3}",
    "UNTIL": r"[0-9]{8}(T[0-9]{6}Z?)?",
    "BYDAY": r"([+-]?[1-5])?[A-Z]{2}(,([+-]?[1-5])?[A-Z]{2})*",
    "BYMONTHDAY": r"[+-]?[0-9]{1,2}(,[+-]?[0-9]{1,2})*",
    "BYSETPOS": r"[+-]?[0-9]{1,2}(,[+-]?[0-9]{1,2})*",
    "WKST": r"[A-Z]{2}",
}
_Entry = TypeVar("_Entry")


class NotARule(Exception):
    """A rule that is not read here. `reason` is a sentence that quotes nothing of it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that was read. `until` is a day (included), a naive time on the wall, or an aware one in UTC."""

    frequency: Frequency
    interval: int
    count: int | None
    until: date | datetime | None
    weekdays: Sequence[weekday] | None
    month_days: Sequence[int] | None
    positions: Sequence[int] | None
    week_starts_on: int

    def from_start(self, start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """The times on the wall that the rule names, from `start` on, the first first; perhaps for ever.

        `start` itself is among them only if the rule names it.
        """
        named = rrule(
            self.frequency, dtstart=start, interval=self.interval, count=self.count,
            byweekday=self.weekdays, bymonthday=self.month_days, bysetpos=self.positions,
            wkst=self.week_starts_on,
        )  # fmt: skip
        return takewhile(lambda wall: not self._is_over(wall, zone), named)

    def _is_over(self, wall: datetime, zone: ZoneInfo) -> bool:
        until = self.until
        if until is None:
            return False
        if not isinstance(until, datetime):
            return wall.date() > until
        return wall > until if until.tzinfo is None else wall.replace(tzinfo=zone).astimezone(UTC) > until


def read(text: str) -> Recurrence:
    """Read a rule such as `FREQ=WEEKLY;BYDAY=MO,WE,FR`, without the name of its property.

    FREQ is DAILY, WEEKLY or MONTHLY. With it go INTERVAL (at most 60 days, 26 weeks, 6 months), WKST, and
    COUNT or UNTIL. BYDAY numbers its days (`-1FR`) in months only; BYMONTHDAY and BYSETPOS go with months,
    BYSETPOS with weekdays. Raises `NotARule`.
    """
    parts = _parts(text)
    if (frequency := _FREQUENCIES.get(parts.get("FREQ", ""))) is None:
        raise NotARule("FREQ is DAILY, WEEKLY or MONTHLY.")
    interval = _within(parts, "INTERVAL", 1, _LONGEST[frequency]) or 1
    if "COUNT" in parts and "UNTIL" in parts:
        raise NotARule("COUNT and UNTIL exclude each other.")
    rule = Recurrence(
        frequency, interval, _within(parts, "COUNT", 1, 999), _until(parts.get("UNTIL")),
        _listed(parts, "BYDAY", _weekday), _listed(parts, "BYMONTHDAY", _month_day),
        _listed(parts, "BYSETPOS", _position), _DAYS.index(_known_day(parts.get("WKST", "MO"))),
    )  # fmt: skip
    _require_days(rule)
    return rule


def slots(
    rule: Recurrence | None, start: datetime, zone: ZoneInfo, first: date, last: date
) -> list[datetime]:
    """The times on the wall from the day `first` to the day `last`. Without a rule there is only `start`.

    A time that the clocks jump over is among them, and one that they show twice is there once: which moment
    either is, says `ladders.wall.moment_of`.
    """
    until_last = takewhile(lambda wall: wall.date() <= last, _named(rule, start, zone))
    return [wall for wall in until_last if wall.date() >= first]


def first_slot(rule: Recurrence | None, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The first time on the wall; None when the rule ends before it."""
    return next(_named(rule, start, zone), None)


def goes_on_after(rule: Recurrence | None, start: datetime, zone: ZoneInfo, day: date) -> bool:
    """Whether there are any later than on this day."""
    return any(wall.date() > day for wall in _named(rule, start, zone))


def _named(rule: Recurrence | None, start: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    return iter([start]) if rule is None else rule.from_start(start, zone)


def _parts(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in _SHAPES:
            raise NotARule(f"Its parts are {', '.join(_SHAPES)}, each as NAME=VALUE, with ; between them.")
        if name in found:
            raise NotARule(f"{name} stands there twice.")
        if not re.fullmatch(_SHAPES[name], value, re.ASCII):
            raise _malformed(name)
        found[name] = value
    return found


def _malformed(name: str) -> NotARule:
    return NotARule(f"{name} has no form that is read here.")


def _within(parts: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    if name not in parts:
        return None
    number = int(parts[name])
    if not least <= number <= most:
        raise NotARule(f"{name} is from {least} to {most} here.")
    return number


def _listed(parts: Mapping[str, str], name: str, entry: Callable[[str], _Entry]) -> Sequence[_Entry] | None:
    return [entry(each) for each in parts[name].split(",")] if name in parts else None


def _until(text: str | None) -> date | datetime | None:
    if text is None:
        return None
    try:
        if "T" not in text:
            return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a day on the wall
        moment = datetime.strptime(text.removesuffix("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - UTC below, if it is
    except ValueError:
        raise _malformed("UNTIL") from None
    return moment.replace(tzinfo=UTC) if text.endswith("Z") else moment


def _weekday(text: str) -> weekday:
    day = weekday(_DAYS.index(_known_day(text[-2:])))
    return day(int(text[:-2])) if text[:-2] else day


def _known_day(text: str) -> str:
    if text not in _DAYS:
        raise NotARule(f"Days are {', '.join(_DAYS)}.")
    return text


def _month_day(text: str) -> int:
    if not 1 <= abs(int(text)) <= 31:
        raise NotARule("BYMONTHDAY is from 1 to 31, or from -1 to -31.")
    return int(text)


def _position(text: str) -> int:
    if int(text) == 0:
        raise NotARule("BYSETPOS is not 0.")
    return int(text)


def _require_days(rule: Recurrence) -> None:
    """Refuse what names no day, or none for long."""
    weekdays, numbered = rule.weekdays or (), {each.n is not None for each in rule.weekdays or ()}
    if rule.frequency != MONTHLY and (True in numbered or rule.month_days or rule.positions):
        raise NotARule("Only FREQ=MONTHLY has numbered days, BYMONTHDAY and BYSETPOS.")
    if rule.frequency == DAILY and weekdays and rule.interval % _WEEK == 0:
        raise NotARule("Whole weeks of days always fall on the same weekday; use FREQ=WEEKLY.")
    if len(numbered) > 1:
        raise NotARule("BYDAY numbers all of its days or none.")
    if weekdays and rule.month_days:
        raise NotARule("BYDAY and BYMONTHDAY exclude each other here.")
    most = 0 if True in numbered else _LEAST_OF_A_WEEKDAY * len({each.weekday for each in weekdays})
    if any(abs(position) > most for position in rule.positions or ()):
        raise NotARule("BYSETPOS counts weekdays of BYDAY, as many as every month has.")
