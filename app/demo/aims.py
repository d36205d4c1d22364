"""What the demonstration's patients want to reach: agreed, on the way, behind, achieved, or still a draft."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.goals.examples import daily_meditation, job_training, twelve_meetings
from app.goals.terms import Measure, Terms


@dataclass(frozen=True, slots=True)
class Aim:
    """One goal of a patient, which starts so many days ago. `done` says what they noted on which of its days,
    counted from 0; `is_overdue`: the last review did not take place.
    `status` is how it stood when it was looked at before yesterday."""

    patient: str
    terms: Callable[[date], Terms]
    days_ago: int
    done: Mapping[int, float]
    signed: tuple[str, ...] = ("patient", "counselor")
    is_overdue: bool = False
    status: str = "on_track"

    @property
    def is_agreed(self) -> bool:
        """Whether both have signed."""
        return len(self.signed) == 2


def _draft(starts_on: date) -> Terms:
    """Begun, and not thought through yet."""
    return Terms(
        area="family", statement="Llamar a mi hija", measure=Measure(unit="llamadas", direction="increase"),
        confidence=5, starts_on=starts_on,
    )  # fmt: skip


def _daily(days: int, *without: int) -> Mapping[int, float]:
    return {day: 1.0 for day in range(days) if day not in without}


AIMS: Final[Sequence[Aim]] = (
    Aim("ana", twelve_meetings, 13, {}),
    Aim("elena", daily_meditation, 16, _daily(16, 4, 9)),
    Aim("jonas", daily_meditation, 15, _daily(10, 3, 5, 6, 8)),
    Aim("priya", job_training, 33, {3: 6, 9: 6, 16: 6, 23: 4, 30: 5}, is_overdue=True),
    Aim("simon", job_training, 52, {4: 8, 11: 8, 18: 8, 25: 8, 40: 8}, status="achieved"),
    Aim("carmen", _draft, 1, {}, signed=()),
    Aim("gloria", daily_meditation, 0, {}, signed=("patient",)),
    Aim("aiden", daily_meditation, 9, _daily(9, 5)),
    Aim("ivan", twelve_meetings, 10, {}),
    Aim("alma", job_training, 21, {2: 5, 9: 5, 17: 6}),
)
"""Elena is on the way, Jonas behind, Simon there; Priya's review is overdue. What Ana and Ivan count is read
from their check-ins. Carmen's lacks a good deal, and under Gloria's there is one signature."""
