"""Signs of life of what runs by itself, and what it counted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.database import Db
from app.models import Pulse


class Beat(NamedTuple):
    """When a task last came to its end, and what it counted then."""

    at: datetime
    facts: Mapping[str, Any]


async def beat(db: Db, name: str, now: datetime, **facts: float) -> None:
    """Say that a task has come to its end. `facts` are numbers, of nobody."""
    values = {"name": name, "at": now, "facts": facts}
    written = insert(Pulse).values(values)
    await db.execute(
        written.on_conflict_do_update(
            index_elements=[Pulse.name], set_={"at": written.excluded.at, "facts": written.excluded.facts}
        )
    )


async def every(db: Db) -> Mapping[str, Beat]:
    """The last beat of each task."""
    rows = await db.execute(select(Pulse.name, Pulse.at, Pulse.facts))
    return {row.name: Beat(row.at, row.facts) for row in rows}
