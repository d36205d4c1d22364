"""What payers require, as the organization has put it down beside what Handrail ships."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select

from app.access import Actor, visible
from app.database import Db
from app.models import PayerRule
from app.treatment.requirement import PAYERS, HoursRule


async def listed(
    db: Db, actor: Actor, *, payer: str | None, limit: int, after: UUID | None
) -> Sequence[PayerRule]:
    """The organization's own rules, or those of one payer, in the order in which they were added."""
    statement = select(PayerRule).where(visible(PayerRule, actor)).order_by(PayerRule.id).limit(limit)
    if payer is not None:
        statement = statement.where(PayerRule.payer == payer)
    if after is not None:
        statement = statement.where(PayerRule.id > after)
    return (await db.scalars(statement)).all()


async def of_payers(db: Db, payers: Collection[str]) -> list[HoursRule]:
    """The organization's own rules of these payers, the one that was added last as the last."""
    if not payers:
        return []
    statement = (
        select(PayerRule)
        .where(PayerRule.organization_id == db.organization_id, PayerRule.payer.in_(payers))
        .order_by(PayerRule.created_at, PayerRule.id)
    )
    return [read(rule) for rule in await db.scalars(statement)]


async def is_known(db: Db, payer: str) -> bool:
    """Whether there is a rule of this payer, of ours or of the organization's."""
    if payer in PAYERS:
        return True
    statement = select(PayerRule.id).where(
        PayerRule.organization_id == db.organization_id, PayerRule.payer == payer
    )
    return await db.scalar(statement.limit(1)) is not None


def read(rule: PayerRule) -> HoursRule:
    """A stored rule as the requirements of a week understand it."""
    return HoursRule(
        code=str(rule.id), payer=rule.payer, name=rule.name, level_of_care=rule.level_of_care,
        minimum_age=rule.minimum_age, maximum_age=rule.maximum_age, first_day=rule.first_day,
        last_day=rule.last_day, minimum_hours=rule.minimum_hours, maximum_hours=rule.maximum_hours,
        daily_minimum_minutes=rule.daily_minimum_minutes, minimum_days=rule.minimum_days,
        citation=rule.citation,
    )  # fmt: skip
