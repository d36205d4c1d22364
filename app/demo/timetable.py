"""What the demonstration's programs hold, week by week, and who has a place where."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from app.demo.cast import Organization, Patient, Program

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEK: Final = 7
_ONLINE: Final = "https://telehealth.example.org"


@dataclass(frozen=True, slots=True)
class Held:
    """One series: on which days (`MO,WE`), from when, how long, by whom. Without days it is a single session.

    `places` are taken in this order, and `waiting` asked later. Without places everybody of the program is
    expected; without a room it is held by video.
    """

    key: str
    program: str
    kind: str
    title: str
    days: str
    starts: time
    minutes: int
    facilitators: tuple[str, ...]
    room: str | None
    capacity: int | None = None
    places: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    every_weeks: int = 1
    first_day: date | None = None

    @property
    def telehealth_url(self) -> str | None:
        """Where it is held by video."""
        return None if self.room else f"{_ONLINE}/{self.key}"

    @property
    def recurrence(self) -> str | None:
        """Its rule, in the words of RFC 5545."""
        if not self.days:
            return None
        interval = f"INTERVAL={self.every_weeks};" if self.every_weeks > 1 else ""
        return f"FREQ=WEEKLY;{interval}BYDAY={self.days}"

    def dates(self, since: date, until: date) -> Iterator[date]:
        """The days on which it is held, from `since` until before `until`."""
        first = max(since, self.first_day or since)
        if not self.days:
            yield from [first] if first < until else []
            return
        monday = first - timedelta(days=first.weekday())
        while monday < until:
            for weekday in map(_WEEKDAYS.index, self.days.split(",")):
                if first <= (day := monday + timedelta(days=weekday)) < until:
                    yield day
            monday += timedelta(days=_WEEK * self.every_weeks)


def timetable(organization: Organization, since: date) -> Sequence[Held]:
    """Every series of an organization from that day on: groups, families, workshops, check-ins by video, and
    each patient's individual sessions."""
    held: list[Held] = []
    for program in organization.programs:
        members = [patient for patient in organization.patients if patient.program == program.key]
        keys = tuple(patient.key for patient in members)
        held += _TOGETHER[program.key](keys[::2], keys[1::2])
        held += _individual(program, members, since)
    return held


def _evening(a: tuple[str, ...], b: tuple[str, ...]) -> Sequence[Held]:
    """Two groups of three evenings, which are nine hours a week each."""
    program = "evening"
    return (
        Held("evening-a", program, "group", "Evening group A", "MO,WE,FR", time(18), 180, ("clara",),
             "Room 1", 15, a),
        Held("evening-b", program, "group", "Evening group B", "TU,TH,SA", time(18), 180, ("marcus",),
             "Room 2", 15, b),
        Held("evening-workshop", program, "workshop", "Relapse prevention workshop", "SA", time(10), 120,
             ("clara", "marcus"), "Room 3", 8, a[:5] + b[2:5], (b[0], a[6], b[8])),
        Held("evening-family", program, "family", "Family evening", "SU", time(16), 90, ("sam",),
             "Room 1", 8, a[2:5] + b[5:8]),
        Held("evening-video", program, "telehealth_check_in", "Check-in by video", "TH", time(12, 30), 30,
             ("clara", "marcus"), None),
    )  # fmt: skip


def _adolescents(a: tuple[str, ...], b: tuple[str, ...]) -> Sequence[Held]:
    """Two groups of three afternoons, which are six hours a week each."""
    program = "adolescents"
    return (
        Held("adolescents-a", program, "group", "Afternoon group A", "MO,WE,FR", time(16), 120, ("noor",),
             "Garden room", 12, a),
        Held("adolescents-b", program, "group", "Afternoon group B", "TU,TH,SA", time(16), 120, ("noor",),
             "Garden room", 12, b),
        Held("adolescents-families", program, "multifamily", "Families together", "SU", time(14), 90,
             ("noor", "sam"), "Hall", 8, a[:4] + b[:3]),
        Held("adolescents-art", program, "expressive", "Art room", "WE", time(14, 30), 60, ("noor",),
             "Studio", 6, a[3:6] + b[3:6], (a[0], b[7])),
        Held("adolescents-video", program, "telehealth_check_in", "Check-in by video", "SA", time(11), 30,
             ("noor",), None),
    )  # fmt: skip


def _day(a: tuple[str, ...], b: tuple[str, ...]) -> Sequence[Held]:
    """Two groups of three mornings, which are nine hours a week each."""
    program = "day"
    return (
        Held("day-a", program, "group", "Morning group A", "MO,WE,FR", time(9), 180, ("dmitri",), "Room A",
             12, a),
        Held("day-b", program, "group", "Morning group B", "TU,TH,SA", time(9), 180, ("grace",), "Room B",
             12, b),
        Held("day-workshop", program, "workshop", "Work and money workshop", "TH", time(13), 120, ("grace",),
             "Room B", 6, a[:4] + b[:2], (b[4], b[5])),
        Held("day-family", program, "family", "Family afternoon", "SU", time(15), 90, ("dmitri",), "Room A",
             8, a[3:6] + b[3:6]),
        Held("day-medical", program, "medical", "Medication visits", "MO", time(13), 30, ("grace",),
             "Room C", 6, a[5:8]),
        Held("day-video", program, "telehealth_check_in", "Check-in by video", "FR", time(13), 30,
             ("dmitri",), None),
    )  # fmt: skip


_TOGETHER: Final[Mapping[str, Callable[[tuple[str, ...], tuple[str, ...]], Sequence[Held]]]] = {
    "evening": _evening, "adolescents": _adolescents, "day": _day,
}  # fmt: skip
_ALONE_FROM: Final[Mapping[str, int]] = {"evening": 13, "adolescents": 12, "day": 15}
"""The hour from which a program's counselors have their individual sessions."""


def _individual(program: Program, members: Sequence[Patient], since: date) -> Iterator[Held]:
    """One for each patient with their own counselor, every other week; no two of a counselor at a time."""
    taken: dict[str, int] = {}
    for patient in members:
        number = taken[patient.counselor] = taken.get(patient.counselor, -1) + 1
        weeks, number = divmod(number, 2)[::-1]
        hours, weekday = divmod(number, len(_WEEKDAYS) - 2)
        yield Held(
            f"individual-{patient.key}", program.key, "individual", "Individual session", _WEEKDAYS[weekday],
            time(_ALONE_FROM[program.key] + hours), 50, (patient.counselor,), "Office", 1, (patient.key,),
            every_weeks=2, first_day=since + timedelta(days=_WEEK * weeks),
        )  # fmt: skip
