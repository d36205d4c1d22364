"""What a backtest reads: whose answers, and a few patients' stored history at a time.

A patient's history leaves PostgreSQL as one JSON text, so that reading it costs the process that serves
requests nothing: whoever replays it takes it apart. What somebody wrote in words is not among it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import exists, func, or_, select

from app.access import Actor, visible
from app.database import Db
from app.ladders.calendar import ProgramCalendar, asked_pauses
from app.models import Assessment, CheckIn, Enrollment, Patient
from app.queries.histories import FURTHEST, readings
from app.rules.backtest import Span
from app.rules.history import Pause
from app.rules.reading import Source
from app.rules.replay_case import Answer, Case, Stay

# The answers of a batch came at one moment, and were kept in the order that `routers.check_in_batches` says.
_CASES: LiteralString = """
    select json_build_object(
      'id', p.id, 'zone', p.time_zone,
      'stays', (
        select jsonb_agg(jsonb_build_array(starts_on, ends_on) order by starts_on) from enrollment
        where organization_id = p.organization_id and patient_id = p.id and program_id = %(program)s),
      'leaves', (
        select jsonb_agg(jsonb_build_array(starts_at, ends_at)) from leave_of_absence
        where organization_id = p.organization_id and patient_id = p.id),
      'answers', (
        select json_agg(
          json_build_array(kind, id, revision, filed_at, local_date, received_at, payload, evaluated)
          order by received_at, payload -> 'feels_safe' is not distinct from 'false' desc, filed_at, id,
            revision)
        from (
          select 'check_in' as kind, id, revision, filed_at, local_date, received_at, answers as payload,
                 program_id is not distinct from %(program)s as evaluated
          from check_in
          where organization_id = p.organization_id and patient_id = p.id and received_at < %(until)s
          union all
          select 'assessment', id, revision, filed_at, local_date, received_at,
                 jsonb_build_object('instrument', instrument, 'answers', answers, 'score', score),
                 program_id is not distinct from %(program)s
          from assessment
          where organization_id = p.organization_id and patient_id = p.id and received_at < %(until)s
        ) a))::text
    from patient p
    where p.organization_id = %(org)s and p.id = any(%(patients)s)
    order by p.id
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is replayed: a program's answers of some days."""

    program_id: UUID
    time_zone: str
    week_starts_on: int
    calendar: ProgramCalendar
    span: Span


class Told(NamedTuple):
    """A patient, and how many answers of theirs there are to read."""

    patient_id: UUID
    answers: int


async def patients(db: Db, actor: Actor, scope: Scope) -> Sequence[Told]:
    """The visible patients who were in the program on one of these days."""
    here = exists().where(
        Enrollment.organization_id == Patient.organization_id,
        Enrollment.patient_id == Patient.id,
        Enrollment.program_id == scope.program_id,
        Enrollment.starts_on <= scope.span.last_day,
        or_(Enrollment.ends_on.is_(None), Enrollment.ends_on >= scope.span.first_day),
    )
    check_ins, assessments = (
        select(func.count())
        .where(
            model.organization_id == Patient.organization_id,
            model.patient_id == Patient.id,
            model.received_at < scope.span.until,
        )
        .scalar_subquery()
        for model in (CheckIn, Assessment)
    )
    statement = (
        select(Patient.id, check_ins + assessments).where(visible(Patient, actor), here).order_by(Patient.id)
    )
    return [Told._make(row) for row in await db.execute(statement)]


async def texts(db: Db, scope: Scope, patient_ids: Sequence[UUID]) -> Sequence[str]:
    """Everything that these patients answered until the end of the span: for each, what `case` reads."""
    values = {
        "org": db.organization_id, "program": scope.program_id, "until": scope.span.until,
        "patients": list(patient_ids),
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_CASES, values)
    return [text for (text,) in await cursor.fetchall()]


def case(text: str, scope: Scope, wanted: Collection[str]) -> Case:
    """One patient's case, from what `texts` gave. Of check-ins it has the `wanted` signals only."""
    stored = orjson.loads(text)
    zone = ZoneInfo(stored["zone"])
    return Case(
        patient_id=UUID(stored["id"]),
        answers=[_answer(each, wanted) for each in stored["answers"] or ()],
        stays=[Stay(*map(_day, each)) for each in stored["stays"] or ()],  # type: ignore[arg-type]  # a stay has begun
        time_zone=zone,
        week_starts_on=scope.week_starts_on,
        pauses=[*_leaves(stored["leaves"] or ()), *_unasked(scope, zone)],
    )


def _answer(stored: Sequence[Any], wanted: Collection[str]) -> Answer:
    kind, source_id, revision, at, day, received_at, payload, evaluated = stored
    source = Source(kind, UUID(source_id), revision)
    at, received_at = datetime.fromisoformat(at), datetime.fromisoformat(received_at)
    row = (*source, at, date.fromisoformat(day), received_at, payload)
    return Answer(source, at, received_at, tuple(readings([row], wanted)), evaluated)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _leaves(stored: Sequence[Sequence[str | None]]) -> Iterator[Pause]:
    for start, end in stored:
        assert start is not None
        yield Pause(datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None, True)


def _unasked(scope: Scope, zone: ZoneInfo) -> Iterator[Pause]:
    """The days on which the program asks for no check-in, so long back as a silence may reach."""
    start, end = scope.span.since - FURTHEST, scope.span.until + timedelta(days=1)
    for pause in asked_pauses(scope.calendar, zone, start, end):
        yield Pause(*pause, is_leave=False)
