"""Goals of November 2026, and what was done on which of its days. The 1st is a Sunday."""

from datetime import date
from typing import Any

from app.goals.examples import twelve_meetings
from app.goals.marks import Mark
from app.goals.terms import Measure, Terms

FIRST = date(2026, 11, 1)
DAILY: Any = {"kind": "daily"}
BY_DATE: Any = {"kind": "by_date"}
ONCE: Any = {"kind": "once"}


def weekly(times: int) -> Any:
    return {"kind": "weekly", "times": times}


def day(number: int) -> date:
    """Of November 2026; 31 is the first of December."""
    return date.fromordinal(FIRST.toordinal() + number - 1)


def goal(**changes: Any) -> Terms:
    """Twelve meetings from November 1 to December 1, entered by hand; `measure` changes in part."""
    whole = twelve_meetings(FIRST).model_dump() | {"fed_by": None}
    if isinstance(changes.get("measure"), dict):
        changes["measure"] = whole["measure"] | changes["measure"]
    return Terms.model_validate(whole | changes)


def measure(**members: Any) -> Measure:
    return Measure.model_validate(members)


def done(*days: int, value: float = 1) -> list[Mark]:
    """One entry of this value on each of these days of November."""
    return [Mark(day(each), value, value, 1) for each in days]
