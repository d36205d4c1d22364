"""A session of today that is under way when the demonstration is opened, whatever day and hour it is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.demo.sittings import Sitting
from app.demo.timetable import Held

_BEGAN: Final = timedelta(minutes=20)
_LASTS, _AT_LEAST = timedelta(minutes=90), timedelta(minutes=15)
_STEP, _MEMBERS, _KEY = 5, 8, "-extra"
_EXTRA: Final[Mapping[str, tuple[str, str, str]]] = {
    "evening": ("Extra group: coping with cravings", "clara", "Room 3"),
    "adolescents": ("Extra group: getting through the week", "noor", "Hall"),
    "day": ("Extra group: coping with cravings", "dmitri", "Room B"),
}


def group_now(
    program: str, members: Sequence[str], others: Iterable[Sitting], now: datetime, zone: ZoneInfo
) -> Held | None:
    """A group for the first of the `members`, which began some twenty minutes ago and has an hour to go, but
    after the last of the others and before the next of them. None when one of these is under way anyhow, or
    there is no time between two."""
    begins = (now - _BEGAN).replace(minute=(now - _BEGAN).minute // _STEP * _STEP, second=0, microsecond=0)
    ends = begins + _LASTS
    for start, end in (other.span for other in others):
        if start <= now < end:
            return None
        if start < ends and begins < end:
            begins, ends = (max(begins, end), ends) if end <= now else (begins, min(ends, start))
    if ends - begins < _AT_LEAST:
        return None
    wall = begins.astimezone(zone)
    title, facilitator, room = _EXTRA[program]
    minutes = (ends - begins) // timedelta(minutes=1)
    return Held(
        f"{program}{_KEY}", program, "group", title, "", wall.time(), minutes, (facilitator,), room, 12,
        tuple(members[:_MEMBERS]), first_day=wall.date(),
    )  # fmt: skip


def is_missing(held: Held, patient: str) -> bool:
    """Whether this is the running group, and one of the two who have not come to it yet."""
    return held.key.endswith(_KEY) and patient in {held.places[0], held.places[-1]}
