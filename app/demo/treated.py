"""The last days of treatment, through the real services: who was missing, and how goals and hours stood."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.database import Db
from app.demo.aftermath import Aftermath
from app.demo.aiming import Agreed
from app.demo.attending import MadeUp
from app.demo.cast import Organization, Patient, id_of
from app.demo.scenes import Care
from app.demo.sequence import Act, Sequence
from app.demo.sittings import Sitting
from app.models import Attendance, GoalStanding, HoursStanding
from app.rules.reading import Source
from app.services import goal_standings, hours, make_ups, no_shows, rosters
from app.services.rosters import Item
from app.treatment.recording import Said


class Treated:
    """Of one organization, as steps of a sequence."""

    def __init__(self, db: Db, organization: Organization, sequence: Sequence, aftermath: Aftermath) -> None:
        self._db, self._sequence, self._aftermath = db, sequence, aftermath
        self._patients = {id_of("patient", patient.key): patient for patient in organization.patients}
        self._mine = organization.id
        self._made_up: set[UUID] = set()

    def expect_reckonings(self, sittings: Iterable[Sitting]) -> None:
        """After the grace period it is noticed who has not come to these, and at the end who was there."""
        for sitting in sittings:
            for moment in (sitting.no_show_at, sitting.span.end):
                self._sequence.at(moment, self._reckon(sitting.id))

    def expect_made_up(self, made_up: Iterable[MadeUp]) -> None:
        """Somebody was missing, is given a chair in another group, and comes to that."""
        for each in made_up:
            self._made_up.add(id_of("patient", each.patient.key))
            self._sequence.at(each.missed.span.end, self._book(each))
            self._sequence.at(each.other.span.start, self._receive(each))

    def expect_looks_at(self, goals: Iterable[Agreed]) -> None:
        """The sweep looks at these goals."""
        for goal in goals:
            for moment in goal.looked_at:
                self._sequence.at(moment, self._look_at(goal))

    def expect_short_week(self, patient: Patient, at: datetime) -> None:
        """In the middle of the week it turns out that somebody's has too few hours."""
        self._sequence.at(at, self._reckon_hours(patient))

    def _reckon(self, session_id: UUID) -> Act:
        async def act(at: datetime) -> None:
            await no_shows.reckon(self._db, session_id, at)
            found = select(Attendance.id, Attendance.revision, Attendance.patient_id).where(
                Attendance.organization_id == self._mine, Attendance.session_id == session_id,
                Attendance.status == "unexcused", Attendance.changed_at == at,
            )  # fmt: skip
            for row in (await self._db.execute(found)).all():
                source, so_far = Source("attendance", row.id, row.revision), self._care_of(row.patient_id)
                await self._aftermath.expect(source, self._patients[row.patient_id], at, so_far)

        return act

    def _care_of(self, patient_id: UUID) -> Care | None:
        """How far the team gets with a miss: that of somebody who makes up for it settles itself."""
        return "acknowledged" if patient_id in self._made_up else None

    def _book(self, made_up: MadeUp) -> Act:
        async def act(at: datetime) -> None:
            patient_id = id_of("patient", made_up.patient.key)
            counselor = self._aftermath.as_counselor(made_up.patient)
            await make_ups.book(self._db, counselor, made_up.missed.id, patient_id, made_up.other.id, at)

        return act

    def _receive(self, made_up: MadeUp) -> Act:
        async def act(at: datetime) -> None:
            come = Item(id_of("patient", made_up.patient.key), Said("arrived"))
            counselor = self._aftermath.as_counselor(made_up.patient)
            await rosters.record(self._db, counselor, made_up.other.id, [come], at)

        return act

    def _look_at(self, goal: Agreed) -> Act:
        async def act(at: datetime) -> None:
            await goal_standings.look(self._db, goal.id, at)
            told = select(GoalStanding.id).where(
                GoalStanding.organization_id == self._mine, GoalStanding.goal_id == goal.id,
                GoalStanding.at == at,
            )  # fmt: skip
            for standing_id in (await self._db.scalars(told)).all():
                await self._aftermath.expect(Source("goal", standing_id), goal.patient, at)

        return act

    def _reckon_hours(self, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            enrollment_id = id_of("enrollment", patient.key)
            await hours.look(self._db, enrollment_id, at)
            told = select(HoursStanding.id).where(
                HoursStanding.organization_id == self._mine, HoursStanding.at == at,
                HoursStanding.enrollment_id == enrollment_id,
            )  # fmt: skip
            for standing_id in (await self._db.scalars(told)).all():
                await self._aftermath.expect(Source("hours", standing_id), patient, at)

        return act
