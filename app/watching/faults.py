"""What may be wrong, by name: the operator, the log and the metrics know no other words."""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID


class Fault(StrEnum):
    """One kind of fault. What each means, and what to do, stands in docs/decisions/0017."""

    ALERT_MISSING = "alert_missing"
    TIMER_MISSING = "timer_missing"
    ABSENCE_TIMER_MISSING = "absence_timer_missing"
    SWEEP_STALE = "sweep_stale"
    SWEEP_FAILING = "sweep_failing"
    LADDER_LATE = "ladder_late"
    ABSENCE_LATE = "absence_late"
    PAGES_LATE = "pages_late"
    WEBHOOKS_LATE = "webhooks_late"
    QUEUE_STUCK = "queue_stuck"
    NOBODY_REACHED = "nobody_reached"
    RULES_UNREADABLE = "rules_unreadable"
    SPOOL_WAITING = "spool_waiting"
    SPOOL_PARKED = "spool_parked"
    RECONCILE_FAILED = "reconcile_failed"


class Trouble(NamedTuple):
    """One fault in one place: what it is about tells it from others of its kind, and is told to nobody."""

    fault: Fault
    about: UUID | str | None = None


def counted(troubles: Iterable[Trouble]) -> Mapping[Fault, int]:
    """How many there are of each kind, in the order of the list."""
    numbers = Counter(trouble.fault for trouble in troubles)
    return {fault: numbers[fault] for fault in Fault if numbers[fault]}
