"""Places in a series, and its waiting list. Whoever gives one out holds the row of the series."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import SeriesPlace, SessionSeries

_RUNNING: Final[LiteralString] = """
    exists (select 1 from enrollment e
            where e.organization_id = p.organization_id and e.patient_id = p.patient_id
              and e.program_id = %(program)s and e.status in ('active', 'on_leave'))
"""
_HELD: Final[LiteralString] = """
    p.organization_id = %(org)s and p.series_id = %(series)s and p.status <> 'left'
"""
_STANDING: Final[LiteralString] = f"""
    select count(*) filter (where p.status = 'placed'), count(*) filter (where p.status = 'waiting'),
      count(*) filter (where not {_RUNNING}), max(p.asked_at),
      exists (select 1 from enrollment e
              where e.organization_id = %(org)s and e.patient_id = %(patient)s
                and e.program_id = %(program)s and e.status in ('active', 'on_leave'))
    from series_place p where {_HELD}
"""  # noqa: S608 - the parts are constants, and the rest is bound
_RELEASE: Final[LiteralString] = f"""
    update series_place p set status = 'left', left_on = %(day)s where {_HELD} and not {_RUNNING}
"""  # noqa: S608 - the parts are constants, and the rest is bound
# Without a capacity there is no limit: that is what `limit null` means.
_MOVE_UP: Final[LiteralString] = """
    update series_place m set status = 'placed', placed_at = %(now)s, first_day = %(day)s
    where m.organization_id = %(org)s and m.id in (
      select p.id from series_place p
      where p.organization_id = %(org)s and p.series_id = %(series)s and p.status = 'waiting'
      order by p.asked_at, p.id
      limit case when %(capacity)s::int is not null then greatest(0, %(capacity)s::int - (
        select count(*) from series_place t
        where t.organization_id = %(org)s and t.series_id = %(series)s and t.status = 'placed')) end)
    returning m.id, m.patient_id
"""


class Standing(NamedTuple):
    """How the places of a series are taken, and whether somebody may have one.

    `gone` are those among the placed and waiting whose stay in the program is over.
    """

    placed: int
    waiting: int
    gone: int
    last_asked_at: datetime | None
    has_stay: bool


class Ordered(NamedTuple):
    """A place; who waits for it has a position in the waiting list, the first one 1."""

    place: SeriesPlace
    position: int | None


class Moved(NamedTuple):
    """A place that somebody got who had waited for it."""

    id: UUID
    patient_id: UUID


async def standing(db: Db, series: SessionSeries, patient_id: UUID) -> Standing:
    """How the places are taken, and whether this patient has a running stay in the program."""
    values = {
        "org": db.organization_id, "series": series.id, "program": series.program_id, "patient": patient_id,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_STANDING, values)
    (row,) = await cursor.fetchall()
    return Standing._make(row)


async def release(db: Db, series: SessionSeries, day: date) -> None:
    """Take their places from those whose stay in the program is over."""
    values = {"org": db.organization_id, "series": series.id, "program": series.program_id, "day": day}
    await (await db.driver()).execute(_RELEASE, values)


async def move_up(db: Db, series: SessionSeries, day: date, now: datetime) -> Sequence[Moved]:
    """Give the free places to those who wait, in their order; they are expected from this day on."""
    values = {
        "org": db.organization_id, "series": series.id, "capacity": series.capacity, "day": day, "now": now,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_MOVE_UP, values)
    return [Moved._make(row) for row in await cursor.fetchall()]


async def held(db: Db, actor: Actor, series_id: UUID, *, patient_id: UUID | None = None) -> Sequence[Ordered]:
    """The places of a series that the actor sees, of one patient when they are named: those who are placed,
    then those who wait, each in their order."""
    position = func.row_number().over(
        partition_by=SeriesPlace.status, order_by=(SeriesPlace.asked_at, SeriesPlace.id)
    )
    every = (
        select(SeriesPlace.id, position.label("position"))
        .where(
            SeriesPlace.organization_id == db.organization_id,
            SeriesPlace.series_id == series_id,
            SeriesPlace.status != "left",
        )
        .subquery()
    )
    statement = (
        select(SeriesPlace, every.c.position)
        .join(every, every.c.id == SeriesPlace.id)
        .where(visible(SeriesPlace, actor))
        .order_by(SeriesPlace.status, SeriesPlace.asked_at, SeriesPlace.id)
    )
    if patient_id is not None:
        statement = statement.where(SeriesPlace.patient_id == patient_id)
    rows: Sequence[Any] = (await db.execute(statement)).all()
    return [Ordered(place, number if place.status == "waiting" else None) for place, number in rows]


async def to_leave(db: Db, actor: Actor, series_id: UUID, place_id: UUID) -> SeriesPlace:
    """A place that somebody has or waits for. The caller holds the series. Raises `NotFound`."""
    statement = select(SeriesPlace).where(
        visible(SeriesPlace, actor),
        SeriesPlace.series_id == series_id,
        SeriesPlace.id == place_id,
        SeriesPlace.status != "left",
    )
    place: SeriesPlace | None = await db.scalar(statement)
    if place is None:
        raise NotFound
    return place


async def placed(db: Db, series_id: UUID) -> Sequence[UUID]:
    """The patients who have a place, in the order of their ids."""
    statement = (
        select(SeriesPlace.patient_id)
        .where(
            SeriesPlace.organization_id == db.organization_id,
            SeriesPlace.series_id == series_id,
            SeriesPlace.status == "placed",
        )
        .order_by(SeriesPlace.patient_id)
    )
    return (await db.scalars(statement)).all()
