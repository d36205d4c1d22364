"""Lists of goals: of one patient, and of everybody that a staff member sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, and_, cast, func, or_, tuple_

from app.access import Actor, visible
from app.database import Db
from app.models import Goal, Patient
from app.queries.goal_standings import Reckoned, reckoned
from app.queries.goals import AGREED, Selected, known, read

_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which goals a list is to show; None, empty and False stand for all."""

    statuses: Sequence[str] = ()
    patient_id: UUID | None = None
    program_id: UUID | None = None
    review_overdue: bool = False


async def of_patient(
    db: Db, actor: Actor, patient_id: UUID, now: datetime, *, limit: int,
    before: tuple[datetime, UUID] | None,
) -> list[Reckoned]:  # fmt: skip
    """A patient's goals, newest first, from behind the one of which `before` names creation and id."""
    keys = tuple_(Goal.created_at, Goal.id)
    statement = (
        known()
        .where(visible(Goal, actor), Goal.patient_id == patient_id)
        .order_by(Goal.created_at.desc(), Goal.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(keys < before)
    return await reckoned(db, await read(db, statement), now)


async def listed(
    db: Db, actor: Actor, wanted: Wanted, now: datetime, *, limit: int, after: UUID | None
) -> list[Reckoned]:
    """The goals that are wanted and visible, by id, from behind `after`.

    How a goal stands is reckoned when somebody asks: those that may stand as wanted are read, and then looked
    at one by one.
    """
    found: list[Reckoned] = []
    while True:
        page = await read(db, _candidates(actor, wanted, now, after).limit(max(limit, _AT_ONCE)))
        here = await reckoned(db, page, now)
        found += [each for each in here if not wanted.statuses or each.standing.status in wanted.statuses]
        if len(found) >= limit or len(page) < max(limit, _AT_ONCE):
            return found[:limit]
        after = page[-1].goal.id


def _candidates(actor: Actor, wanted: Wanted, now: datetime, after: UUID | None) -> Selected:
    conditions = [visible(Goal, actor)]
    for column, value in ((Goal.patient_id, wanted.patient_id), (Goal.program_id, wanted.program_id)):
        if value is not None:
            conditions.append(column == value)
    if wanted.statuses:
        conditions.append(or_(Goal.status.in_(wanted.statuses), _may_have_changed(now)))
    if wanted.review_overdue:
        conditions.append(and_(Goal.review_on < _today(now), Goal.closed_at.is_(None)))
    if after is not None:
        conditions.append(Goal.id > after)
    return known().where(*conditions).order_by(Goal.id)


def _may_have_changed(now: datetime) -> ColumnElement[bool]:
    """Whether a goal may stand otherwise than it was last reckoned to: by time, or by what feeds it."""
    is_fed = AGREED.terms["fed_by"].astext.is_not(None)
    return and_(Goal.closed_at.is_(None), Goal.agreed_version.is_not(None), or_(Goal.look_at <= now, is_fed))


def _today(now: datetime) -> ColumnElement[Any]:
    return cast(func.timezone(Patient.time_zone, now), Date)
