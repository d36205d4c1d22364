"""The last days of the demonstration, lived through the real services: answers, findings, alerts, care."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Role
from app.database import Db
from app.demo import care
from app.demo.cast import Organization, Patient, id_at, id_of
from app.demo.course import Course, Filled, Told
from app.demo.past import ON_THE_WAY, questionnaires
from app.demo.scenes import Care, Scene, phq9_with_item_9
from app.instruments.catalogue import CATALOGUE
from app.models import Alert
from app.queries import alerts as stored
from app.services import alerts, assessments, check_ins

Act = Callable[[datetime], Awaitable[None]]


class _Step(NamedTuple):
    at: datetime
    number: int  # two steps of one moment keep their order
    act: Act


class Recent:
    """A few days of one organization, in the order in which they happened."""

    def __init__(
        self, db: Db, organization: Organization, *, settle: Callable[[], Awaitable[None]], now: datetime
    ) -> None:
        self._db = db
        self._organization = organization
        self._settle = settle
        self._now = now
        self._steps: list[_Step] = []
        self._number = 0
        self._chance = Random(f"{organization.key}/{now.date()}")  # noqa: S311 - invented care, no secret

    def expect(self, patient: Patient, lived: Course, scene: Scene | None, zone: ZoneInfo) -> None:
        """Somebody is going to tell this."""
        for told in lived.check_ins:
            self._at(told.at, self._check_in(patient, told, zone, None))
        for filled in lived.weekly:
            self._expect_questionnaires(patient, filled, zone, None)
        if scene is None:
            return
        at = self._now - timedelta(minutes=scene.minutes_ago)
        if scene.answers:
            told = Told(at, dict(scene.answers), scene.note)
            self._at(at, self._check_in(patient, told, zone, scene.care))
        else:
            self._expect_questionnaires(patient, Filled(at, phq9_with_item_9(), {}), zone, scene.care)

    async def play(self) -> None:
        """Let it all happen, up to now."""
        while self._steps and self._steps[0].at <= self._now:
            step = heappop(self._steps)
            await step.act(step.at)
            await self._settle()

    def _at(self, moment: datetime, act: Act) -> None:
        self._number += 1
        heappush(self._steps, _Step(moment, self._number, act))

    def _expect_questionnaires(
        self, patient: Patient, filled: Filled, zone: ZoneInfo, so_far: Care | None
    ) -> None:
        for code, at, answers in questionnaires(filled):
            self._at(at, self._assessment(patient, code, answers, zone, so_far))

    def _check_in(self, patient: Patient, told: Told, zone: ZoneInfo, so_far: Care | None) -> Act:
        async def act(at: datetime) -> None:
            draft = check_ins.Draft(
                id_at(at, "check-in", patient.key), told.at, zone.key, told.answers, told.note, None
            )
            actor = self._as_patient(patient)
            kept = await check_ins.submit(
                self._db, actor, actor.id, draft, accept_language=None, now=at + ON_THE_WAY
            )
            if kept.aftermath.care_team_told:
                await self._expect_care("check_in", draft.id, patient, at, so_far)

        return act

    def _assessment(
        self, patient: Patient, code: str, answers: dict[str, int], zone: ZoneInfo, so_far: Care | None
    ) -> Act:
        async def act(at: datetime) -> None:
            draft = assessments.Draft(id_at(at, code, patient.key), code, None, at, zone.key, answers, None)
            actor = self._as_patient(patient)
            kept = await assessments.submit(
                self._db,
                actor,
                actor.id,
                draft,
                catalogue=CATALOGUE,
                accept_language=None,
                now=at + ON_THE_WAY,
            )
            if kept.aftermath.care_team_told:
                await self._expect_care("assessment", draft.id, patient, at, so_far)

        return act

    async def _expect_care(
        self, kind: str, source_id: UUID, patient: Patient, at: datetime, so_far: Care | None
    ) -> None:
        """The patient's counselor takes up what this answer found, and closes it, if it comes to that."""
        for alert in await stored.opened_by(self._db, kind, source_id, 0):
            taken_up, closed = care.times(alert.severity, at, self._now, so_far, self._chance)
            if taken_up is not None:
                self._at(taken_up, self._acknowledge(alert, alert.occurrences, patient))
            if closed is not None:
                self._at(closed, self._resolve(alert, alert.occurrences, patient))

    def _acknowledge(self, alert: Alert, seen: int, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            if alert.status == "open" and alert.occurrences == seen:
                await alerts.acknowledge(self._db, self._as_counselor(patient), alert.id, at)

        return act

    def _resolve(self, alert: Alert, seen: int, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            if alert.status == "resolved" or alert.occurrences != seen:
                return
            outcome, note = care.outcome(alert.rule, self._chance)
            await alerts.resolve(
                self._db,
                self._as_counselor(patient),
                alert.id,
                outcome=outcome,
                note=note,
                occurrences_seen=seen,
                now=at,
            )

        return act

    def _as_patient(self, patient: Patient) -> Actor:
        return Actor(
            self._organization.id,
            "patient",
            id_of("patient", patient.key),
            Role.PATIENT,
            id_of("credential", patient.key),
        )

    def _as_counselor(self, patient: Patient) -> Actor:
        key = patient.counselor
        return Actor(
            self._organization.id, "staff", id_of("staff", key), Role.COUNSELOR, id_of("credential", key)
        )
