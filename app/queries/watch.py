"""What the watcher asks: which timers are missing, what is late, whom nobody told."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.sql.elements import ColumnElement

from app.access import RUNNING
from app.database import Db
from app.models import Alert, Enrollment, Program

_LATENESS: Final[LiteralString] = """
    select
      (select min(timer_at) from alert where organization_id = %(org)s and timer_at is not null),
      (select min(absence_due_at) from enrollment
        where organization_id = %(org)s and absence_due_at is not null),
      (select min(look_at) from page where organization_id = %(org)s and status = 'waiting'),
      (select count(*) from page
        where organization_id = %(org)s and status = 'waiting' and due_at <= %(now)s),
      (select min(greatest(d.due_at, e.sending_until)) from webhook_delivery d
        join webhook_endpoint e on e.organization_id = d.organization_id and e.id = d.endpoint_id
        where d.organization_id = %(org)s and d.status = 'waiting' and e.status = 'enabled'
          and coalesce(e.sending_until, %(now)s) <= %(now)s),
      (select jsonb_object_agg(severity, waiting) from (
        select severity, extract(epoch from %(now)s - min(opened_at)) as waiting from alert
        where organization_id = %(org)s and status = 'open' and snoozed_until is null
        group by severity) open)
"""
# A cycle begins with its first line in the log or its first page; one that has neither, when it was found. Of
# cycles in which nobody was reached or had it the first counts: who cries again must not put off the fault.
_UNREACHED: Final[LiteralString] = """
    select a.id, coalesce(b.began, a.last_found_at) from alert a, lateral (
      select coalesce(greatest(
        (select max(cycle) from alert_entry e
          where e.organization_id = a.organization_id and e.alert_id = a.id
            and e.kind in ('acknowledged', 'snoozed')),
        (select max(cycle) from page p
          where p.organization_id = a.organization_id and p.alert_id = a.id and p.status = 'sent')
      ), 0) as cycle) seen, lateral (
      select least(
        (select min(at) from alert_entry e
          where e.organization_id = a.organization_id and e.alert_id = a.id and e.cycle > seen.cycle),
        (select min(created_at) from page p
          where p.organization_id = a.organization_id and p.alert_id = a.id and p.cycle > seen.cycle)
      ) as began) b
    where a.organization_id = %(org)s and a.status = 'open' and a.severity in ('critical', 'urgent')
      and a.snoozed_until is null
      and not exists (
        select from page p
        where p.organization_id = a.organization_id and p.alert_id = a.id and p.cycle = a.cycle
          and p.status = 'sent')
      and coalesce(b.began, a.last_found_at) <= %(since)s
    limit %(limit)s
"""
_QUEUES: Final[LiteralString] = """
    with waiting as (
      select queue_name, count(*) as depth, min(id) filter (where scheduled_at is null) as first,
             min(scheduled_at) as due
      from procrastinate_jobs
      where status = 'todo' and (scheduled_at is null or scheduled_at <= %(now)s)
      group by queue_name)
    select queue_name, depth, least(due, (select max(at) from procrastinate_events where job_id = first))
    from waiting
"""


class Lateness(NamedTuple):
    """What an organization waits for: the earliest moment of each kind, passed or not, and how many pages are
    due. Of webhooks only those count that nobody is sending. `unacknowledged`: for how many seconds the
    oldest open alert of each severity has been open."""

    timer_at: datetime | None
    absence_due_at: datetime | None
    look_at: datetime | None
    pages_waiting: int
    webhook_due_at: datetime | None
    unacknowledged: Mapping[str, float]


class Queue(NamedTuple):
    """How many jobs could be worked on now, and since when the first of them has waited."""

    depth: int
    since: datetime | None


class Stay(NamedTuple):
    """A running stay, and whose it is."""

    id: UUID
    patient_id: UUID


async def without_timer(db: Db, limit: int) -> Sequence[Alert]:
    """Unresolved alerts for which nothing is due: whether that is right, the ladder says."""
    statement = select(Alert).where(_rests(db)).order_by(Alert.id).limit(limit)
    return (await db.scalars(statement)).all()


async def claim_without_timer(db: Db, alert_id: UUID) -> Alert | None:
    """One of these, locked until the commit; None when somebody else is at it."""
    statement = select(Alert).where(_rests(db), Alert.id == alert_id).with_for_update(skip_locked=True)
    alert: Alert | None = await db.scalar(statement)
    return alert


def _rests(db: Db) -> ColumnElement[bool]:
    return and_(
        Alert.organization_id == db.organization_id, Alert.status != "resolved", Alert.timer_at.is_(None)
    )


async def stays(db: Db, after: UUID, limit: int) -> Sequence[Stay]:
    """Running stays behind one of them, by id."""
    return await _stays(db, Enrollment.id > after, limit)


async def stays_without_moment(db: Db, limit: int) -> Sequence[Stay]:
    """Running stays at which no sweep will look."""
    return await _stays(db, Enrollment.absence_due_at.is_(None), limit)


async def _stays(db: Db, which: ColumnElement[bool], limit: int) -> Sequence[Stay]:
    statement = (
        select(Enrollment.id, Enrollment.patient_id)
        .where(
            Enrollment.organization_id == db.organization_id, Enrollment.status.in_(RUNNING), which
        )
        .order_by(Enrollment.id)
        .limit(limit)
    )  # fmt: skip
    return [Stay._make(row) for row in await db.execute(statement)]


async def lateness(db: Db, now: datetime) -> Lateness:
    """What an organization waits for."""
    cursor = await (await db.driver()).execute(_LATENESS, {"org": db.organization_id, "now": now})
    row = await cursor.fetchone()
    assert row is not None, "a select of values has one row"
    return Lateness._make((*row[:-1], row[-1] or {}))


async def unreached(db: Db, since: datetime, limit: int) -> Sequence[tuple[UUID, datetime]]:
    """Open critical and urgent alerts whose cycle had begun by then, and no page of which reached anybody."""
    cursor = await (await db.driver()).execute(
        _UNREACHED, {"org": db.organization_id, "since": since, "limit": limit}
    )
    return [(alert_id, began) for alert_id, began in await cursor.fetchall()]


async def programs(db: Db) -> Sequence[tuple[UUID, int]]:
    """Each program, and the version of its rules that is in force."""
    statement = select(Program.id, Program.rule_set_version).where(
        Program.organization_id == db.organization_id
    )
    return [(row.id, row.rule_set_version) for row in await db.execute(statement)]


async def queues(db: Db, now: datetime) -> Mapping[str, Queue]:
    """The queues in which jobs wait, by name."""
    cursor = await (await db.driver()).execute(_QUEUES, {"now": now})
    return {name: Queue(depth, since) for name, depth, since in await cursor.fetchall()}
