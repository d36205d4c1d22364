"""Who is responsible for a patient: read, and say anew."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Body

from app.access import Actor, Permission
from app.dependencies import Db, Now, Whose, requires
from app.edge.strict_route import router as strict_router
from app.queries import audit, patients
from app.queries import care_teams as stored
from app.queries.care_teams import Membership
from app.schemas.care_team import CareTeam, CareTeamEntry, CareTeamMemberRead
from app.services import care_teams
from app.services.care_teams import Appointment

router = strict_router("/v1/patients/{patient_id}/care-team", "people")


@router.get("", operation_id="read_care_team")
async def read(
    patient_id: Whose, actor: Annotated[Actor, requires(Permission.CARE_TEAM_READ)], db: Db, now: Now
) -> CareTeam:
    """The patient's care team."""
    await patients.find(db, actor, patient_id)
    team = await stored.of_patient(db, actor, patient_id)
    audit.record(db, actor, now, Permission.CARE_TEAM_READ, of="care_team_member", patient_id=patient_id)
    return read_of(team)


@router.put("", operation_id="put_care_team")
async def put(
    *,
    patient_id: Whose,
    body: Annotated[list[CareTeamEntry], Body(max_length=20)],
    actor: Annotated[Actor, requires(Permission.CARE_TEAM_MANAGE)],
    db: Db,
    now: Now,
) -> CareTeam:
    """Make this the patient's whole care team."""
    team = [Appointment(each.staff_member_id, each.function) for each in body]
    return read_of(await care_teams.put(db, actor, patient_id, team, now))


def read_of(team: Sequence[Membership]) -> CareTeam:
    """A care team as it travels."""
    return CareTeam(
        items=[
            CareTeamMemberRead.model_validate(
                {
                    "staff_member_id": person.id,
                    "name": person.name,
                    "role": person.role,
                    "active": person.active,
                    "function": member.function,
                    "since": member.since,
                }
            )
            for member, person in team
        ]
    )
