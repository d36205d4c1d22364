"""What one organization of the demonstration has planned, and who came to it."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.demo import running
from app.demo.cast import Organization, Patient
from app.demo.course import Course
from app.demo.presence import TOLD_AHEAD, Part, Presence
from app.demo.sittings import Sitting, sittings
from app.demo.timetable import Held, timetable
from app.services.session_planning import AHEAD
from app.treatment.attendance import GATHERINGS

_BY_TIME = attrgetter("span.start")


class Ways(NamedTuple):
    """The sessions in which a patient is expected, in order, and their part in those of which it is known."""

    expected: Sequence[Sitting]
    parts: Sequence[Part]


class Agenda:
    """Every session from the day after the admission on, as far ahead as the service plans."""

    def __init__(self, organization: Organization, admitted: datetime, now: datetime) -> None:
        self.organization, self._now = organization, now
        self._since = admitted.date() + timedelta(days=1)
        self.zones = {program.key: ZoneInfo(program.time_zone) for program in organization.programs}
        self.planned = {held: self._sittings(held) for held in timetable(organization, self._since)}
        for program, zone in self.zones.items():
            held = running.group_now(program, self._members(program), self._gatherings(program), now, zone)
            if held is not None:
                self.planned[held] = self._sittings(held)

    def _sittings(self, held: Held) -> Sequence[Sitting]:
        return sittings(held, self.zones[held.program], self._since, self.until(held) + timedelta(days=1))

    def until(self, held: Held) -> date:
        """The last day for which a series is planned."""
        return self._now.astimezone(self.zones[held.program]).date() + AHEAD

    def _members(self, program: str) -> Sequence[str]:
        return [patient.key for patient in self.organization.patients if patient.program == program]

    def _gatherings(self, program: str) -> Iterator[Sitting]:
        for held, planned in self.planned.items():
            if held.program == program and held.kind in GATHERINGS:
                yield from planned

    def of(self, patient: Patient, lived: Course) -> Ways:
        """What a patient is expected in, and what is known of it by now."""
        latest = self._now + TOLD_AHEAD
        mine, others = list[Sitting](), list[Sitting]()
        for held, planned in self.planned.items():
            if held.program == patient.program:
                is_mine = not held.places or patient.key in held.places
                if is_mine or held.kind == "group":
                    some = mine if is_mine else others
                    some += (each for each in planned if each.span.start <= latest)
        mine.sort(key=_BY_TIME)
        presence = Presence(patient, lived, self.zones[patient.program], self._now)
        return Ways(mine, presence.parts(mine, sorted(others, key=_BY_TIME)))
