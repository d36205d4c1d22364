"""How often a program asks for a questionnaire, and which ones a patient owes today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from app.ladders.reminders import Leave
from app.ladders.wall import moment_of


class InstrumentCadence(BaseModel):
    """One instrument, and how often it is asked."""

    model_config = ConfigDict(
        title="Cadence", frozen=True, extra="forbid", strict=True, hide_input_in_errors=True
    )

    instrument: Annotated[
        str,
        Field(
            title="Instrument", description="Its code", pattern=r"^[a-z][a-z0-9-]{0,63}$", examples=["phq-9"]
        ),
    ]
    every_days: Annotated[
        int, Field(title="Every so many days", description="From the day it was last taken", ge=1, le=90)
    ]


WEEKLY: Final = tuple(InstrumentCadence(instrument=code, every_days=7) for code in ("phq-9", "gad-7"))
"""What a new program asks for, as the source article does. A clinical lead may ask less often: both ask about
the last two weeks."""


@dataclass(frozen=True)
class DueInstrument:
    """An instrument that was to be taken on the local day `due_on`, `overdue_days` before today."""

    instrument: str
    due_on: date
    overdue_days: int


def due_instruments(
    cadence: Sequence[InstrumentCadence],
    now: datetime,
    zone: ZoneInfo,
    *,
    starts_on: date,
    ends_on: date | None,
    leaves: Sequence[Leave],
    last_taken: Mapping[str, date],
) -> list[DueInstrument]:
    """What a patient owes today, in the order of the cadence.

    Each is due on the first day of the stay and then so many days after it was last taken, but on no day that
    begins in a leave: then on the day they are back. On a leave and outside of the stay nothing is due.
    `zone` is the patient's; `ends_on` is the last day of the stay.
    """
    today = now.astimezone(zone).date()
    if today < starts_on or (ends_on is not None and ends_on < today) or is_on_leave(now, leaves):
        return []
    days = {
        each.instrument: _after_leaves(_due_on(each, starts_on, last_taken), leaves, zone) for each in cadence
    }
    return [DueInstrument(code, on, (today - on).days) for code, on in days.items() if on <= today]


def is_on_leave(moment: datetime, leaves: Iterable[Leave]) -> bool:
    """Whether the moment lies in one of the leaves; a leave lasts until before its second moment."""
    return any(start <= moment and (end is None or moment < end) for start, end in leaves)


def _due_on(cadence: InstrumentCadence, starts_on: date, last_taken: Mapping[str, date]) -> date:
    last = last_taken.get(cadence.instrument)
    return starts_on if last is None else max(starts_on, last + timedelta(days=cadence.every_days))


def _after_leaves(day: date, leaves: Sequence[Leave], zone: ZoneInfo) -> date:
    for start, end in sorted(leaves, key=lambda leave: leave[0]):
        if end is not None and start <= moment_of(day, time(), zone) < end:
            day = end.astimezone(zone).date()
    return day
