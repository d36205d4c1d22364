"""Who is on call: a weekly rotation with overrides, as a pure function of the moment."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.ladders.wall import Day, TimeOfDay, moment_of

_WEEK = timedelta(weeks=1)

# Two moments of one zone compare by what the clock shows, which is wrong in the hour that it shows twice.
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Rotation(_Frozen):
    """Each member has the pager for one week, in turn."""

    model_config = ConfigDict(title="Weekly rotation")

    starts_on: Day = Field(
        title="Starts on", description="The day of the first hand-over; the others are on the same weekday"
    )
    hand_over: TimeOfDay = Field(title="Hand-over", description="When, in the schedule's time zone")
    members: Annotated[
        tuple[UUID | None, ...],
        Field(
            title="Members",
            description="Staff members in the order of their weeks; null: nobody has that week",
            min_length=1,
            max_length=52,
        ),
    ]


class Override(_Frozen):
    """Somebody else has the pager for a while, or nobody."""

    model_config = ConfigDict(title="Override")

    starts_at: Moment = Field(title="Starts at")
    ends_at: Moment = Field(title="Ends at", description="Not included")
    member: UUID | None = Field(title="Member", description="null: nobody")

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.ends_at <= self.starts_at:
            raise PydanticCustomError("order", "an override ends after it starts")
        return self


@dataclass(frozen=True)
class Schedule:
    """A rotation in its time zone; of overrides that hold at once, the last in the sequence counts."""

    rotation: Rotation
    overrides: Sequence[Override]
    time_zone: ZoneInfo


@dataclass(frozen=True)
class Shift:
    """`member` (or nobody) is on call from `starts_at` until before `ends_at`, both in UTC."""

    member: UUID | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Hole:
    """From `starts_at` until before `ends_at`, in UTC, a page to who is on call would reach nobody.

    Either nobody is on call, or `member` is and has no channel on which to be reached.
    """

    starts_at: datetime
    ends_at: datetime
    reason: Literal["nobody", "not_reachable"]
    member: UUID | None


def on_call(schedule: Schedule, now: datetime) -> Shift | None:
    """The shift that `now` lies in, which ends at the next hand-over or where an override begins or ends.

    `member` is None when the week or the override is nobody's. Before the first hand-over there is no shift,
    unless an override makes one.
    """
    if _override_at(schedule, now) is None and now < _hand_over(schedule, 0):
        return None
    return _shift_at(schedule, now)


def shifts(schedule: Schedule, start: datetime, end: datetime) -> list[Shift]:
    """Who is on call from `start` until before `end`: without gaps, cut at both, one member's shifts in a row
    made one. Where nobody is on call the member is None."""
    found: list[Shift] = []
    for shift in _clipped(schedule, start.astimezone(UTC), end.astimezone(UTC)):
        joins = bool(found) and found[-1].member == shift.member
        starts_at = found.pop().starts_at if joins else shift.starts_at
        found.append(Shift(shift.member, starts_at, shift.ends_at))
    return found


def holes(schedule: Schedule, now: datetime, *, reachable: Collection[UUID], days: int = 14) -> list[Hole]:
    """Where in the coming `days` of 24 hours nobody would be reached, in order.

    `reachable` are the staff members who have a channel on which a page reaches them.
    """
    return [
        Hole(shift.starts_at, shift.ends_at, "not_reachable" if shift.member else "nobody", shift.member)
        for shift in shifts(schedule, now, now.astimezone(UTC) + timedelta(days=days))
        if shift.member is None or shift.member not in reachable
    ]


def _clipped(schedule: Schedule, start: datetime, end: datetime) -> Iterator[Shift]:
    while start < end:
        shift = _shift_at(schedule, start)
        yield Shift(shift.member, start, min(shift.ends_at, end))
        start = shift.ends_at


def _hand_over(schedule: Schedule, week: int) -> datetime:
    """The beginning of this week of the rotation, counted from its first hand-over."""
    rotation = schedule.rotation
    return moment_of(rotation.starts_on + week * _WEEK, rotation.hand_over, schedule.time_zone)


def _week_of(schedule: Schedule, now: datetime) -> int:
    """The week of the rotation that `now` lies in; negative before the first hand-over."""
    # A day late: clocks that are put back over midnight show the day before once more.
    tomorrow = now.astimezone(schedule.time_zone).date() + timedelta(days=1)
    week = (tomorrow - schedule.rotation.starts_on) // _WEEK
    while _hand_over(schedule, week) > now:
        week -= 1
    return week


def _override_at(schedule: Schedule, now: datetime) -> int | None:
    """The place of the override that counts now."""
    return next(
        (
            place
            for place, override in reversed(list(enumerate(schedule.overrides)))
            if override.starts_at <= now < override.ends_at
        ),
        None,
    )


def _shift_at(schedule: Schedule, now: datetime) -> Shift:
    """The shift around `now`: its own interval, cut by the overrides that would count before it."""
    place = _override_at(schedule, now)
    if place is None:
        week = _week_of(schedule, now)
        members = schedule.rotation.members
        member = members[week % len(members)] if week >= 0 else None
        own = [_hand_over(schedule, week), _hand_over(schedule, week + 1)]
        above = schedule.overrides
    else:
        override = schedule.overrides[place]
        member, own = override.member, [override.starts_at, override.ends_at]
        above = schedule.overrides[place + 1 :]
    edges = own + [edge for other in above for edge in (other.starts_at, other.ends_at)]
    return Shift(
        member,
        max(edge for edge in edges if edge <= now),
        min(edge for edge in edges if edge > now),
    )
