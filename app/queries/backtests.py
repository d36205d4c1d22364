"""What a backtest reads: whose answers, and a few patients' stored history at a time.

A patient's history leaves PostgreSQL as one JSON text, so that reading it costs the process that serves
requests nothing: whoever replays it takes it apart. What somebody wrote in words is not among it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import reduce
from operator import add
from typing import Any, LiteralString, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import exists, func, or_, select

from app.access import Actor, visible
from app.database import Db
from app.ladders.calendar import ProgramCalendar, asked_pauses
from app.models import (
    Assessment,
    AttendanceEntry,
    CheckIn,
    CrisisFlag,
    Enrollment,
    FollowUp,
    GoalStanding,
    HoursStanding,
    Patient,
)
from app.queries.everything import plan_of
from app.queries.histories import FURTHEST, readings
from app.queries.recent import NEWS
from app.queries.rosters import EXPECTED
from app.rules.backtest import Span
from app.rules.history import Pause
from app.rules.reading import Source
from app.rules.replay_case import Answer, Case, Planned, Stay

# The answers of a batch came at one moment, and were kept in the order that `routers.check_in_batches` says.
_CASES: LiteralString = f"""
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
          union all
          select 'attendance', attendance_id, revision, filed_at, local_date, received_at,
                 jsonb_build_object('status', status, 'minutes', minutes),
                 program_id is not distinct from %(program)s
                 and (e.received_at < e.filed_at or {NEWS})
          from attendance_entry e
          where organization_id = p.organization_id and patient_id = p.id and received_at < %(until)s
          union all
          select 'goal', id, 0, at, local_date, at, jsonb_build_object('behind', behind),
                 program_id is not distinct from %(program)s
          from goal_standing
          where organization_id = p.organization_id and patient_id = p.id and at < %(until)s
          union all
          select 'hours', id, 0, at, local_date, at,
                 jsonb_build_object('shortfall_minutes', shortfall_minutes),
                 program_id is not distinct from %(program)s
          from hours_standing
          where organization_id = p.organization_id and patient_id = p.id and at < %(until)s
          union all
          select 'crisis_flag', id, 0, filed_at, local_date, received_at, '{{}}'::jsonb,
                 program_id is not distinct from %(program)s
          from crisis_flag
          where organization_id = p.organization_id and patient_id = p.id and received_at < %(until)s
            and raised_by_kind <> 'rule'
          union all
          select 'follow_up', id, 0, overdue_at, overdue_on, overdue_at, '{{}}'::jsonb,
                 program_id is not distinct from %(program)s
          from follow_up
          where organization_id = p.organization_id and patient_id = p.id and overdue_at < %(until)s
        ) a),
      'planned', case when %(projects)s then (
        select jsonb_agg(jsonb_build_array(
          s.id, s.ends_at, s.local_date, extract(epoch from s.ends_at - s.starts_at) / 60, a.id)
          order by s.ends_at, s.id)
        from ({EXPECTED}) x
        join treatment_session s on s.organization_id = p.organization_id and s.id = x.session_id
        left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
          and a.patient_id = x.patient_id
        where x.patient_id = p.id
          and x.starts_at between %(since)s - interval '9 days' and %(until)s + interval '9 days'
      ) end)::text
    from patient p
    where p.organization_id = %(org)s and p.id = any(%(patients)s)
    order by p.id
"""  # noqa: S608 - the parts are constants, and the rest is bound

_ANSWERS = (
    (CheckIn, CheckIn.received_at),
    (Assessment, Assessment.received_at),
    (AttendanceEntry, AttendanceEntry.received_at),
    (GoalStanding, GoalStanding.at),
    (HoursStanding, HoursStanding.at),
    (CrisisFlag, CrisisFlag.received_at),
    (FollowUp, FollowUp.overdue_at),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is replayed: a program's answers of some days."""

    program_id: UUID
    time_zone: str
    week_starts_on: int
    calendar: ProgramCalendar
    span: Span
    projects: bool = False
    """Whether a rule adds what is planned."""


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
    counts = (
        select(func.count())
        .where(
            model.organization_id == Patient.organization_id,
            model.patient_id == Patient.id,
            came < scope.span.until,
        )
        .scalar_subquery()
        for model, came in _ANSWERS
    )
    statement = (
        select(Patient.id, reduce(add, counts)).where(visible(Patient, actor), here).order_by(Patient.id)
    )
    return [Told._make(row) for row in await db.execute(statement)]


async def texts(db: Db, scope: Scope, patient_ids: Sequence[UUID]) -> Sequence[str]:
    """Everything that these patients answered until the end of the span: for each, what `case` reads."""
    values = {
        "org": db.organization_id, "program": scope.program_id, "until": scope.span.until,
        "patients": list(patient_ids), "since": scope.span.since, "projects": scope.projects,
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
        planned=[_planned(each) for each in stored["planned"] or ()],
    )


def _answer(stored: Sequence[Any], wanted: Collection[str]) -> Answer:
    kind, source_id, revision, at, day, received_at, payload, evaluated = stored
    source = Source(kind, UUID(source_id), revision)
    at, received_at = datetime.fromisoformat(at), datetime.fromisoformat(received_at)
    row = (*source, at, date.fromisoformat(day), received_at, payload)
    return Answer(source, at, received_at, tuple(readings([row], wanted)), evaluated)


def _planned(stored: Sequence[Any]) -> Planned:
    session_id, ends_at, day, minutes, attendance_id = stored
    ends_at, day = datetime.fromisoformat(ends_at), date.fromisoformat(day)
    reading = plan_of(UUID(session_id), ends_at, day, minutes, ends_at)
    return Planned(reading, UUID(attendance_id) if attendance_id else None)


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
