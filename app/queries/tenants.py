"""Which organizations there are."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.database import Db
from app.models import Tenant


async def every(db: Db) -> Sequence[UUID]:
    """The ids of all organizations, for work that visits each in a unit of its own."""
    return (await db.scalars(select(Tenant.organization_id).order_by(Tenant.organization_id))).all()
