"""What the demonstration shows of a crisis: plans that people wrote for one, somebody who stands by, and a
cry for help of yesterday that was answered, so that somebody is to be asked again today."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from app.access import Actor, Role
from app.database import Db
from app.demo.aftermath import Aftermath
from app.demo.cast import SUPPORTERS, Organization, Patient, id_at, id_of
from app.demo.sequence import Act, Sequence
from app.models import CrisisFlag, Supporter
from app.rules.reading import Source
from app.services import contact_attempts, crisis_flags, safety_plans
from app.services.contact_attempts import Attempt

_WRITTEN_AFTER: Final = timedelta(days=3)
_RAISED: Final = timedelta(hours=29)
_ATTEMPTS: Final = ((5, "call", "no_answer", None), (8, "call", "reached", "Walks home with her brother."))
"""Minutes after the flag, how, with what result, and the note."""
_WHO_CALLED: Final = "gloria"
_PLANS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ana": {
        "warning_signs": ["I stop answering my mother.", "The way home by the old place."],
        "coping": ["Cold water, then the breathing from group.", "The playlist."],
        "distractions": ["The library on Elm Street.", "Lucy's kitchen."],
        "people_to_ask": [{"name": "Maria, my mother", "phone": "+1 202 555 0171"}],
        "professionals": [
            {"name": "Clara", "phone": "+1 202 555 0150", "hours": "Until eight in the evening"}
        ],
        "safer_surroundings": ["Maria keeps the tablets."],
        "reasons_for_living": ["My brother's wedding.", "Nala."],
    },
    "gloria": {
        "warning_signs": ["I pace."],
        "coping": ["Walking, fast."],
        "people_to_ask": [{"name": "My brother", "phone": "+1 202 555 0172"}],
        "reasons_for_living": ["The twins."],
    },
    "carmen": {
        "warning_signs": ["Dejo de dormir."],
        "coping": ["Cocinar con la radio puesta."],
        "people_to_ask": [{"name": "Mi hermana", "phone": "+1 202 555 0173"}],
        "reasons_for_living": ["Mis hijos."],
    },
}


class Crisis:
    """Of one organization."""

    def __init__(
        self, db: Db, organization: Organization, sequence: Sequence, aftermath: Aftermath, admitted: datetime
    ) -> None:
        self._db = db
        self._organization = organization
        self._sequence = sequence
        self._aftermath = aftermath
        self._admitted = admitted

    async def write(self) -> None:
        """Keep the plans and who stands by; expect the cry for help."""
        written_at = self._admitted + _WRITTEN_AFTER
        for patient in self._organization.patients:
            if (steps := _PLANS.get(patient.key)) is not None:
                actor = self._as_patient(patient)
                await safety_plans.write(self._db, actor, actor.id, steps, after=None, now=written_at)
            if patient.key == _WHO_CALLED:
                self._sequence.at(self._sequence.now - _RAISED, self._call_for_help(patient))
        await self._db.add(*self._supporters(written_at))

    def _supporters(self, since: datetime) -> list[Supporter]:
        mine = {patient.key for patient in self._organization.patients}
        return [
            Supporter(
                organization_id=self._organization.id, id=id_of("supporter", each.key),
                patient_id=id_of("patient", each.patient), name=each.name, relation=each.relation,
                locale="en", shares=["safety_plan"], created_at=since, changed_at=since,
            )
            for each in SUPPORTERS
            if each.patient in mine
        ]  # fmt: skip

    def _call_for_help(self, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            actor = self._as_patient(patient)
            draft = crisis_flags.Draft(
                id=id_at(at, "crisis-flag", patient.key), occurred_at=at, place="At the bus stop.",
                company="Nobody.", reach="My phone, do not text.",
            )  # fmt: skip
            raised = await crisis_flags.raise_flag(
                self._db, actor, actor.id, draft, token_expired=False, accept_language=None, now=at
            )
            source = Source("crisis_flag", raised.flag.id)
            await self._aftermath.expect(source, patient, at, "resolved")
            for minutes, way, outcome, note in _ATTEMPTS:
                moment = at + timedelta(minutes=minutes)
                attempt = Attempt(id_at(moment, "attempt", patient.key), moment, way, outcome, note)
                self._sequence.at(moment, self._try_to_reach(raised.flag, patient, attempt))

        return act

    def _try_to_reach(self, flag: CrisisFlag, patient: Patient, attempt: Attempt) -> Act:
        async def act(at: datetime) -> None:
            counselor = self._aftermath.as_counselor(patient)
            await contact_attempts.record(self._db, counselor, flag.id, attempt, at)

        return act

    def _as_patient(self, patient: Patient) -> Actor:
        patient_id, credential_id = id_of("patient", patient.key), id_of("credential", patient.key)
        return Actor(self._organization.id, "patient", patient_id, Role.PATIENT, credential_id)
