"""The organization whose unit of work this is."""

from sqlalchemy import select

from app.database import Db
from app.models import Organization


async def current(db: Db) -> Organization:
    """The tenant."""
    statement = select(Organization).where(Organization.organization_id == db.organization_id)
    organization: Organization = (await db.scalars(statement)).one()
    return organization


async def held(db: Db) -> Organization:
    """The tenant, locked until the commit."""
    statement = (
        select(Organization)
        .where(Organization.organization_id == db.organization_id)
        .with_for_update(key_share=True)
    )
    organization: Organization = (await db.scalars(statement)).one()
    return organization
