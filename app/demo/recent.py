"""The last days of the demonstration, lived through the real services: answers, findings, absences."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from app.access import Actor, Role
from app.database import Db
from app.demo import silence
from app.demo.aftermath import Aftermath
from app.demo.cast import Organization, Patient, id_at, id_of
from app.demo.course import Course, Filled, Told
from app.demo.past import ON_THE_WAY, questionnaires
from app.demo.scenes import Care, Scene, phq9_with_item_9
from app.demo.sequence import Act, Sequence
from app.instruments.catalogue import CATALOGUE
from app.rules.reading import Source
from app.services import absences, assessments, check_ins, enrollments


class Recent:
    """A few days of one organization, as steps of a sequence."""

    def __init__(
        self, db: Db, organization: Organization, supervisor: Actor, sequence: Sequence, aftermath: Aftermath
    ) -> None:
        self._db = db
        self._organization = organization
        self._supervisor = supervisor
        self._sequence = sequence
        self._aftermath = aftermath

    def expect(self, patient: Patient, lived: Course, scene: Scene | None, zone: ZoneInfo) -> None:
        """Somebody is going to tell this."""
        for told in lived.check_ins:
            self._sequence.at(told.at, self._check_in(patient, told, zone, None))
        for filled in lived.weekly:
            self._expect_questionnaires(patient, filled, zone, None)
        if scene is None:
            return
        at = self._sequence.now - timedelta(minutes=scene.minutes_ago)
        if scene.answers:
            told = Told(at, dict(scene.answers), scene.note)
            self._sequence.at(at, self._check_in(patient, told, zone, scene.care))
        else:
            self._expect_questionnaires(patient, Filled(at, phq9_with_item_9(), {}), zone, scene.care)

    def expect_absences(self, patient: Patient, found: Iterable[tuple[datetime, Source]]) -> None:
        """At these moments it becomes known that something of somebody is missing."""
        for at, source in found:
            self._sequence.at(at, self._look(patient, source))

    def expect_leave(self, patient: Patient, since: datetime, zone: ZoneInfo) -> None:
        """Somebody is away since then, and expected back."""
        back_on = self._sequence.now.astimezone(zone).date() + timedelta(days=silence.BACK_IN_DAYS)

        async def act(at: datetime) -> None:
            changes = {"status": "on_leave", "back_on": back_on}
            enrollment_id = id_of("enrollment", patient.key)
            await enrollments.change(self._db, self._supervisor, enrollment_id, changes, version=1, now=at)

        self._sequence.at(since, act)

    def _expect_questionnaires(
        self, patient: Patient, filled: Filled, zone: ZoneInfo, so_far: Care | None
    ) -> None:
        for code, at, answers in questionnaires(filled):
            self._sequence.at(at, self._assessment(patient, code, answers, zone, so_far))

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
                await self._aftermath.expect(Source("check_in", draft.id), patient, at, so_far)

        return act

    def _assessment(
        self, patient: Patient, code: str, answers: dict[str, int], zone: ZoneInfo, so_far: Care | None
    ) -> Act:
        async def act(at: datetime) -> None:
            draft = assessments.Draft(id_at(at, code, patient.key), code, None, at, zone.key, answers, None)
            actor = self._as_patient(patient)
            kept = await assessments.submit(
                self._db, actor, actor.id, draft, catalogue=CATALOGUE, accept_language=None,
                now=at + ON_THE_WAY,
            )  # fmt: skip
            if kept.aftermath.care_team_told:
                await self._aftermath.expect(Source("assessment", draft.id), patient, at, so_far)

        return act

    def _look(self, patient: Patient, source: Source) -> Act:
        async def act(at: datetime) -> None:
            await absences.look(self._db, id_of("enrollment", patient.key), at)
            await self._aftermath.expect(source, patient, at)

        return act

    def _as_patient(self, patient: Patient) -> Actor:
        patient_id, credential_id = id_of("patient", patient.key), id_of("credential", patient.key)
        return Actor(self._organization.id, "patient", patient_id, Role.PATIENT, credential_id)
