"""Assessments: read a patient's history before one is written, write it, list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import aliased

from app.access import Actor, visible
from app.database import Db
from app.models import Assessment
from app.queries.histories import (
    CONTEXT,
    FIRST_ASSESSMENTS,
    RECENT_CHECK_INS,
    RECENT_OF_EACH,
    Context,
    readings,
)
from app.rules.reading import Reading

_LOCK: Final = "select 1 from patient where organization_id = %s and id = %s for no key update"
_READ: Final = f"""
with context as materialized ({CONTEXT})
select 'context', null::uuid,
       (select count(*)::int from assessment where organization_id = %(org)s and id = %(id)s),
       null::timestamptz, null::date, null::timestamptz, to_jsonb(context) from context
union all ({RECENT_OF_EACH})
union all ({FIRST_ASSESSMENTS})
union all ({RECENT_CHECK_INS} and (x.mixes or %(instrument)s = 'craving-nrs')
           order by c.filed_at desc limit 400)
"""  # noqa: S608 - the parts are constants, and whatever somebody sent is bound
_WRITE: Final = (
    "insert into assessment (organization_id, id, revision, patient_id, program_id, instrument, version,"
    " local_date, time_zone, occurred_at, filed_at, recorded_at, received_at, answers, score, fingerprint)"
    " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """An assessment as it is to be stored; `score` with its change. Times as with `NewCheckIn`."""

    id: UUID
    revision: int
    patient_id: UUID
    program_id: UUID | None
    instrument: str
    version: str
    local_date: date
    time_zone: str
    occurred_at: datetime
    filed_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    answers: dict[str, int | str]
    score: dict[str, Any]
    fingerprint: bytes


class Before(NamedTuple):
    """What is known before an assessment is written: whether its id is taken, the patient, other readings."""

    is_taken: bool
    context: Context
    readings: list[Reading]


async def before(db: Db, patient_id: UUID, id: UUID, instrument: str, filed_at: datetime) -> Before | None:
    """Lock the patient's row until the commit, and read the history that the rules need.

    In two statements and one round trip: two answers at once must see each other, and a statement sees only
    what was committed before it began. None when there is no such patient.
    """
    values = {
        "org": db.organization_id, "patient": patient_id, "id": id, "revision": 0, "instrument": instrument,
        "at": filed_at,
    }  # fmt: skip
    async with db.pipeline() as driver:
        await driver.execute(_LOCK, (db.organization_id, patient_id))
        cursor = await driver.execute(_READ, values)
    rows = await cursor.fetchall()
    if not rows:
        return None
    _, _, taken, *_, context = rows[0]
    return Before(bool(taken), Context.read(context), list(readings(rows[1:])))


def write(db: Db, new: NewAssessment) -> None:
    """Insert an assessment, together with the COMMIT. The caller has made sure that its id is free."""
    values = [getattr(new, name) for name in NewAssessment.__slots__]
    jsonb = [Jsonb(value) if isinstance(value, dict) else value for value in values]
    db.at_commit(_WRITE, (db.organization_id, *jsonb))


async def revisions(db: Db, id: UUID) -> Sequence[Assessment]:
    """Every revision of one assessment, the first first; unscoped, for the writer who holds its id."""
    statement = (
        select(Assessment)
        .where(Assessment.organization_id == db.organization_id, Assessment.id == id)
        .order_by(Assessment.revision)
    )
    return (await db.scalars(statement)).all()


async def recent(
    db: Db, actor: Actor, patient_id: UUID, *, instrument: str | None, limit: int,
    before: tuple[datetime, UUID] | None,
) -> Sequence[tuple[Assessment, int]]:  # fmt: skip
    """A patient's assessments, newest first: each as first sent, and how often it was sent differently."""
    later = aliased(Assessment)
    revised = (
        select(func.count())
        .where(
            later.organization_id == Assessment.organization_id, later.id == Assessment.id, later.revision > 0
        )
        .scalar_subquery()
    )
    statement = (
        select(Assessment, revised)
        .where(visible(Assessment, actor), Assessment.patient_id == patient_id, Assessment.revision == 0)
        .order_by(Assessment.filed_at.desc(), Assessment.id.desc())
        .limit(limit)
    )
    if instrument is not None:
        statement = statement.where(Assessment.instrument == instrument)
    if before is not None:
        statement = statement.where(tuple_(Assessment.filed_at, Assessment.id) < before)
    return (await (await db.orm()).execute(statement)).all()
