"""Who of the demonstration tells less than they were asked: one away, one silent, one thinning out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.demo.course import Course, Told
from app.ladders.wall import moment_of

ON_LEAVE: Final = "walter"
AWAY_SINCE: Final = timedelta(days=3)
BACK_IN_DAYS: Final = 5

SILENT: Final = "oscar"
LAST_HEARD: Final = timedelta(days=4)

THINNING: Final = "tara"
STILL_TOLD: Final = (9, 7, 5, 3, 1)
"""On which of the last days there is a check-in, in days ago: in a week three of the four that a rule asks
for, and never three days without one."""
_THINS_OUT_FOR: Final = 9


def told_by(key: str, lived: Course, now: datetime, zone: ZoneInfo) -> Course:
    """What there is of somebody's course at `now`: for most people all of it."""
    if key == ON_LEAVE:
        return lived.until(now - AWAY_SINCE)
    if key == SILENT:
        return _ending_with(lived, now - LAST_HEARD)
    if key == THINNING:
        return _thinned(lived, now, zone)
    return lived


def _ending_with(lived: Course, moment: datetime) -> Course:
    before = lived.until(moment)
    filled = replace(before.weekly[-1], at=moment - timedelta(hours=2))
    return Course((*before.check_ins, _again(before.check_ins, moment)), (*before.weekly, filled))


def _thinned(lived: Course, now: datetime, zone: ZoneInfo) -> Course:
    today = now.astimezone(zone).date()
    before = lived.until(moment_of(today - timedelta(days=_THINS_OUT_FOR), time(), zone)).check_ins
    days = (moment_of(today - timedelta(days=ago), time(19), zone) for ago in STILL_TOLD)
    return replace(lived, check_ins=(*before, *_repeated(before, days)))


def _repeated(told: Sequence[Told], moments: Iterable[datetime]) -> Iterable[Told]:
    return (_again(told, moment) for moment in moments)


def _again(told: Sequence[Told], moment: datetime) -> Told:
    """As the last time, at another moment."""
    return replace(told[-1], at=moment, note=None)
