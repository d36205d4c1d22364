"""Put down what a payer requires."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Fault, Unacceptable
from app.models import PayerRule
from app.queries import audit, idempotency


@dataclass(frozen=True, slots=True)
class Draft:
    """A new rule: hours a week, for ages in whole years, from one day until another, both included."""

    id: UUID
    payer: str
    name: str
    level_of_care: str
    minimum_age: int | None
    maximum_age: int | None
    first_day: date
    last_day: date | None
    minimum_hours: Decimal | float
    maximum_hours: Decimal | float | None
    daily_minimum_minutes: int | None
    minimum_days: int | None
    citation: str


async def add(db: Db, actor: Actor, draft: Draft, now: datetime) -> PayerRule:
    """Add a rule; none is ever changed. Raises `Unacceptable`, and `Conflict` for an id in use."""
    if faults := list(_faults(draft)):
        raise Unacceptable(faults)
    rule = PayerRule(organization_id=db.organization_id, created_at=now, created_by=actor.id, **asdict(draft))
    await idempotency.add_new(db, rule)
    audit.record(db, actor, now, Permission.PAYER_RULE_MANAGE, of="payer_rule", id=draft.id)
    return rule


def _faults(draft: Draft) -> Iterator[Fault]:
    if draft.maximum_hours is not None and draft.maximum_hours < draft.minimum_hours:
        yield Fault("/maximum_hours", "too_small", "At least the minimum.")
    if draft.maximum_age is not None and draft.maximum_age < (draft.minimum_age or 0):
        yield Fault("/maximum_age", "too_small", "At least the minimum.")
    if draft.last_day is not None and draft.last_day < draft.first_day:
        yield Fault("/last_day", "too_early", "Not before the first day.")
