"""A program's calendar: when its staff may be paged, and on which days a check-in is asked for."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app.ladders.wall import Day, TimeOfDay, Weekday, first_change, moment_of

FURTHEST = timedelta(days=400)
_DAY = timedelta(days=1)


def _distinct(days: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(days)) < len(days):
        raise PydanticCustomError("repeated", "a day is named twice")
    return days


Weekdays = Annotated[
    tuple[Weekday, ...],
    Field(min_length=1, max_length=7, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_distinct),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class HolidayRegion(_Frozen):
    """Where the public holidays are kept."""

    model_config = ConfigDict(title="Public holidays")

    country: Annotated[
        str,
        Field(
            title="Country",
            description="ISO 3166-1 alpha-2",
            pattern=r"^[A-Z]{2}$",
            examples=["US"],
        ),
    ]
    subdivision: Annotated[
        str | None,
        Field(
            title="State or province",
            description="ISO 3166-2 without the country; null for the holidays of the whole country",
            max_length=40,
            pattern=r"^[^\x00-\x1f\x7f]+$",
            examples=["NY"],
        ),
    ] = None


class ProgramCalendar(_Frozen):
    """When a program works and when it asks; times of day are those of the program's own zone, `remind_at`
    those of the patient's.

    The defaults are our design choices for a clinical lead to change: nothing published says at which hour a
    counselor should be left alone or a patient be reminded.
    """

    # Left to itself pydantic writes the schema's default times with seconds, which their pattern refuses.
    model_config = ConfigDict(title="Calendar")

    working_days: Weekdays = Field(
        (0, 1, 2, 3, 4), title="Working days", description="Routine work is due on these; 0 is Monday"
    )
    quiet_from: TimeOfDay | None = Field(
        time(20),
        json_schema_extra={"default": "20:00"},
        title="Quiet from",
        description="From here on only critical and urgent alerts page; null with quiet_until: never quiet",
    )
    quiet_until: TimeOfDay | None = Field(
        time(8),
        json_schema_extra={"default": "08:00"},
        title="Quiet until",
        description="May be earlier than quiet_from: the quiet then spans midnight",
    )
    holidays: HolidayRegion | None = Field(
        None, title="Public holidays", description="Days off by law; null: none are kept"
    )
    closed_on: tuple[Day, ...] = Field(
        (), max_length=366, title="Closed on", description="Single days on which the program does not work"
    )
    check_in_days: Weekdays = Field(
        (0, 1, 2, 3, 4, 5, 6),
        title="Check-in days",
        description="Silence is counted on these days only; 0 is Monday",
    )
    remind_at: TimeOfDay | None = Field(
        time(19),
        json_schema_extra={"default": "19:00"},
        title="Remind at",
        description="When a patient's phone reminds of the check-in; null: it does not",
    )
    digest_at: TimeOfDay = Field(
        time(8, 30),
        json_schema_extra={"default": "08:30"},
        title="Digest at",
        description="When routine alerts are told of together, on a working day",
    )

    @model_validator(mode="after")
    def _quiet_hours_have_two_ends(self) -> Self:
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise PydanticCustomError("quiet_hours", "quiet_from and quiet_until go together")
        if self.quiet_from is not None and self.quiet_from == self.quiet_until:
            raise PydanticCustomError("quiet_hours", "quiet hours end at another time than they begin")
        return self


@dataclass(frozen=True)
class WorkCalendar:
    """A program's calendar where it is, with its public holidays."""

    time_zone: ZoneInfo
    settings: ProgramCalendar
    public_holidays: Container[date]

    def is_working_day(self, day: date) -> bool:
        """Whether the program works on this local day."""
        return (
            day.weekday() in self.settings.working_days
            and day not in self.settings.closed_on
            and day not in self.public_holidays
        )

    def working_day_after(self, day: date) -> date:
        """The next working day; the next day when there is none in 400 days."""
        following = (day + ahead * _DAY for ahead in range(1, FURTHEST.days + 1))
        return next(filter(self.is_working_day, following), day + _DAY)

    def allowed_from(self, moment: datetime, *, quiet_hours: bool, working_days: bool) -> datetime:
        """The first moment from `moment` on at which a page may go out, in UTC.

        The clock on the wall decides: when it jumps over the end of the quiet hours they end with the jump,
        and when it is put back into them they begin again. A working day runs from midnight to midnight. If
        nothing is allowed within 400 days it is the moment itself: a page too early is better than none.
        """
        start = reached = moment.astimezone(UTC)
        while reached <= start + FURTHEST:
            wall = reached.astimezone(self.time_zone).replace(tzinfo=None)
            allowed = self._allowed_on_the_wall(wall, quiet_hours, working_days)
            if allowed is None:
                return start
            found = reached + (allowed - wall)
            change = first_change(self.time_zone, reached, found)
            if change is None:
                return found
            reached = change
        return start

    def digest_from(self, moment: datetime) -> datetime:
        """The first digest time of a working day at or after `moment`, in UTC; the moment itself if there is
        none within 400 days."""
        start = moment.astimezone(UTC)
        # A time that the clocks jump over may come only on the next day.
        day = start.astimezone(self.time_zone).date() - _DAY
        for ahead in range(FURTHEST.days + 1):
            at = moment_of(day + ahead * _DAY, self.settings.digest_at, self.time_zone)
            if at >= start and self.is_working_day(day + ahead * _DAY):
                return at
        return start

    def _allowed_on_the_wall(self, wall: datetime, quiet_hours: bool, working_days: bool) -> datetime | None:
        """The first wall time from `wall` on, as if the clocks never changed."""
        furthest = wall + FURTHEST
        while wall <= furthest:
            if working_days and not self.is_working_day(wall.date()):
                wall = datetime.combine(wall.date() + _DAY, time())
            elif quiet_hours and (end := self._quiet_end(wall)):
                wall = end
            else:
                return wall
        return None

    def _quiet_end(self, wall: datetime) -> datetime | None:
        """The end of the quiet hours that `wall` lies in."""
        begin, end = self.settings.quiet_from, self.settings.quiet_until
        if begin is None or end is None:
            return None
        now = wall.time()
        quiet = begin <= now < end if begin < end else now >= begin or now < end
        if not quiet:
            return None
        return datetime.combine(wall.date() if now < end else wall.date() + _DAY, end)


def asked_pauses(
    settings: ProgramCalendar, time_zone: ZoneInfo, start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    """The longest intervals of local days on which no check-in is asked for, in UTC, in order.

    They are cut at `start` and at `end`: of a Saturday that is half over, the other half counts.
    """
    pauses: list[tuple[datetime, datetime]] = []
    if len(settings.check_in_days) == 7:
        return pauses
    day = start.astimezone(time_zone).date()
    begin = start.astimezone(UTC)
    while begin < end:
        until = min(moment_of(day + _DAY, time(), time_zone), end.astimezone(UTC))
        if day.weekday() not in settings.check_in_days and begin < until:
            joined = pauses.pop()[0] if pauses and pauses[-1][1] == begin else begin
            pauses.append((joined, until))
        day, begin = day + _DAY, max(begin, until)
    return pauses
