"""Whether a row exists for somebody."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access import Actor, visible
from app.database import Db


async def is_visible(db: Db, actor: Actor, model: type[Any], id: UUID) -> bool:
    """Whether the row of `model` with this id is visible to the actor."""
    return await db.scalar(select(model.id).where(visible(model, actor), model.id == id)) is not None
