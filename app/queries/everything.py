"""Everything that the rules read of a patient, whatever it came from, and what is planned for them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from app.database import Db, Driver
from app.queries.histories import CONTEXT, Context, readings
from app.queries.recent import FIRST_ASSESSMENTS, RECENT_CHECK_INS, RECENT_HAPPENINGS, RECENT_OF_EACH
from app.queries.rosters import EXPECTED
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet

PLANNED: Final = "treatment_session"
"""The kind of source of a reading that is planned: its id is the session's."""
SETTLED: Final = timedelta(hours=2)
"""So long after its end a session of which nothing is known still counts as planned: whoever closes it, or
finds out who was missing, has done so by then. A design choice."""

_NOBODY: Final = UUID(int=0)
_LOCK: Final = "select 1 from patient where organization_id = %s and id = %s for no key update"
_BESIDES_CHECK_INS: Final = f"""
    ({RECENT_OF_EACH}) union all ({FIRST_ASSESSMENTS}) union all ({RECENT_HAPPENINGS})
"""
_READ: Final = f"""
with context as materialized ({CONTEXT})
select 'context', null::uuid, 0, null::timestamptz, null::date, null::timestamptz, to_jsonb(context)
from context
union all ({RECENT_CHECK_INS} order by c.filed_at desc limit 400)
union all {_BESIDES_CHECK_INS}
"""  # noqa: S608 - the parts are constants, and whatever somebody sent is bound
_READ_BESIDES_CHECK_INS: Final = f"""
with context as materialized (
  select lookback_days as lookback, lookback_latest as latest from program
  where organization_id = %(org)s and id = %(program)s)
{_BESIDES_CHECK_INS}
"""  # noqa: S608 - the parts are constants, and whatever somebody sent is bound
# Of what is known already the entries tell; somebody who is in the room is there until the end.
_PLANNED: Final[LiteralString] = f"""
    select distinct s.id, s.ends_at, s.local_date, extract(epoch from s.ends_at - s.starts_at) / 60
    from ({EXPECTED}) x
    join treatment_session s on s.organization_id = %(org)s and s.id = x.session_id
    left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      and a.patient_id = x.patient_id
    where x.patient_id = %(patient)s and x.starts_at >= %(since)s and x.starts_at < %(until)s
      and s.local_date between %(first_day)s and %(last_day)s
      and coalesce(a.status, 'expected') in ('expected', 'arrived')
"""  # noqa: S608 - the parts are constants, and the rest is bound


class Everything(NamedTuple):
    """Who the patient is to the rules, and all readings that these may need."""

    context: Context
    readings: Sequence[Reading]


async def held(db: Db, patient_id: UUID, at: datetime) -> Everything | None:
    """Lock the patient's row until the commit, and read what the rules need for anything lived from `at` on.

    What this unit of work has flushed is among it. None when there is no such patient.
    """
    async with db.pipeline() as driver:
        cursor = await asked(driver, db, patient_id, at)
    return told(await cursor.fetchall())


async def asked(
    driver: Driver, db: Db, patient_id: UUID, at: datetime, besides: UUID = _NOBODY
) -> AsyncCursor[TupleRow]:
    """The lock and the reading of `held`, in a pipeline: what `told` takes is to be fetched behind it.

    In two statements: a statement sees only what was committed before it began. Leaves out what was first
    sent as the answer `besides`.
    """
    await driver.execute(_LOCK, (db.organization_id, patient_id))
    return await driver.execute(_READ, _values(db, patient_id, at, besides))


def told(found: Sequence[TupleRow]) -> Everything | None:
    """What the rows say; None when there are none."""
    return Everything(Context.read(found[0][-1]), list(readings(found[1:]))) if found else None


async def rows(db: Db, patient_id: UUID, at: datetime) -> Sequence[TupleRow]:
    """What `told` takes, of a patient whose row is held already."""
    cursor = await (await db.driver()).execute(_READ, _values(db, patient_id, at, _NOBODY))
    return await cursor.fetchall()


async def besides_check_ins(
    db: Db, patient_id: UUID, program_id: UUID | None, at: datetime
) -> Sequence[TupleRow]:
    """Rows for `histories.readings`: all that the rules of a program read of a patient but check-ins."""
    values = _values(db, patient_id, at, _NOBODY) | {"program": program_id}
    cursor = await (await db.driver()).execute(_READ_BESIDES_CHECK_INS, values)
    return await cursor.fetchall()


def _values(db: Db, patient_id: UUID, at: datetime, besides: UUID) -> dict[str, Any]:
    return {"org": db.organization_id, "patient": patient_id, "at": at, "id": besides, "revision": 0}


async def planned(
    db: Db, context: Context, patient_id: UUID, rule_set: RuleSet, now: datetime
) -> Sequence[Reading]:
    """The minutes of the sessions that are still to come for a patient in the program's running week, as
    readings to come; none unless one of the rules projects a total.

    Two sessions that overlap count twice, as the sum of a rule does: it is an approximation, which the report
    on hours is not. Such a reading is due when somebody must have settled its session.
    """
    if not rule_set.projects:
        return ()
    today = now.astimezone(ZoneInfo(context.zone)).date()
    first_day = today - timedelta(days=(today.weekday() - context.week_starts_on) % 7)
    week = {"first_day": first_day, "last_day": first_day + timedelta(days=6)}
    about = {"since": now - timedelta(days=2), "until": now + timedelta(days=9)}
    values = {"org": db.organization_id, "patient": patient_id, **week, **about}
    cursor = await (await db.driver()).execute(_PLANNED, values)
    found = await cursor.fetchall()
    return [plan_of(session_id, ends_at, day, minutes, now) for session_id, ends_at, day, minutes in found]


def plan_of(session_id: UUID, ends_at: datetime, day: date, minutes: float, known_at: datetime) -> Reading:
    """A session that is expected to take place, as a reading to come."""
    due = (ends_at + SETTLED).astimezone(UTC)
    return Reading("session.minutes", float(minutes), due, day, known_at, Source(PLANNED, session_id))
