"""Single sessions, as far as the actor may see them; made, changed and cancelled as rows of their series."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, and_, cast, exists, select, tuple_, update

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Attendance, TreatmentSession
from app.queries import rosters

# What a series says of each of its sessions. One that was cancelled only because the series was to end takes
# place again when it goes on; one that somebody changed or cancelled by hand stays as it is.
_PLAN: Final[LiteralString] = """
    insert into treatment_session as s (organization_id, id, series_id, program_id, slot, kind, title,
      starts_at, ends_at, time_zone, local_date, capacity, room, telehealth_url, facilitator_ids,
      arrival_code, is_exception, status, reckon_at, created_at, row_version)
    select r.organization_id, x.id, r.id, r.program_id, x.slot, r.kind, r.title, x.starts_at, x.ends_at,
      r.time_zone, x.local_date, r.capacity, r.room, r.telehealth_url, r.facilitator_ids, x.arrival_code,
      false, 'planned', x.reckon_at, %(now)s, 1
    from session_series r,
      unnest(%(ids)s::uuid[], %(slots)s::timestamp[], %(starts)s::timestamptz[], %(ends)s::timestamptz[],
        %(days)s::date[], %(codes)s::text[], %(reckon)s::timestamptz[])
        as x (id, slot, starts_at, ends_at, local_date, arrival_code, reckon_at)
    where r.organization_id = %(org)s and r.id = %(series)s
      and not exists (
        select 1 from treatment_session t
        where t.organization_id = r.organization_id and t.series_id = r.id and t.slot = x.slot
          and (t.status <> 'cancelled' or t.is_exception))
    on conflict (organization_id, series_id, slot) do update
      set status = 'planned', cancelled_at = null, cancelled_by = null, cancel_reason = null,
        title = excluded.title, capacity = excluded.capacity, room = excluded.room,
        telehealth_url = excluded.telehealth_url, facilitator_ids = excluded.facilitator_ids,
        reckon_at = excluded.reckon_at, row_version = s.row_version + 1
      where s.status = 'cancelled' and not s.is_exception
"""


class Planned(NamedTuple):
    """A session that is to be a row. `slot` is naive, where the series puts it on the wall."""

    id: UUID
    slot: datetime
    starts_at: datetime
    ends_at: datetime
    local_date: date
    arrival_code: str
    reckon_at: datetime | None


async def find(db: Db, actor: Actor, session_id: UUID) -> TreatmentSession:
    """One session. Raises `NotFound` when it is not visible.

    A patient sees those in which they are or would have been expected, and those of which something is known
    of them.
    """
    found: TreatmentSession | None = await db.scalar(_one(actor, session_id))
    if found is None:
        raise NotFound
    if actor.role is Role.PATIENT and found.id not in await rosters.concerning(
        db, actor.id, found.starts_at, found.ends_at
    ):
        raise NotFound
    return found


async def to_change(db: Db, actor: Actor, session_id: UUID, version: int | None = None) -> TreatmentSession:
    """One session, locked until the commit, in this version unless it is None; for staff.

    Who records an attendance waits for it. Raises `NotFound` and `PreconditionFailed`.
    """
    statement = _one(actor, session_id).with_for_update(key_share=True)
    found: TreatmentSession | None = await db.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    if version is not None and found.row_version != version:
        raise PreconditionFailed
    return found


async def listed(
    db: Db, actor: Actor, *, first_day: date, last_day: date, program_id: UUID | None,
    patient_id: UUID | None, limit: int, after: tuple[datetime, UUID] | None,
) -> Sequence[TreatmentSession]:  # fmt: skip
    """The sessions of these days (each where it takes place), the earliest first, from behind `after`.

    With a patient, whom the caller has found, only theirs: see `rosters.concerning`.
    """
    order = TreatmentSession.starts_at, TreatmentSession.id
    since, until = _around(first_day, last_day)
    statement = (
        select(TreatmentSession)
        .where(
            visible(TreatmentSession, actor),
            TreatmentSession.starts_at.between(since, until),
            TreatmentSession.local_date.between(first_day, last_day),
        )
        .order_by(*order)
        .limit(limit)
    )
    if program_id is not None:
        statement = statement.where(TreatmentSession.program_id == program_id)
    if patient_id is not None:
        theirs = await rosters.concerning(db, patient_id, since, until)
        statement = statement.where(TreatmentSession.id.in_(theirs))
    if after is not None:
        statement = statement.where(tuple_(*order) > after)
    return (await db.scalars(statement)).all()


async def attendances(
    db: Db, actor: Actor, patient_id: UUID, session_ids: Collection[UUID]
) -> Mapping[UUID, Attendance]:
    """What is known of a patient in these sessions, by session."""
    statement = select(Attendance).where(
        visible(Attendance, actor),
        Attendance.patient_id == patient_id,
        Attendance.session_id.in_(session_ids),
        Attendance.revision > 0,
    )
    return {each.session_id: each for each in await db.scalars(statement)}


async def is_anybody_known_in(db: Db, session_id: UUID, statuses: Collection[str]) -> bool:
    """Whether anybody's attendance of a session has one of these states."""
    known = exists().where(
        Attendance.organization_id == db.organization_id,
        Attendance.session_id == session_id,
        Attendance.status.in_(statuses),
    )
    return bool(await db.scalar(select(known)))


async def plan(db: Db, series_id: UUID, found: Sequence[Planned], now: datetime) -> None:
    """Make rows of these sessions of a series, which was flushed; those that are there stay as they are."""
    if not found:
        return
    ids, slots, starts, ends, days, codes, reckon = map(list, zip(*found, strict=True))
    values = {
        "org": db.organization_id, "series": series_id, "now": now, "ids": ids, "slots": slots,
        "starts": starts, "ends": ends, "days": days, "codes": codes, "reckon": reckon,
    }  # fmt: skip
    await (await db.driver()).execute(_PLAN, values)


async def change_coming(db: Db, series_id: UUID, changes: Mapping[str, Any], now: datetime) -> None:
    """Set these columns of the sessions of a series that have not begun, but for those changed by hand."""
    await db.execute(
        update(TreatmentSession)
        .where(*_coming(db, series_id, now), TreatmentSession.is_exception.is_(False))
        .values(**changes, row_version=TreatmentSession.row_version + 1)
        .execution_options(synchronize_session=False)
    )


async def cancel_coming(db: Db, series_id: UUID, last_day: date, by: UUID, now: datetime) -> Sequence[UUID]:
    """Cancel the sessions of a series that have not begun and that its rule put after this day. Those of
    which something is known of somebody."""
    known = exists().where(
        Attendance.organization_id == TreatmentSession.organization_id,
        Attendance.session_id == TreatmentSession.id,
    )
    later = and_(*_coming(db, series_id, now), cast(TreatmentSession.slot, Date) > last_day)
    cancelled = (
        update(TreatmentSession)
        .where(later)
        .values(
            status="cancelled", cancelled_at=now, cancelled_by=by, reckon_at=None,
            row_version=TreatmentSession.row_version + 1,
        )
        .returning(TreatmentSession.id, known)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    rows: Sequence[Any] = (await db.execute(cancelled)).all()
    return sorted(session_id for session_id, is_known in rows if is_known)


async def hold_everybody_in(db: Db, session_ids: Collection[UUID]) -> None:
    """Lock the patients of whom something is known in these sessions, in the order of their ids."""
    await (await db.driver()).execute(
        "select 1 from patient where organization_id = %(org)s and id in (select patient_id from attendance"
        " where organization_id = %(org)s and session_id = any(%(sessions)s)) order by id for no key update",
        {"org": db.organization_id, "sessions": list(session_ids)},
    )


async def has_begun_on(db: Db, series_id: UUID, day: date, now: datetime) -> bool:
    """Whether a session of a series on this day has begun, where it takes place."""
    begun = exists().where(
        TreatmentSession.organization_id == db.organization_id,
        TreatmentSession.series_id == series_id,
        TreatmentSession.status == "planned",
        TreatmentSession.local_date == day,
        TreatmentSession.starts_at <= now,
    )
    return bool(await db.scalar(select(begun)))


async def has_more_from(db: Db, series_id: UUID, day: date) -> bool:
    """Whether a session of a series is planned on this day, or later."""
    coming = exists().where(
        TreatmentSession.organization_id == db.organization_id,
        TreatmentSession.series_id == series_id,
        TreatmentSession.status == "planned",
        TreatmentSession.local_date >= day,
    )
    return bool(await db.scalar(select(coming)))


def _around(first_day: date, last_day: date) -> tuple[datetime, datetime]:
    """Moments between which these days lie wherever on earth they are."""
    begins, ends = (datetime.combine(day, time(), UTC) for day in (first_day, last_day))
    return begins - timedelta(days=1), ends + timedelta(days=2)


def _coming(db: Db, series_id: UUID, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        TreatmentSession.organization_id == db.organization_id,
        TreatmentSession.series_id == series_id,
        TreatmentSession.status == "planned",
        TreatmentSession.starts_at > now,
    )


def _one(actor: Actor, session_id: UUID) -> Select[TreatmentSession]:
    return select(TreatmentSession).where(visible(TreatmentSession, actor), TreatmentSession.id == session_id)
