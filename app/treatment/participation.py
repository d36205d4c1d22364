"""Who takes part: who is missing from a running session, and how much of what was planned took place."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from app.treatment.attendance import ATTENDED
from app.treatment.engagement import Share
from app.treatment.minutes import common, length
from app.treatment.week import Part, times

_EXCUSED: Final = frozenset({"excused", "made_up"})


class Turnout(NamedTuple):
    """How many are to come to a session, and how many of them are there, excused, and missing."""

    expected: int
    present: int
    excused: int
    missing: int


def is_running(part: Part, now: datetime) -> bool:
    """Whether its session is, and was not cancelled."""
    return part.counts and part.span.start <= now < part.span.end


def is_missing(part: Part, now: datetime) -> bool:
    """Whether somebody is expected in a session that is running, is not excused, and has not come."""
    return is_running(part, now) and part.status not in ATTENDED | _EXCUSED


def turnout(parts: Iterable[Part], now: datetime) -> Turnout:
    """Of the parts in one session. Who has left is neither there nor missing."""
    counted = [part for part in parts if part.counts]
    return Turnout(
        len(counted),
        sum(part.status in ATTENDED and (part.left_at is None or part.left_at > now) for part in counted),
        sum(part.status in _EXCUSED for part in counted),
        sum(is_missing(part, now) for part in counted),
    )


def minutes(parts: Sequence[Part], now: datetime) -> Share:
    """Of one patient's sessions that are over: minutes that were scheduled, and those of them attended.

    What was made up for is not held against anybody: the make-up itself is among them.
    """
    over = [part for part in parts if part.span.end <= now and part.status != "made_up"]
    found = times(over, now)
    return Share(length(found.scheduled), length(common(found.attended, found.scheduled)))
