"""What an organization sends its pages through, and where its crisis service is reached."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import Gateway


async def listed(db: Db, actor: Actor) -> Sequence[Gateway]:
    """The organization's gateways."""
    statement = select(Gateway).where(visible(Gateway, actor)).order_by(Gateway.channel)
    return (await db.scalars(statement)).all()


async def sealed(db: Db, actor: Actor) -> Mapping[str, bytes]:
    """Their addresses by channel, as they are stored."""
    return {each.channel: each.address for each in await listed(db, actor)}


async def write(db: Db, channel: str, address: bytes, hint: str, now: datetime) -> None:
    """Make this sealed address the gateway of a channel."""
    values = {"address": address, "hint": hint, "changed_at": now}
    statement = insert(Gateway).values(organization_id=db.organization_id, channel=channel, **values)
    await db.execute(
        statement.on_conflict_do_update(index_elements=["organization_id", "channel"], set_=values)
    )


async def remove(db: Db, actor: Actor, channel: str) -> None:
    """Raises `NotFound` when there is none."""
    statement = (
        delete(Gateway).where(visible(Gateway, actor), Gateway.channel == channel).returning(Gateway.channel)
    )
    if await db.scalar(statement) is None:
        raise NotFound
