"""Who is responsible for a patient."""

from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select

from app.access import Actor, visible
from app.database import Db
from app.models import CareTeamMember, StaffMember


class Membership(NamedTuple):
    """A function for a patient, and who has it."""

    care_team_member: CareTeamMember
    staff_member: StaffMember


async def of_patient(db: Db, actor: Actor, patient_id: UUID) -> Sequence[Membership]:
    """A patient's care team, the longest-serving first."""
    statement = (
        select(CareTeamMember, StaffMember)
        .join(
            StaffMember,
            and_(
                StaffMember.organization_id == CareTeamMember.organization_id,
                StaffMember.id == CareTeamMember.staff_member_id,
            ),
        )
        .where(visible(CareTeamMember, actor), CareTeamMember.patient_id == patient_id)
        .order_by(CareTeamMember.since, CareTeamMember.staff_member_id)
    )
    return [Membership._make(row) for row in await db.execute(statement)]


async def remove(db: Db, members: Collection[CareTeamMember]) -> None:
    """End these functions."""
    orm = await db.orm()
    for member in members:
        await orm.delete(member)
    await orm.flush()
