"""What somebody's part in a session comes to: from when they came and went, and from what the program says.

Pure decisions; every moment is aware. The numbers without a source are design choices [D].
"""

from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal, NamedTuple

from app.treatment.minutes import Span, cut, length, present
from app.treatment.policy import AttendancePolicy

Status = Literal[
    "expected", "arrived", "late", "left_early", "attended", "excused", "unexcused", "made_up", "cancelled"
]
ATTENDED: Final[frozenset[str]] = frozenset({"arrived", "attended", "late", "left_early"})
"""Somebody was, or is, there."""
MISSED: Final[frozenset[str]] = frozenset({"excused", "unexcused"})
"""Somebody was not there, or said that they will not be. Another session may make up for it."""

GATHERINGS: Final[frozenset[str]] = frozenset({"group", "multifamily", "workshop", "expressive"})
"""Kinds of session that a guest may join: an individual hour is one person's, whatever room there is."""
FURTHEST_AHEAD: Final = timedelta(minutes=15)
"""How far another clock may be ahead of ours before it is not believed."""
LATEST_BEHIND: Final = timedelta(hours=24)
"""How long after its end a session still takes an arrival that a phone could not send before."""
AROUND: Final = timedelta(hours=4)
"""How far outside of a session somebody may have come or gone: what lies further off is a slip of the pen."""
ENOUGH: Final = 2
"""A make-up makes up when it lasted at least one part in so many of what was missed."""


class State(NamedTuple):
    """What is known of one patient in one session: when they came and went, and the minutes in between that
    lie within it. Somebody who is still there has none yet. `away` are the times for which they were gone and
    came back, in order and apart from each other."""

    status: Status
    arrived_at: datetime | None = None
    left_at: datetime | None = None
    minutes: int = 0
    away: tuple[Span, ...] = ()


def was_there(
    span: Span, policy: AttendancePolicy, arrived_at: datetime, left_at: datetime | None, now: datetime,
    away: tuple[Span, ...] = (),
) -> State:  # fmt: skip
    """Of somebody who came. Until the session is over they are there, unless it is known when they left; then
    who never said so was there to its end.

    Who came late and left early has left early: that they came late is to be seen in the time.
    """
    arrived_at = arrived_at.astimezone(UTC)
    if left_at is None:
        if now < span.end:
            return State("arrived", arrived_at, away=away)
        left_at = span.end
    left_at = left_at.astimezone(UTC)
    minutes = present(span, arrived_at, left_at, away)
    return State(_how(span, policy, arrived_at, left_at), arrived_at, left_at, minutes, away)


def sent_home(span: Span, arrived_at: datetime, now: datetime, away: tuple[Span, ...] = ()) -> State:
    """Of somebody who is in the room of a session that the program breaks off: nobody left early."""
    left_at = max(arrived_at, min(now, span.end))
    return State("attended", arrived_at, left_at, present(span, arrived_at, left_at, away), away)


def no_show_at(span: Span, policy: AttendancePolicy) -> datetime:
    """From when on who has not come is missing: after the grace period, at the end at the latest."""
    return min(span.start + timedelta(minutes=policy.no_show_after_minutes), span.end)


def opens_at(span: Span, policy: AttendancePolicy) -> datetime:
    """From when on arrivals are taken."""
    return span.start - timedelta(minutes=policy.arrival_opens_minutes)


def is_late(span: Span, policy: AttendancePolicy, arrived_at: datetime) -> bool:
    """Whether somebody came later than the program calls in time."""
    return cut(arrived_at) - cut(span.start) > timedelta(minutes=policy.late_after_minutes)


def believed(
    span: Span, policy: AttendancePolicy, occurred_at: datetime, received_at: datetime
) -> datetime | None:
    """When somebody came who says so, knowing the code of the room; None when nobody can have come then.

    A phone without a network says it later: the code proves that they were there, and so the time that the
    phone kept is believed if it lies between the opening and the end. A clock that is ahead of ours, or says
    a time at which the door was shut, is not: then they came when we heard of it, if that is possible.
    """
    if received_at > span.end + LATEST_BEHIND:
        return None
    opens = opens_at(span, policy)
    if opens <= occurred_at < span.end and occurred_at <= received_at + FURTHEST_AHEAD:
        return min(occurred_at, received_at) if received_at >= opens else None
    return received_at if opens <= received_at < span.end else None


def is_enough(missed: Span, minutes: int) -> bool:
    """Whether so many minutes in another session make up for a missed one."""
    return minutes > 0 and minutes * ENOUGH >= length([missed])


def may_make_up(missed: Span, other: Span) -> bool:
    """Whether somebody who stays for the whole of the other session has made up for the missed one."""
    return is_enough(missed, length([other]))


def last_make_up_day(missed_on: date, policy: AttendancePolicy) -> date:
    """The last day of a session that may make up for one on that day, each where it takes place."""
    return missed_on + timedelta(days=policy.make_up_days)


def _how(span: Span, policy: AttendancePolicy, arrived_at: datetime, left_at: datetime) -> Status:
    if cut(span.end) - cut(left_at) > timedelta(minutes=policy.left_early_minutes):
        return "left_early"
    return "late" if is_late(span, policy, arrived_at) else "attended"
