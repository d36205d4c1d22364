"""What telehealth platforms have told: kept once, read by session, and what is still to be applied."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from app.database import Db
from app.models import TelehealthEvent, TreatmentSession
from app.telehealth.presence import LONGEST, Event
from app.telehealth.told import Genuine

MOST_CALLS: Final = 50
"""How many calls about one event are known by themselves; older ones are stale long since."""
Outcome = Literal["kept", "known", "replayed", "other_content"]

_FIRST: Final[LiteralString] = """
    select content_hash, call_hashes from telehealth_event
    where organization_id = %(org)s and integration_id = %(integration)s and event_key = %(key)s for update
"""
_CALLED: Final[LiteralString] = """
    update telehealth_event set call_hashes = %(calls)s
    where organization_id = %(org)s and integration_id = %(integration)s and event_key = %(key)s
"""
_ABOUT: Final[LiteralString] = """
    select s.id from telehealth_meeting m
    join treatment_session s on s.organization_id = m.organization_id
      and (s.id = m.treatment_session_id or s.series_id = m.session_series_id)
    where m.organization_id = %(org)s and m.integration_id = %(integration)s and m.meeting_id = %(meeting)s
      and s.status = 'planned' and s.starts_at < %(until)s and s.ends_at > %(since)s
    order by s.id
"""
_OF_SESSION: Final[LiteralString] = """
    select e.participant_id, p.patient_id, e.kind, e.occurred_at,
      e.integration_id::text || '/' || e.meeting_id,
      coalesce(e.participant_id::text, '') || '/' || coalesce(e.connection_key, '')
    from telehealth_meeting m
    join telehealth_event e on e.organization_id = m.organization_id
      and e.integration_id = m.integration_id and e.meeting_id = m.meeting_id
    left join telehealth_participant p on p.organization_id = e.organization_id and p.id = e.participant_id
    where m.organization_id = %(org)s
      and (m.treatment_session_id = %(session)s or m.session_series_id = %(series)s)
      and e.kind in ('joined', 'left', 'ended', 'no_show')
      and e.occurred_at > %(since)s and e.occurred_at < %(until)s
"""
_TOLD_OF: Final[LiteralString] = """
    select distinct patient_id from attendance_entry
    where organization_id = %(org)s and session_id = any(%(sessions)s) and source = 'telehealth'
"""
_IN_MEETING: Final[LiteralString] = """
    select distinct p.patient_id from telehealth_event e
    join telehealth_participant p on p.organization_id = e.organization_id and p.id = e.participant_id
    where e.organization_id = %(org)s and e.integration_id = %(integration)s and e.meeting_id = %(meeting)s
      and e.occurred_at > %(since)s and e.occurred_at < %(until)s and p.patient_id is not null
"""
# Whoever touches several events locks them in the order of their ids. What somebody has set anew meanwhile
# is still to be looked at.
_DONE: Final[LiteralString] = """
    with held as (
      select e.id, u.next from unnest(%(ids)s::uuid[], %(seen)s::timestamptz[], %(next)s::timestamptz[])
        as u (id, seen, next)
      join telehealth_event e on e.organization_id = %(org)s and e.id = u.id and e.look_at = u.seen
      order by e.id for update of e)
    update telehealth_event e set applied_at = %(now)s, look_at = held.next
    from held where e.organization_id = %(org)s and e.id = held.id
"""
_LOOK: Final[LiteralString] = """
    with held as (
      select id from telehealth_event
      where organization_id = %(org)s and kind in ('joined', 'left', 'ended', 'no_show')
        and (integration_id = %(integration)s and meeting_id = %(meeting)s
             or participant_id = %(participant)s)
      order by id for update)
    update telehealth_event e set look_at = %(now)s
    from held where e.organization_id = %(org)s and e.id = held.id
    returning e.id
"""


class Seen(NamedTuple):
    """An event of a session, and of whom: None when it is of all, or nobody has said who that is."""

    participant_id: UUID | None
    patient_id: UUID | None
    event: Event


async def keep(db: Db, event: TelehealthEvent, genuine: Genuine) -> Outcome:
    """Keep an event that has not come before. What came instead, if it has: the sender's own repeat, the very
    same call again, or another event under its id."""
    columns = {each.key: getattr(event, each.key) for each in TelehealthEvent.__table__.columns}
    statement = insert(TelehealthEvent).values(columns).on_conflict_do_nothing().returning(TelehealthEvent.id)
    if await db.scalar(statement) is not None:
        return "kept"
    which = {"org": db.organization_id, "integration": event.integration_id, "key": event.event_key}
    driver = await db.driver()
    row = await (await driver.execute(_FIRST, which)).fetchone()
    assert row is not None
    content_hash, calls = row
    if content_hash != event.content_hash:
        return "other_content"
    if genuine.call_hash in calls:
        return "replayed"
    await driver.execute(_CALLED, {**which, "calls": [*calls, genuine.call_hash][-MOST_CALLS:]})
    return "known"


def new(integration_id: UUID, organization_id: UUID, **columns: object) -> TelehealthEvent:
    """An event that is not in the database yet."""
    return TelehealthEvent(
        organization_id=organization_id, id=uuid7(), integration_id=integration_id, applied_at=None, **columns
    )


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The events that are to be applied, the longest waiting first."""
    statement = (
        select(TelehealthEvent.id)
        .where(TelehealthEvent.organization_id == db.organization_id, TelehealthEvent.look_at <= now)
        .order_by(TelehealthEvent.look_at, TelehealthEvent.id)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def to_apply(db: Db, event_id: UUID, now: datetime) -> Sequence[TelehealthEvent]:
    """One of them, and those that are due with it, of the same participant in the same meeting around the
    same time, the first first. None when it was applied meanwhile."""
    mine = TelehealthEvent.organization_id == db.organization_id, TelehealthEvent.look_at <= now
    event = await db.scalar(select(TelehealthEvent).where(*mine, TelehealthEvent.id == event_id))
    if event is None:
        return ()
    statement = select(TelehealthEvent).where(
        *mine,
        TelehealthEvent.integration_id == event.integration_id,
        TelehealthEvent.meeting_id == event.meeting_id,
        TelehealthEvent.participant_id.is_not_distinct_from(event.participant_id),
        TelehealthEvent.occurred_at.between(event.occurred_at - LONGEST, event.occurred_at + LONGEST),
    )
    return (await db.scalars(statement.order_by(TelehealthEvent.occurred_at, TelehealthEvent.id))).all()


async def sessions_about(db: Db, events: Sequence[TelehealthEvent]) -> Sequence[UUID]:
    """The sessions of these events' meeting that they may say something about, in the order of their ids."""
    cursor = await (await db.driver()).execute(_ABOUT, _around(db, events))
    return [session_id for (session_id,) in await cursor.fetchall()]


async def patients_about(db: Db, events: Sequence[TelehealthEvent]) -> Collection[UUID]:
    """The patients who were in these events' meeting around their time."""
    cursor = await (await db.driver()).execute(_IN_MEETING, _around(db, events))
    return {patient_id for (patient_id,) in await cursor.fetchall()}


async def told_of(db: Db, session_ids: Sequence[UUID]) -> Collection[UUID]:
    """The patients of whom something is, or was, known in these sessions from a platform."""
    values = {"org": db.organization_id, "sessions": list(session_ids)}
    cursor = await (await db.driver()).execute(_TOLD_OF, values)
    return {patient_id for (patient_id,) in await cursor.fetchall()}


async def of_session(db: Db, treatment_session: TreatmentSession) -> Sequence[Seen]:
    """Everything that platforms have told of the meetings that are this session, from the time around it."""
    values = {
        "org": db.organization_id, "session": treatment_session.id, "series": treatment_session.series_id,
        "since": treatment_session.starts_at - LONGEST, "until": treatment_session.ends_at + LONGEST,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_OF_SESSION, values)
    return [Seen(row[0], row[1], Event(*row[2:])) for row in await cursor.fetchall()]


async def done(
    db: Db, events: Sequence[TelehealthEvent], next_looks: Sequence[datetime | None], now: datetime
) -> None:
    """These events were applied; each is looked at again at its moment, if any."""
    values = {
        "org": db.organization_id, "now": now, "ids": [each.id for each in events],
        "seen": [each.look_at for each in events], "next": list(next_looks),
    }  # fmt: skip
    await (await db.driver()).execute(_DONE, values)


async def look_again(
    db: Db, now: datetime, *, meeting: tuple[UUID, str] | None = None, participant_id: UUID | None = None
) -> Sequence[UUID]:
    """Have everything that was told of a meeting (of an integration), or of a participant, applied anew. The
    ids of those events."""
    integration_id, meeting_id = meeting or (None, None)
    values = {
        "org": db.organization_id, "integration": integration_id, "meeting": meeting_id,
        "participant": participant_id, "now": now,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_LOOK, values)
    return [event_id for (event_id,) in await cursor.fetchall()]


def _around(db: Db, events: Sequence[TelehealthEvent]) -> Mapping[str, object]:
    first, last = events[0], events[-1]
    return {
        "org": db.organization_id, "integration": first.integration_id, "meeting": first.meeting_id,
        "since": first.occurred_at - LONGEST, "until": last.occurred_at + LONGEST,
    }  # fmt: skip
