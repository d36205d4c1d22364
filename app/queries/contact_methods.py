"""How staff members are reached."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import ContactMethod, StaffMember


async def of(db: Db, actor: Actor, staff_member_id: UUID) -> Sequence[ContactMethod]:
    """Somebody's contact methods in the order that they prefer. Raises `NotFound` for nobody."""
    await _find(db, actor, staff_member_id, locked=False)
    return await _of(db, staff_member_id)


async def to_change(db: Db, actor: Actor, staff_member_id: UUID) -> Sequence[ContactMethod]:
    """The same; until the commit nobody else changes them."""
    await _find(db, actor, staff_member_id, locked=True)
    return await _of(db, staff_member_id)


async def replace(db: Db, staff_member_id: UUID, methods: Sequence[ContactMethod]) -> None:
    """Make these all that there are."""
    await db.execute(
        delete(ContactMethod).where(
            ContactMethod.organization_id == db.organization_id,
            ContactMethod.staff_member_id == staff_member_id,
        )
    )
    await db.add(*methods)


async def _of(db: Db, staff_member_id: UUID) -> Sequence[ContactMethod]:
    statement = (
        select(ContactMethod)
        .where(
            ContactMethod.organization_id == db.organization_id,
            ContactMethod.staff_member_id == staff_member_id,
        )
        .order_by(ContactMethod.position)
    )
    return (await db.scalars(statement)).all()


async def _find(db: Db, actor: Actor, staff_member_id: UUID, *, locked: bool) -> None:
    statement = select(StaffMember.id).where(visible(StaffMember, actor), StaffMember.id == staff_member_id)
    if locked:
        statement = statement.with_for_update(key_share=True)
    if await db.scalar(statement) is None:
        raise NotFound
