"""When the demonstration's programs work, and who is told of their alerts, after how long."""

from collections.abc import Mapping
from datetime import date, time
from typing import Final
from zoneinfo import ZoneInfo

from app.demo.cast import Program
from app.ladders.calendar import HolidayRegion, ProgramCalendar, WorkCalendar
from app.ladders.ladder import DEFAULTS, Ladder, Step, Tell
from app.public_holidays import public_holidays
from app.rules.rule import Severity

COUNTRY: Final = "US"

POLICIES: Final[Mapping[tuple[str, Severity], Ladder]] = {
    ("adolescents", Severity.HIGH): Ladder(
        steps=(
            Step(tell=Tell.PRIMARY, wait_minutes=120),
            Step(tell=Tell.ON_CALL, wait_minutes=120),
            Step(tell=Tell.SUPERVISOR, wait_minutes=240),
        ),
        rounds=None, hold_minutes=24 * 60, quiet_hours=True, working_days=False, digest=False,
    ),
    ("adolescents", Severity.CRITICAL): Ladder(
        steps=(
            Step(tell=Tell.PRIMARY, wait_minutes=3),
            Step(tell=Tell.ON_CALL, wait_minutes=4),
            Step(tell=Tell.SUPERVISOR, wait_minutes=4),
            Step(tell=Tell.CRISIS_SERVICE, wait_minutes=4),
        ),
        rounds=None, hold_minutes=15, quiet_hours=False, working_days=False, digest=False,
    ),
}  # fmt: skip
"""The ladders that programs have written themselves: with adolescents, the next one is told sooner, and in a
crisis an outside crisis service in the end."""


def ladder(program: str, severity: Severity) -> Ladder:
    """Who is told of a program's alerts."""
    return POLICIES.get((program, severity), DEFAULTS[severity])


def calendar(program: Program, today: date) -> ProgramCalendar:
    """When a program works. It is closed on the day before Christmas, which is no public holiday."""
    return ProgramCalendar(
        holidays=HolidayRegion(country=COUNTRY),
        closed_on=(date(today.year, 12, 24),),
        quiet_from=time(20) if program.population == "adolescents" else time(21),
        quiet_until=time(8),
    )


def work_calendar(program: Program, today: date) -> WorkCalendar:
    """The same where it is, with the public holidays."""
    return WorkCalendar(ZoneInfo(program.time_zone), calendar(program, today), public_holidays(COUNTRY))
