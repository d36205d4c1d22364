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
from app.queries import everything
from app.queries.histories import Context
from app.rules.reading import Reading

_TAKEN: Final = "select exists (select from assessment where organization_id = %s and id = %s)"
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
    readings: Sequence[Reading]


async def before(db: Db, patient_id: UUID, id: UUID, filed_at: datetime) -> Before | None:
    """Lock the patient's row until the commit, and read the history that the rules need.

    None when there is no such patient.
    """
    async with db.pipeline() as driver:
        cursor = await everything.asked(driver, db, patient_id, filed_at, besides=id)
        taken = await driver.execute(_TAKEN, (db.organization_id, id))
    known = everything.told(await cursor.fetchall())
    return Before(await taken.fetchone() == (True,), *known) if known else None


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
