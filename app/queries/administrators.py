"""How an organization's administrators are reached."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.access import Role
from app.database import Db
from app.models import ContactMethod, StaffMember
from app.post_office import Whereto
from app.queries import pages


class Way(NamedTuple):
    """One administrator, by one channel."""

    recipient_id: UUID
    channel: str
    whereto: Whereto


async def ways(db: Db) -> Sequence[Way]:
    """Every active administrator, each by the channel that they like best; by e-mail who has chosen none."""
    statement = (
        select(StaffMember.id, ContactMethod.channel)
        .outerjoin(
            ContactMethod,
            and_(
                ContactMethod.organization_id == StaffMember.organization_id,
                ContactMethod.staff_member_id == StaffMember.id,
            ),
        )
        .where(
            StaffMember.organization_id == db.organization_id,
            StaffMember.role == Role.ADMINISTRATOR.value,
            StaffMember.active,
        )
        .order_by(StaffMember.id, ContactMethod.position)
        .ext(distinct_on(StaffMember.id))
    )
    found = []
    for row in (await db.execute(statement)).all():
        member_id, channel = row.id, row.channel
        whereto = await pages.whereto(db, member_id, channel or "email")
        if whereto is not None:
            found.append(Way(member_id, channel or "email", whereto))
    return found
