"""The feed: one commit-ordered, gap-free series of events for each organization."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select

from app import watermark
from app.access import Actor, visible
from app.database import Db
from app.errors import Unacceptable
from app.models import Event
from app.queries import jobs
from app.watermark import CHANNEL, Head

WINDOW = 5000
"""How many positions one reading looks at: a feed full of what its reader may not see costs no more."""


class Stretch(NamedTuple):
    """The visible events of a part of the feed, the position it reaches, and whether there is more by now."""

    events: Sequence[Row[Any]]
    reached: int
    more: bool


def record(db: Db, type: str, *, alert_id: UUID, patient_id: UUID, now: datetime) -> None:
    """Append one event as the last thing that this unit of work does.

    The counter's row stays locked until the commit, so that positions follow the order of commits: a
    sequence would not, and a reader behind its cursor would miss what commits late.
    """
    assert db.organization_id is not None
    # In two statements: one that waited for the counter still sees what was there before it waited.
    db.at_commit(
        "update feed_head set position = position + 1 where organization_id = %s",
        (db.organization_id,),
        last=True,
    )
    db.at_commit(
        "insert into event (organization_id, position, type, alert_id, sequence, patient_id, occurred_at)"
        " select organization_id, position, %(type)s, %(alert)s,"
        " (select coalesce(max(sequence), 0) + 1 from event"
        " where organization_id = %(org)s and alert_id = %(alert)s), %(patient)s, %(now)s"
        " from feed_head where organization_id = %(org)s",
        {"org": db.organization_id, "type": type, "alert": alert_id, "patient": patient_id, "now": now},
        last=True,
    )
    jobs.follow_feed(db)
    _wake(db)


def record_access_change(db: Db) -> None:
    """Say that somebody may now see other rows than before: answers cached for a poller are stale."""
    assert db.organization_id is not None
    db.at_commit(
        "update feed_head set access_version = access_version + 1 where organization_id = %s",
        (db.organization_id,),
        last=True,
    )
    _wake(db)


def _wake(db: Db) -> None:
    assert db.organization_id is not None
    db.at_commit("select pg_notify(%s, %s)", (CHANNEL, str(db.organization_id)), last=True)
    db.after_commit(partial(watermark.committed, db.organization_id))


async def head(db: Db) -> Head:
    """How far the feed has come, as the first use of a unit of work: what is read after it is no older."""
    async with db.pipeline() as driver:
        cursor = await driver.execute(
            "select position, access_version from feed_head where organization_id = %s", (db.organization_id,)
        )
    row = await cursor.fetchone()
    return Head(0, 0) if row is None else Head(*row)


async def following(db: Db, actor: Actor, head: Head, after: int, limit: int) -> Stretch:
    """The events behind the position `after` that the actor may see now, up to `head`.

    Raises `Unacceptable` as `require_reached` does.
    """
    require_reached(head, after)
    end = min(head.position, after + WINDOW)
    statement = (
        select(Event.position, Event.type, Event.alert_id, Event.patient_id, Event.occurred_at)
        .where(visible(Event, actor), Event.position > after, Event.position <= end)
        .order_by(Event.position)
        .limit(limit)
    )
    found = (await db.execute(statement)).all()
    reached = found[-1].position if len(found) == limit else end
    return Stretch(found, reached, reached < head.position)


def require_reached(head: Head, position: int) -> None:
    """Raise `Unacceptable` for a position that the feed has not come to.

    It is not of this database: whoever followed it would miss everything until then.
    """
    if position > head.position:
        raise Unacceptable.at("/after", "cursor_ahead", "The feed has not come that far; begin again.")
