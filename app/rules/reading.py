"""One value of one signal, and where it came from."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID


class Source(NamedTuple):
    """What a reading came from: `check_in`, `assessment` or `crisis_flag`, its id and its revision."""

    kind: str
    id: UUID
    revision: int = 0


class Reading(NamedTuple):
    """One value of `signal`: a number (booleans are 0.0 and 1.0) or the code of a choice.

    `at` is when it was lived and `day` the person's own date then; `received_at` is when we got it. Both
    moments are aware and in UTC: two times of one zone with summer time would be compared by their wall
    clocks.

    A named tuple, because a request makes some 150 of these: frozen, without a `__dict__`, and made in a
    third of the time of a frozen dataclass.
    """

    signal: str
    value: float | str
    at: datetime
    day: date
    received_at: datetime
    source: Source
