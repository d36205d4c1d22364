"""Found an organization."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.database import Db
from app.models import FeedHead, Organization, Tenant


@dataclass(frozen=True, slots=True)
class Draft:
    """A new tenant. `country` is ISO 3166-1 alpha-2, `locale` en or es, `time_zone` an IANA name."""

    id: UUID
    name: str
    country: str
    locale: str
    time_zone: str
    crisis_lines: Sequence[dict[str, str]] = ()


async def found(db: Db, draft: Draft, now: datetime) -> Organization:
    """Add the organization that is this unit of work's tenant, with an empty feed."""
    organization = Organization(
        organization_id=draft.id, name=draft.name, country=draft.country, locale=draft.locale,
        time_zone=draft.time_zone, crisis_lines=list(draft.crisis_lines), created_at=now,
    )  # fmt: skip
    await db.add(Tenant(organization_id=draft.id))
    await db.add(organization)
    await db.add(FeedHead(organization_id=draft.id, position=0, access_version=0))
    return organization
