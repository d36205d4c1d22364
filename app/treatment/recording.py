"""What staff write down about somebody in a session: whether that can be, and what it comes to."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

from app.treatment.attendance import AROUND, ATTENDED, FURTHEST_AHEAD, State, opens_at, was_there
from app.treatment.minutes import Span
from app.treatment.policy import AttendancePolicy

Recorded = Literal["attended", "arrived", "late", "left_early", "excused", "unexcused", "cancelled"]
Time = datetime | None | Literal["known"]
"""`known` is the time that is known already; without one, and for None, it is the session's own."""

_LATE_HOW: Final = "Say when they came."
_EARLY_HOW: Final = "Say when they left."


class Said(NamedTuple):
    """What staff say of somebody: that they were there, with the times, or why not.

    Which of `attended`, `arrived`, `late` and `left_early` it was, the times decide.
    """

    status: Recorded
    arrived_at: Time = "known"
    left_at: Time = "known"


class Slip(NamedTuple):
    """Why that cannot be: which member, a code, and a sentence."""

    member: str
    code: str
    message: str


def recorded(
    span: Span, policy: AttendancePolicy, said: Said, known: State, now: datetime
) -> State | Sequence[Slip]:
    """The state that follows, or everything that is wrong with it.

    Whatever was known may be corrected. Nobody has missed a session, or been in it, before there was one.
    Whoever says a time says when somebody came and went: what was known of the time in between is void.
    """
    if said.status not in ATTENDED:
        slips = list(_slips_of_absence(span, said, now))
        return slips or State(said.status)
    arrived_at, left_at = _times(span, said, known, now)
    slips = list(_slips_of_presence(span, policy, said, (arrived_at, left_at), now))
    away = known.away if said.arrived_at == said.left_at == "known" else ()
    return slips or was_there(span, policy, arrived_at, left_at, now, away)


def _times(span: Span, said: Said, known: State, now: datetime) -> tuple[datetime, datetime | None]:
    arrived_at = known.arrived_at if said.arrived_at == "known" else said.arrived_at
    left_at = known.left_at if said.left_at == "known" else said.left_at
    return arrived_at or min(span.start, now), left_at


def _slips_of_absence(span: Span, said: Said, now: datetime) -> Iterator[Slip]:
    for member in ("arrived_at", "left_at"):
        if getattr(said, member) not in {"known", None}:
            yield Slip(member, "not_there", "Who was not there has no times.")
    if said.status == "unexcused" and now < span.start:
        yield Slip("status", "too_early", "Nobody has missed a session before it begins.")


def _slips_of_presence(
    span: Span, policy: AttendancePolicy, said: Said, times: tuple[datetime, datetime | None], now: datetime
) -> Iterator[Slip]:
    arrived_at, left_at = times
    if now < opens_at(span, policy):
        yield Slip("status", "too_early", "Nobody has come to a session before its doors open.")
    if said.status == "late" and arrived_at <= span.start:
        yield Slip("arrived_at", "missing", _LATE_HOW)
    if said.status == "left_early" and (left_at is None or left_at >= span.end):
        yield Slip("left_at", "missing", _EARLY_HOW)
    if not span.start - AROUND <= arrived_at < span.end:
        yield Slip("arrived_at", "not_in_session", "This is not in the time of the session.")
    elif arrived_at > now + FURTHEST_AHEAD:
        yield Slip("arrived_at", "in_the_future", "This is still to come.")
    if left_at is not None:
        yield from _slips_of_leaving(span, arrived_at, left_at, now)


def _slips_of_leaving(span: Span, arrived_at: datetime, left_at: datetime, now: datetime) -> Iterator[Slip]:
    if left_at < arrived_at:
        yield Slip("left_at", "order", "They left before they came.")
    elif not span.start <= left_at <= span.end + AROUND:
        yield Slip("left_at", "not_in_session", "This is not in the time of the session.")
    elif left_at > now + FURTHEST_AHEAD:
        yield Slip("left_at", "in_the_future", "This is still to come.")
