"""Series of sessions, as far as the actor may see them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update

from app.access import RUNNING, Actor, Role, visible, worked_in
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Enrollment, Program, SeriesPlace, SessionSeries, StaffMember
from app.treatment.attendance import GATHERINGS
from app.treatment.policy import AttendancePolicy, policy_of


class Taken(NamedTuple):
    """How many have a place in a series, and how many wait for one."""

    placed: int
    waiting: int


async def find(db: Db, actor: Actor, series_id: UUID) -> SessionSeries:
    """One series. Raises `NotFound` when it is not visible."""
    series: SessionSeries | None = await db.scalar(_one(actor, series_id))
    if series is None:
        raise NotFound
    return series


async def to_change(db: Db, actor: Actor, series_id: UUID, version: int | None = None) -> SessionSeries:
    """One series, locked until the commit, in this version unless it is None.

    Whoever plans its sessions or gives out its places holds this row, and locks no patient before it. Raises
    `NotFound` and `PreconditionFailed`.
    """
    statement = _one(actor, series_id).with_for_update(key_share=True, of=SessionSeries)
    series: SessionSeries | None = await db.scalar(statement.execution_options(populate_existing=True))
    if series is None:
        raise NotFound
    if version is not None and series.row_version != version:
        raise PreconditionFailed
    return series


async def listed(
    db: Db, actor: Actor, *, program_id: UUID | None, limit: int, after: UUID | None
) -> Sequence[SessionSeries]:
    """The series that the actor sees, oldest first, from behind `after`; of one program when it is named."""
    statement = select(SessionSeries).where(_seen(actor)).order_by(SessionSeries.id).limit(limit)
    if program_id is not None:
        statement = statement.where(SessionSeries.program_id == program_id)
    if after is not None:
        statement = statement.where(SessionSeries.id > after)
    return (await db.scalars(statement)).all()


async def taken(db: Db, series_ids: Collection[UUID]) -> Mapping[UUID, Taken]:
    """How many have a place in each of these series, and how many wait; where nobody does, it is left out.

    Whose stay in the program is over has none any more, although it stands there still.
    """
    if not series_ids:
        return {}
    placed = func.count().filter(SeriesPlace.status == "placed")
    waiting = func.count().filter(SeriesPlace.status == "waiting")
    statement = (
        select(SeriesPlace.series_id, placed, waiting)
        .join(
            SessionSeries,
            and_(
                SessionSeries.organization_id == SeriesPlace.organization_id,
                SessionSeries.id == SeriesPlace.series_id,
            ),
        )
        .where(
            SeriesPlace.organization_id == db.organization_id,
            SeriesPlace.series_id.in_(series_ids),
            SeriesPlace.status != "left",
            stays(SeriesPlace.patient_id, SessionSeries.program_id),
        )
        .group_by(SeriesPlace.series_id)
    )
    rows: Sequence[Any] = (await db.execute(statement)).all()
    return {series_id: Taken(*numbers) for series_id, *numbers in rows}


async def program_to_schedule(db: Db, actor: Actor, program_id: UUID) -> Program:
    """A program for which the actor may plan sessions: the staff who work in it, and administrators.

    Raises `NotFound`.
    """
    statement = select(Program).where(visible(Program, actor), Program.id == program_id)
    if actor.role in WORKING:
        statement = statement.where(Program.id.in_(worked_in(actor)))
    program: Program | None = await db.scalar(statement)
    if program is None:
        raise NotFound
    return program


async def policy_in(db: Db, program_id: UUID) -> AttendancePolicy:
    """What a program makes of who does not come."""
    stored = select(Program.attendance_policy).where(
        Program.organization_id == db.organization_id, Program.id == program_id
    )
    return policy_of((await db.scalars(stored)).one())


async def on_staff(db: Db, staff_member_ids: Collection[UUID]) -> Collection[UUID]:
    """Those of these ids that are active staff members'."""
    statement = select(StaffMember.id).where(
        StaffMember.organization_id == db.organization_id,
        StaffMember.id.in_(staff_member_ids),
        StaffMember.active,
    )
    return set(await db.scalars(statement)) if staff_member_ids else set()


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The series that must be looked at by now, the longest waiting first."""
    statement = (
        select(SessionSeries.id)
        .where(SessionSeries.organization_id == db.organization_id, SessionSeries.extend_at <= now)
        .order_by(SessionSeries.extend_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, series_id: UUID, now: datetime) -> SessionSeries | None:
    """A series that must be looked at, locked until the commit; None when somebody else is at it or was."""
    statement = (
        select(SessionSeries)
        .where(
            SessionSeries.organization_id == db.organization_id,
            SessionSeries.id == series_id,
            SessionSeries.extend_at <= now,
        )
        .with_for_update(key_share=True, skip_locked=True)
    )
    series: SessionSeries | None = await db.scalar(statement)
    return series


async def set_planned(db: Db, series_id: UUID, until: date, extend_at: datetime | None) -> None:
    """Up to which day its sessions are rows, and when to look again. That is no change for who reads it: the
    version stays."""
    await db.execute(
        update(SessionSeries)
        .where(SessionSeries.organization_id == db.organization_id, SessionSeries.id == series_id)
        .values(planned_until=until, extend_at=extend_at)
        .execution_options(synchronize_session=False)
    )


WORKING = (Role.COUNSELOR, Role.SUPERVISOR)
"""Who sees the timetable of the programs that they work in, and plans it."""


def stays(patient_id: Any, program_id: Any) -> ColumnElement[bool]:
    """Whether a patient has a running stay in a program; each is a column or an id."""
    return exists().where(
        Enrollment.organization_id == SessionSeries.organization_id,
        Enrollment.patient_id == patient_id,
        Enrollment.program_id == program_id,
        Enrollment.status.in_(RUNNING),
    )


def _seen(actor: Actor) -> ColumnElement[bool]:
    mine = visible(SessionSeries, actor)
    if actor.role is not Role.PATIENT:
        return mine
    own = exists().where(
        SeriesPlace.organization_id == SessionSeries.organization_id,
        SeriesPlace.series_id == SessionSeries.id,
        SeriesPlace.patient_id == actor.id,
    )
    # Somebody's individual hours are nobody else's to see.
    is_open = or_(SessionSeries.kind.in_(GATHERINGS), SessionSeries.audience == "program")
    return and_(mine, or_(own, and_(is_open, stays(actor.id, SessionSeries.program_id))))


def _one(actor: Actor, series_id: UUID) -> Select[SessionSeries]:
    return select(SessionSeries).where(_seen(actor), SessionSeries.id == series_id)
