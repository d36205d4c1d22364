"""Answers in the order in which they came, and what was known of their patients then."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.access import Permission
from app.database import Db
from app.models import AlertOccurrence, AuditEntry, RuleSetVersion
from app.queries.histories import CONTEXT, Context
from app.queries.histories import readings as readings_in
from app.queries.recent import NEWS, RECENT_ASSESSMENTS, RECENT_CHECK_INS, RECENT_HAPPENINGS
from app.rules.reading import Source
from app.rules.replay_case import Answer

_COLUMNS: Final = "id, revision, patient_id, program_id, received_at, filed_at"
_PAGE: Final[LiteralString] = """
    where organization_id = %(org)s and received_at >= %(from)s and received_at < %(until)s
      and (received_at, id, revision) > (%(from)s, %(id)s, %(revision)s)
    order by received_at, id, revision limit %(limit)s
"""
# What was said of a session before its time raised nothing then, nor does what only changes the words.
_ENTRIES: Final[LiteralString] = f"""
    select 'attendance', e.attendance_id, e.revision, e.patient_id, e.program_id, e.received_at, e.filed_at
    from attendance_entry e
    where e.organization_id = %(org)s and e.received_at >= %(from)s and e.received_at < %(until)s
      and (e.received_at, e.attendance_id, e.revision) > (%(from)s, %(id)s, %(revision)s)
      and e.filed_at <= e.received_at and e.status not in ('expected', 'cancelled') and {NEWS}
    order by e.received_at, e.attendance_id, e.revision limit %(limit)s
"""  # noqa: S608 - the parts are constants, and the rest is bound
_STANDINGS: Final[LiteralString] = """
    where organization_id = %(org)s and at >= %(from)s and at < %(until)s
      and (at, id, 0) > (%(from)s, %(id)s, %(revision)s)
    order by at, id limit %(limit)s
"""
_FLAGS: Final[LiteralString] = """
    select 'crisis_flag', id, 0, patient_id, program_id, received_at, filed_at from crisis_flag
    where organization_id = %(org)s and received_at >= %(from)s and received_at < %(until)s
      and (received_at, id, 0) > (%(from)s, %(id)s, %(revision)s) and raised_by_kind <> 'rule'
    order by received_at, id limit %(limit)s
"""
_OVERDUE: Final[LiteralString] = """
    select 'follow_up', id, 0, patient_id, program_id, overdue_at, overdue_at from follow_up
    where organization_id = %(org)s and overdue_at >= %(from)s and overdue_at < %(until)s
      and (overdue_at, id, 0) > (%(from)s, %(id)s, %(revision)s)
    order by overdue_at, id limit %(limit)s
"""
_RECEIVED: Final[LiteralString] = f"""
    select * from (
      (select 'check_in', {_COLUMNS} from check_in {_PAGE})
      union all
      (select 'assessment', {_COLUMNS} from assessment {_PAGE})
      union all
      ({_ENTRIES})
      union all
      (select 'goal', id, 0, patient_id, program_id, at, at from goal_standing {_STANDINGS})
      union all
      (select 'hours', id, 0, patient_id, program_id, at, at from hours_standing {_STANDINGS})
      union all
      ({_FLAGS})
      union all
      ({_OVERDUE})
    ) received
    order by received_at, id, revision limit %(limit)s
"""  # noqa: S608 - the parts are constants, and the rest is bound
_PAST: Final = f"""
with context as materialized ({CONTEXT})
select 'context', null::uuid, 0, null::timestamptz, null::date, null::timestamptz, to_jsonb(context)
from context
union all ({RECENT_ASSESSMENTS})
union all ({RECENT_CHECK_INS})
union all ({RECENT_HAPPENINGS})
"""  # noqa: S608 - the parts are constants, and the rest is bound
_FOUND: Final[LiteralString] = """
    select source_kind, source_id, source_revision, rule from alert_occurrence
    where organization_id = %s and source_id = any(%s)
"""
_NONE: Final = UUID(int=0)


class Received(NamedTuple):
    """One revision of an answer, or of what nobody was asked: whose, under which program, when it came and
    when it counts as lived."""

    source: Source
    patient_id: UUID
    program_id: UUID | None
    received_at: datetime
    filed_at: datetime


class Place(NamedTuple):
    """A place in the order in which answers came."""

    received_at: datetime
    id: UUID = _NONE
    revision: int = -1

    @classmethod
    def of(cls, answer: Received) -> "Place":
        """The place of this answer."""
        return cls(answer.received_at, answer.source.id, answer.source.revision)


class Past(NamedTuple):
    """A patient as they are now, their answers in the order in which they came, and by which rules each of
    those that were asked about was found."""

    context: Context
    answers: Sequence[Answer]
    found: Collection[tuple[Source, str]]


async def after(db: Db, place: Place, until: datetime, limit: int) -> Sequence[Received]:
    """The answers behind a place, of those received before `until`, in order."""
    values = {
        "org": db.organization_id, "from": place.received_at, "until": until, "id": place.id,
        "revision": place.revision, "limit": limit,
    }  # fmt: skip
    cursor = await (await db.driver()).execute(_RECEIVED, values)
    return [Received(Source(*row[:3]), *row[3:]) for row in await cursor.fetchall()]


async def past(db: Db, patient_id: UUID, at: datetime, sources: Collection[UUID]) -> Past | None:
    """What the rules need for anything lived from `at` on, and which rules were found by these answers.

    All assessments, however old: which was the first depends on when one asks. The occurrences are read last:
    an answer and its alerts appear at once. None when nobody is there.
    """
    values: dict[str, Any] = {
        "org": db.organization_id, "patient": patient_id, "at": at, "id": _NONE, "revision": 0,
    }  # fmt: skip
    async with db.pipeline() as driver:
        read = await driver.execute(_PAST, values)
        found = await driver.execute(_FOUND, (db.organization_id, list(sources)))
    rows = await read.fetchall()
    if not rows:
        return None
    return Past(
        Context.read(rows[0][-1]),
        _in_order(rows[1:]),
        {(Source(*source), rule) for *source, rule in await found.fetchall()},
    )


def _in_order(rows: Sequence[tuple[Any, ...]]) -> Sequence[Answer]:
    """Each answer once. Those of a batch were received at the same moment, and kept in the order that
    `routers.check_in_batches` says."""
    distinct = {row[:3]: row for row in rows}.values()
    return [_answer(row) for row in sorted(distinct, key=_turn)]


def _turn(row: tuple[Any, ...]) -> tuple[object, ...]:
    _, answer_id, revision, filed_at, _, received_at, payload = row
    return received_at, payload.get("feels_safe") is not False, filed_at, answer_id, revision


def _answer(row: tuple[Any, ...]) -> Answer:
    kind, answer_id, revision, filed_at, _, received_at, _ = row
    return Answer(Source(kind, answer_id, revision), filed_at, received_at, tuple(readings_in([row])))


async def publications(db: Db) -> Mapping[UUID, Sequence[tuple[datetime, int]]]:
    """When each version of each program's rules was published, oldest first."""
    statement = (
        select(RuleSetVersion.program_id, RuleSetVersion.published_at, RuleSetVersion.version)
        .where(RuleSetVersion.organization_id == db.organization_id)
        .order_by(RuleSetVersion.program_id, RuleSetVersion.version)
    )
    rows = (await db.execute(statement)).all()
    return {
        program_id: [(row.published_at, row.version) for row in of_program]
        for program_id, of_program in groupby(rows, key=itemgetter(0))
    }


async def rules_found(db: Db, source: Source) -> Collection[str]:
    """The rules that an answer was found to hold by."""
    statement = select(AlertOccurrence.rule).where(
        AlertOccurrence.organization_id == db.organization_id,
        AlertOccurrence.source_id == source.id,
        AlertOccurrence.source_kind == source.kind,
        AlertOccurrence.source_revision == source.revision,
    )
    return set(await db.scalars(statement))


async def changes_since(db: Db, patient_id: UUID, moment: datetime) -> Collection[str]:
    """By which permissions a patient (and so, perhaps, their zone) or their stay were changed since then."""
    statement = select(AuditEntry.action).where(
        AuditEntry.organization_id == db.organization_id,
        AuditEntry.patient_id == patient_id,
        AuditEntry.at > moment,
        AuditEntry.action.in_((Permission.PATIENT_MANAGE, Permission.ENROLLMENT_MANAGE)),
        AuditEntry.outcome == "done",
    )
    return set(await db.scalars(statement))


async def hold(db: Db, patient_id: UUID) -> None:
    """Lock the patient's row until the commit, as whoever writes an answer does."""
    driver = await db.driver()
    await driver.execute(
        "select 1 from patient where organization_id = %s and id = %s for no key update",
        (db.organization_id, patient_id),
    )
