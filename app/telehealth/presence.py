"""When somebody was in a meeting, and what that comes to in a session.

The same events give the same, in whatever order they came, however late and however often. The numbers
without a source are design choices [D].
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, NamedTuple

from app.telehealth.told import Kind
from app.treatment.attendance import State, opens_at, was_there
from app.treatment.minutes import Span, cut, present
from app.treatment.policy import AttendancePolicy

LONGEST: Final = timedelta(hours=12)
"""How long somebody is taken to be in a meeting whose leaving nobody tells: the longest session [D]."""
LINGERS: Final = timedelta(minutes=15)
"""How long after the end of a session somebody may leave whose coming nobody has told [D]."""


class Event(NamedTuple):
    """One event: in which meeting, and of which connection; `ended` is of all."""

    kind: Kind
    at: datetime
    meeting: str
    connection: str = ""


class Stay(NamedTuple):
    """From when until when one connection was in a meeting. `start` is None where nobody told of the coming,
    `end` where nobody has told of the leaving."""

    start: datetime | None
    end: datetime | None


class _Times(NamedTuple):
    start: datetime
    end: datetime
    is_open: bool


def stays(events: Iterable[Event]) -> Sequence[Stay]:
    """The stays of all connections that these events tell of, in no order."""
    connections: dict[tuple[str, str], dict[datetime, set[Kind]]] = defaultdict(lambda: defaultdict(set))
    ended: dict[str, set[datetime]] = defaultdict(set)
    for event in events:
        if event.kind == "ended":
            ended[event.meeting].add(event.at)
        elif event.kind in {"joined", "left"}:
            connections[event.meeting, event.connection][event.at].add(event.kind)
    found: list[Stay] = []
    for (meeting, _), moments in connections.items():
        for at in ended[meeting]:
            moments[at].add("ended")
        found += _of_connection(moments)
    return found


def _of_connection(moments: dict[datetime, set[Kind]]) -> Iterator[Stay]:
    """Who leaves and comes in the same moment stays where they are."""
    since: datetime | None = None
    was_seen = False
    for at in sorted(moments):
        came, left = "joined" in moments[at], "left" in moments[at]
        went = left or "ended" in moments[at]
        if came and not went:
            since, was_seen = since or at, True
        elif went and not came and since is not None:
            yield Stay(since, at)
            since = None
        elif left and not came and not was_seen:
            yield Stay(None, at)
    if since is not None:
        yield Stay(since, None)


def state(
    span: Span, policy: AttendancePolicy, found: Iterable[Stay], now: datetime,
    arrived_at: datetime | None = None,
) -> State | None:  # fmt: skip
    """What these stays come to in a session: the time of all of them together. None when it is nothing.

    Whoever is merely still there from before the doors opened, and goes soon, has not come to it.
    `arrived_at` is when the person said that they are in the room: from then on they were, until the platform
    tells of them.
    """
    times = _joined_up(each for stay in found if (each := _within(span, policy, stay, now)) is not None)
    if not times:
        return None
    if arrived_at is not None:
        times = _joined_up([*times, *_in_the_room(span, times, arrived_at)])
    away = tuple(Span(one.end, other.start) for one, other in pairwise(times))
    first, last = times[0].start, times[-1]
    left_at = None if last.is_open else last.end
    was_seen_going = any(each.start == each.end for each in times)
    if left_at is not None and not was_seen_going and not present(span, first, left_at, away):
        return None
    return was_there(span, policy, first, left_at, now, away)


def looks_again_at(span: Span, policy: AttendancePolicy) -> datetime:
    """When whoever is still there from before has come to a session."""
    return span.start + timedelta(minutes=policy.late_after_minutes)


def _within(span: Span, policy: AttendancePolicy, stay: Stay, now: datetime) -> _Times | None:
    """The part of a stay that lies between the opening of the doors and the end of the session."""
    opens = opens_at(span, policy)
    if stay.start is None:
        assert stay.end is not None
        at = min(stay.end, span.end)
        return _Times(at, at, is_open=False) if opens <= stay.end <= span.end + LINGERS else None
    end = stay.start + LONGEST if stay.end is None else stay.end
    if stay.start >= span.end or end <= opens or stay.start > now:
        return None
    until = end if stay.end is not None else min(now, end)
    if stay.start < opens and cut(until) < cut(looks_again_at(span, policy)):
        return None
    is_open = stay.end is None and (now < end or end >= span.end)
    return _Times(max(stay.start, opens), min(end, span.end), is_open)


def _in_the_room(span: Span, times: Sequence[_Times], arrived_at: datetime) -> Iterator[_Times]:
    """From when somebody said that they have come until the platform tells of them again."""
    if any(each.start <= arrived_at and (each.is_open or arrived_at <= each.end) for each in times):
        return
    later = [each.start for each in times if each.start > arrived_at]
    yield (
        _Times(arrived_at, min(later), is_open=False) if later else _Times(arrived_at, span.end, is_open=True)
    )


def _joined_up(times: Iterable[_Times]) -> list[_Times]:
    """The same time, apart from each other, the first first."""
    joined: list[_Times] = []
    for each in sorted(times):
        if joined and each.start <= joined[-1].end:
            last = joined[-1]
            joined[-1] = _Times(last.start, max(last.end, each.end), last.is_open or each.is_open)
        else:
            joined.append(each)
    return joined
