"""Check-ins: write one and read the patient's history in the same statement; list them; find one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from app.access import Actor, Permission, visible
from app.database import Db
from app.models import CheckIn
from app.queries import audit, everything
from app.queries.histories import CONTEXT, Context
from app.queries.recent import RECENT_ASSESSMENTS, RECENT_CHECK_INS

_LOCK = "select 1 from patient where organization_id = %s and id = %s for no key update"
_WRITE = f"""
with context as materialized ({CONTEXT}),
written as (
  insert into check_in (organization_id, id, revision, patient_id, program_id, local_date, time_zone,
    occurred_at, filed_at, recorded_at, received_at, answers, note, fingerprint)
  select %(org)s, %(id)s, %(revision)s, %(patient)s, program_id, %(local_date)s, %(time_zone)s,
    %(occurred_at)s, %(at)s, %(recorded_at)s, %(received_at)s, %(answers)s, %(note)s, %(fingerprint)s
  from context
  on conflict (organization_id, id, revision) do nothing
  returning 1
),
audited as (
  insert into audit_entry ({audit.COLUMNS}) select {audit.PLACEHOLDERS} from context
)
select 'context', null::uuid, (select count(*) from written)::int, null::timestamptz, null::date,
       null::timestamptz, to_jsonb(context) from context
union all ({RECENT_CHECK_INS} order by c.filed_at desc limit 400)
union all ({RECENT_ASSESSMENTS} and a.instrument = 'craving-nrs' order by a.filed_at desc limit 60)
"""  # noqa: S608 - the parts are constants, and whatever somebody sent is bound


@dataclass(frozen=True, slots=True)
class NewCheckIn:
    """A check-in as it is to be stored. Times are aware; `filed_at` is when it counts as lived."""

    id: UUID
    revision: int
    patient_id: UUID
    local_date: date
    time_zone: str
    occurred_at: datetime
    filed_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    answers: dict[str, Any]
    note: str | None
    fingerprint: bytes


class Written(NamedTuple):
    """What the writing statement tells: whether it wrote, who the patient is, and rows for
    `histories.readings`."""

    is_new: bool
    context: Context
    others: Sequence[tuple[Any, ...]]


async def write(db: Db, actor: Actor, new: NewCheckIn) -> Written | None:
    """Insert a check-in unless its id is taken, and read the history that the rules need. Audited with it.

    The patient's row is locked first, in a statement of its own: two answers at once must see each other,
    and a statement sees only what was committed before it began. Where the program's rules read check-ins
    together with something else, one more statement reads all there is. None when there is no such patient.
    """
    values = {
        "org": db.organization_id, "id": new.id, "revision": new.revision, "patient": new.patient_id,
        "local_date": new.local_date, "time_zone": new.time_zone, "occurred_at": new.occurred_at,
        "at": new.filed_at, "recorded_at": new.recorded_at, "received_at": new.received_at,
        "answers": Jsonb(new.answers), "note": new.note, "fingerprint": new.fingerprint,
        **audit.row(
            actor, new.received_at, Permission.CHECK_IN_SUBMIT, of="check_in", id=new.id,
            patient_id=new.patient_id,
        ),
    }  # fmt: skip
    async with db.pipeline() as driver:
        await driver.execute(_LOCK, (db.organization_id, new.patient_id))
        cursor = await driver.execute(_WRITE, values)
    rows = await cursor.fetchall()
    if not rows:
        return None
    _, _, written, *_, told = rows[0]
    context, others = Context.read(told), rows[1:]
    if context.mixes_sources:
        others += await everything.besides_check_ins(db, new.patient_id, context.program_id, new.filed_at)
    return Written(bool(written), context, others)


async def revisions(db: Db, id: UUID) -> Sequence[CheckIn]:
    """Every revision of one check-in, the first first; unscoped, for the writer who holds its id."""
    statement = (
        select(CheckIn)
        .where(CheckIn.organization_id == db.organization_id, CheckIn.id == id)
        .order_by(CheckIn.revision)
    )
    return (await db.scalars(statement)).all()


async def recent(
    db: Db, actor: Actor, patient_id: UUID, *, first_day: date | None, last_day: date | None, limit: int,
    before: tuple[datetime, UUID] | None,
) -> Sequence[tuple[CheckIn, int]]:  # fmt: skip
    """A patient's check-ins of these local days, newest first: each as first sent, and how often it was sent
    differently."""
    later = aliased(CheckIn)
    revised = (
        select(func.count())
        .where(later.organization_id == CheckIn.organization_id, later.id == CheckIn.id, later.revision > 0)
        .scalar_subquery()
    )
    statement = (
        select(CheckIn, revised)
        .where(visible(CheckIn, actor), CheckIn.patient_id == patient_id, CheckIn.revision == 0)
        .order_by(CheckIn.filed_at.desc(), CheckIn.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(CheckIn.filed_at, CheckIn.id) < before)
    if first_day is not None:
        statement = statement.where(CheckIn.local_date >= first_day)
    if last_day is not None:
        statement = statement.where(CheckIn.local_date <= last_day)
    return (await (await db.orm()).execute(statement)).all()
