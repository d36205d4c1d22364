"""Goals with the wordings that count and who signed them, as far as the actor may see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, delete, select
from sqlalchemy.orm import aliased
from sqlalchemy.orm.attributes import flag_modified

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.goals.terms import Terms
from app.models import Goal, GoalSignature, GoalVersion, Patient

NEWEST = aliased(GoalVersion, name="newest")
AGREED = aliased(GoalVersion, name="agreed")
Selected = Select[Goal, str, str, GoalVersion, GoalVersion]
"""The columns of a `Known`, in its order."""


@dataclass(frozen=True, slots=True)
class Known:
    """A goal, its newest wording, the one in force if any was agreed, and its patient's zone and language."""

    goal: Goal
    time_zone: str
    locale: str
    newest: GoalVersion
    agreed: GoalVersion | None
    signatures: Sequence[GoalSignature]

    @property
    def shown(self) -> GoalVersion:
        """The wording in force; of a draft the draft."""
        return self.agreed or self.newest

    @property
    def terms(self) -> Terms:
        """What the wording in force says; of a draft the draft."""
        return Terms.model_validate(self.shown.terms)

    @property
    def waits(self) -> bool:
        """Whether the newest wording waits for signatures."""
        return self.goal.closed_at is None and self.goal.version != self.goal.agreed_version

    @property
    def zone(self) -> ZoneInfo:
        """Where the patient lives."""
        return ZoneInfo(self.time_zone)

    def today(self, now: datetime) -> date:
        """The patient's own date."""
        return now.astimezone(self.zone).date()

    def signed(self, number: int) -> list[GoalSignature]:
        """Who signed one wording, the first first."""
        return [each for each in self.signatures if each.version == number]


async def find(db: Db, actor: Actor, goal_id: UUID) -> Known:
    """One goal as it is now. Raises `NotFound` when it is not visible."""
    found = await read(db, known().where(visible(Goal, actor), Goal.id == goal_id))
    if not found:
        raise NotFound
    return found[0]


async def to_change(db: Db, actor: Actor, goal_id: UUID, version: int | None = None) -> Known:
    """One goal, locked until the commit, in this version of its row unless it is None.

    A goal is locked before its patient. Raises `NotFound` and `PreconditionFailed`.
    """
    lock = known().where(visible(Goal, actor), Goal.id == goal_id).with_for_update(of=Goal, key_share=True)
    found = await read(db, lock)
    if not found:
        raise NotFound
    if version is not None and found[0].goal.row_version != version:
        raise PreconditionFailed
    return found[0]


async def due(db: Db, now: datetime, limit: int) -> Sequence[UUID]:
    """The goals whose moment has passed, the longest waiting first."""
    statement = (
        select(Goal.id)
        .where(Goal.organization_id == db.organization_id, Goal.look_at <= now)
        .order_by(Goal.look_at)
        .limit(limit)
    )
    return (await db.scalars(statement)).all()


async def claim(db: Db, goal_id: UUID, now: datetime) -> Known | None:
    """Lock a goal until the commit. None when its moment is no longer past, or somebody else is at it."""
    mine = Goal.organization_id == db.organization_id
    statement = known().where(mine, Goal.id == goal_id, Goal.look_at <= now)
    found = await read(db, statement.with_for_update(of=Goal, key_share=True, skip_locked=True))
    return found[0] if found else None


def known() -> Selected:
    """Goals, for `read`; the caller narrows it to what may be seen."""
    return (
        select(Goal, Patient.time_zone, Patient.locale, NEWEST, AGREED)
        .join(Patient, and_(Patient.organization_id == Goal.organization_id, Patient.id == Goal.patient_id))
        .join(NEWEST, and_(_of_goal(NEWEST), NEWEST.number == Goal.version))
        .outerjoin(AGREED, and_(_of_goal(AGREED), AGREED.number == Goal.agreed_version))
        # The same row may have been read before, and changed since by a statement of our own.
        .execution_options(populate_existing=True)
    )


async def read(db: Db, statement: Selected) -> list[Known]:
    """The goals that the statement finds, in its order, with their signatures."""
    rows: Sequence[Any] = (await db.execute(statement)).all()
    signed = await _signatures(db, [row[0].id for row in rows]) if rows else []
    return [
        Known(goal, zone, locale, newest, agreed, [each for each in signed if each.goal_id == goal.id])
        for goal, zone, locale, newest, agreed in rows
    ]


async def _signatures(db: Db, goal_ids: Sequence[UUID]) -> Sequence[GoalSignature]:
    statement = (
        select(GoalSignature)
        .where(GoalSignature.organization_id == db.organization_id, GoalSignature.goal_id.in_(goal_ids))
        .order_by(GoalSignature.at, GoalSignature.signed_as)
    )
    return (await db.scalars(statement)).all()


async def versions(db: Db, goal: Goal) -> Sequence[GoalVersion]:
    """Every wording of a goal that the caller has seen, the newest first."""
    statement = (
        select(GoalVersion)
        .where(GoalVersion.organization_id == db.organization_id, GoalVersion.goal_id == goal.id)
        .order_by(GoalVersion.number.desc())
    )
    return (await db.scalars(statement)).all()


async def unsign(db: Db, goal: Goal) -> None:
    """Take the signatures from the newest wording of a goal, which is another now."""
    await db.execute(
        delete(GoalSignature)
        .where(
            GoalSignature.organization_id == db.organization_id,
            GoalSignature.goal_id == goal.id,
            GoalSignature.version == goal.version,
        )
        .execution_options(synchronize_session=False)
    )


def touch(goal: Goal) -> None:
    """What hangs on the goal is changed: its row is another version, whatever its columns say."""
    flag_modified(goal, "version")


def _of_goal(version: Any) -> ColumnElement[bool]:
    return and_(version.organization_id == Goal.organization_id, version.goal_id == Goal.id)
