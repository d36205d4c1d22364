"""What a patient's app begins with of their treatment: sessions of these days, and goals in force."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple
from uuid import UUID

from app.access import Actor, visible
from app.database import Db
from app.goals.asking import entry_due
from app.goals.marks import Mark
from app.goals.standing import Standing, stand
from app.goals.terms import Terms
from app.models import Goal
from app.queries import goal_marks, hours
from app.queries.goals import AGREED, Known, known, read
from app.queries.hours import PART
from app.queries.rosters import INVITED
from app.treatment.minutes import Span
from app.treatment.week import Part

# One that is cancelled is still shown. A row that says `expected` goes with an invitation or has outlived it.
_OWN: Final[LiteralString] = f"""
    with own as (
      select session_id from ({INVITED}) x
      where patient_id = %(patient)s and ends_at > %(since)s and starts_at < %(until)s
      union
      select a.session_id from attendance a
      join treatment_session s on s.organization_id = a.organization_id and s.id = a.session_id
      where a.organization_id = %(org)s and a.patient_id = %(patient)s and a.status <> 'expected'
        and s.ends_at > %(since)s and s.starts_at < %(until)s)
    select s.id, s.title, s.time_zone, s.room, s.telehealth_url, s.starts_at, s.ends_at, {PART}
    from own
    join treatment_session s on s.organization_id = %(org)s and s.id = own.session_id
    left join attendance a on a.organization_id = s.organization_id and a.session_id = s.id
      and a.patient_id = %(patient)s
    order by s.starts_at, s.id
"""  # noqa: S608 - the parts are constants, and the rest is bound


class Own(NamedTuple):
    """One session of a patient's, and their part in it."""

    id: UUID
    title: str
    time_zone: str
    room: str | None
    telehealth_url: str | None
    part: Part


class InForce(NamedTuple):
    """A goal that was agreed and goes on, how it stands now, and whether an entry of today is asked for."""

    id: UUID
    terms: Terms
    standing: Standing
    entry_due: bool


async def treatment_sessions(db: Db, patient_id: UUID, span: Span) -> Sequence[Own]:
    """The sessions that touch this time in which a patient is, was or would be expected, or of which
    something is known of them; the first first."""
    values = {"org": db.organization_id, "patient": patient_id, "since": span.start, "until": span.end}
    cursor = await (await db.driver()).execute(_OWN, values)
    return [_own(*row) for row in await cursor.fetchall()]


def _own(
    session_id: UUID, title: str, time_zone: str, room: str | None, telehealth_url: str | None, *part: Any
) -> Own:
    return Own(session_id, title, time_zone, room, telehealth_url, hours.part(*part))


async def goals(db: Db, actor: Actor, today: date) -> Sequence[InForce]:
    """The goals of the patient who asks that were agreed, are not closed and not past their date, the oldest
    first."""
    mine = visible(Goal, actor), Goal.closed_at.is_(None)
    going_on = AGREED.terms["due_on"].astext >= today.isoformat()
    statement = known().where(*mine, going_on).order_by(Goal.created_at, Goal.id)
    found = await read(db, statement)
    marks = await goal_marks.marks(db, found) if found else {}
    return [_in_force(each, marks.get(each.goal.id, ()), today) for each in found]


def _in_force(known: Known, marks: Sequence[Mark], today: date) -> InForce:
    standing = stand(known.terms, marks, today, is_agreed=True, closed_as=None)
    is_asked = standing.status != "achieved" and entry_due(known.terms, marks, today)
    return InForce(known.goal.id, known.terms, standing, is_asked)
