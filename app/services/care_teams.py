"""Say who is responsible for a patient."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, Unacceptable
from app.models import CareTeamMember
from app.queries import audit, events, patients, staff
from app.queries import care_teams as stored
from app.queries.care_teams import Membership

PRIMARY = "primary_counselor"


class Appointment(NamedTuple):
    """Somebody in one function for the patient."""

    staff_member_id: UUID
    function: str


async def put(
    db: Db, actor: Actor, patient_id: UUID, team: Sequence[Appointment], now: datetime
) -> Sequence[Membership]:
    """Make this the whole care team; who stays in their function keeps the date since when.

    Raises `NotFound` for a patient who is not visible, `Unacceptable` for two primaries, somebody twice, or
    somebody who does not work in a program of the patient's.
    """
    await patients.to_change(db, actor, patient_id)
    await _require_fit(db, patient_id, team)
    before = [each.care_team_member for each in await stored.of_patient(db, actor, patient_id)]
    staying = {Appointment(each.staff_member_id, each.function) for each in before} & set(team)
    leaving = [each for each in before if (each.staff_member_id, each.function) not in staying]
    await stored.remove(db, leaving)
    await db.add(
        *(
            CareTeamMember(
                organization_id=db.organization_id, patient_id=patient_id, since=now, **each._asdict()
            )
            for each in team
            if each not in staying
        )
    )
    events.record_access_change(db)
    audit.record(db, actor, now, Permission.CARE_TEAM_MANAGE, of="care_team_member", patient_id=patient_id)
    return await stored.of_patient(db, actor, patient_id)


async def _require_fit(db: Db, patient_id: UUID, team: Sequence[Appointment]) -> None:
    known = await staff.in_care_of(db, patient_id, [each.staff_member_id for each in team])
    faults = []
    for place, each in enumerate(team):
        if each.staff_member_id not in known:
            sentence = "Nobody who works in this patient's program has this id."
            faults.append(Fault(f"/{place}/staff_member_id", "not_in_care", sentence))
        if each.staff_member_id in {other.staff_member_id for other in team[:place]}:
            faults.append(Fault(f"/{place}/staff_member_id", "twice", "Is in the list already."))
        if each.function == PRIMARY and any(other.function == PRIMARY for other in team[:place]):
            faults.append(Fault(f"/{place}/function", "second_primary", "There is one primary at most."))
    if faults:
        raise Unacceptable(faults)
