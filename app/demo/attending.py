"""The sessions of the demonstration, as they are kept: most at once, the last absences as they came."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from app.access import Actor
from app.database import Db
from app.demo import rows
from app.demo.agenda import Agenda
from app.demo.attendances import attendance_row, entry_rows
from app.demo.cast import Patient
from app.demo.presence import Part
from app.demo.sittings import Series, Sitting
from app.models import Attendance, AttendanceEntry, SeriesPlace, SessionSeries, TreatmentSession
from app.services.session_planning import LOOK_AGAIN


class MadeUp(NamedTuple):
    """A session that a patient missed, and another one in which they were instead."""

    patient: Patient
    missed: Sitting
    other: Sitting


class Attending:
    """Of one organization. From `watched` on, whoever did not come is found missing by the service itself."""

    def __init__(self, agenda: Agenda, supervisor: Actor, watched: datetime, now: datetime) -> None:
        self._agenda, self._supervisor, self._watched, self._now = agenda, supervisor, watched, now
        self._parts: list[tuple[Patient, Part]] = []

    def add(self, patient: Patient, parts: Sequence[Part]) -> None:
        """How somebody came to theirs."""
        self._parts += ((patient, part) for part in parts)

    async def write(self, db: Db, admitted: datetime) -> None:
        """Keep every series with its sessions and places, and what is known but for the last absences."""
        agenda, organization = self._agenda, self._agenda.organization
        series = [
            Series(organization.id, held, agenda.zones[held.program], planned, self._supervisor.id, admitted)
            for held, planned in agenda.planned.items()
        ]
        await rows.insert(
            db, SessionSeries, [each.row(agenda.until(each.held), self._now + LOOK_AGAIN) for each in series]
        )
        await rows.insert(
            db, TreatmentSession, [row for each in series for row in each.planned(self._reckon_at)]
        )
        await rows.insert(db, SeriesPlace, [row for each in series for row in each.places()])
        left = {part.id for _, part in self._left}
        kept = [each for each in self._parts if not {each[1].id, each[1].makes_up_id} & left]
        await rows.insert(db, Attendance, [attendance_row(organization, *each) for each in kept])
        await rows.insert(
            db, AttendanceEntry, [row for each in kept for row in entry_rows(organization, *each)]
        )

    @cached_property
    def reckoned(self) -> Collection[Sitting]:
        """The sessions to which somebody did not come lately, and those that made up for one of them."""
        missed = {part.sitting for _, part in self._left}
        return missed | {made_up.other for made_up in self.made_up}

    @cached_property
    def made_up(self) -> Sequence[MadeUp]:
        """What was missed lately, and has been made up for since."""
        missed = {part.id: part for _, part in self._left}
        return [
            MadeUp(patient, missed[part.makes_up_id].sitting, part.sitting)
            for patient, part in self._parts
            if part.makes_up_id in missed
        ]

    @cached_property
    def _left(self) -> Sequence[tuple[Patient, Part]]:
        """What the service itself is to find out: who was missing of late."""
        return [each for each in self._parts if self._is_left(each[1])]

    def _is_left(self, part: Part) -> bool:
        return part.state.status == "unexcused" and part.known_at >= self._watched

    def _reckon_at(self, sitting: Sitting) -> datetime | None:
        """When the service looks at a session next: those that are over have been settled."""
        if sitting.no_show_at > self._now or sitting in self.reckoned:
            return sitting.no_show_at
        return sitting.span.end if sitting.span.end > self._now else None
