"""Crisis flags: keep one, keep them in step with their alert, and show them to whoever may see them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound
from app.models import (
    Alert,
    CareTeamMember,
    ContactAttempt,
    CrisisFlag,
    FollowUp,
    Patient,
    StaffMember,
    Supporter,
)
from app.rules.floor import FLOOR
from app.rules.rule import Severity

FLAG_RULE = "si.crisis_flag"
"""The rule of the floor by which a flag that somebody raised is an alert."""
CRISIS_RULES = frozenset(rule.code for rule in FLOOR if rule.severity is Severity.CRITICAL)
"""The rules whose alerts have crisis flags."""
_OWN = ("patient", "rule")


class Shown(NamedTuple):
    """A flag, and what is known of people.

    `seen_by` is who saw it first: `counselor` (the patient's own), `a_counselor`, `team` (anybody else of the
    staff), `service` (an outside one). `raised_by_name` is nobody's for a rule; a supporter's stays when they
    are let go, and `raised_by_relation` is what they are to the patient.
    """

    flag: CrisisFlag
    seen_by: Literal["counselor", "a_counselor", "team", "service"]
    raised_by_name: str | None
    raised_by_relation: str | None


class Tried(NamedTuple):
    """A contact attempt, and whose."""

    attempt: ContactAttempt
    staff_member: str


async def keep(db: Db, flag: CrisisFlag) -> bool:
    """Insert a flag unless its id is taken; whether it was."""
    values = {column.key: getattr(flag, column.key) for column in CrisisFlag.__table__.columns}
    inserted = insert(CrisisFlag).values(values).on_conflict_do_nothing().returning(CrisisFlag.id)
    return await db.scalar(inserted) is not None


async def by_id(db: Db, crisis_flag_id: UUID) -> CrisisFlag | None:
    """One flag; unscoped, for the writer who holds its id."""
    statement = select(CrisisFlag).where(
        CrisisFlag.organization_id == db.organization_id, CrisisFlag.id == crisis_flag_id
    )
    flag: CrisisFlag | None = await db.scalar(statement)
    return flag


async def attach(db: Db, crisis_flag_id: UUID, alert: Alert) -> None:
    """Say which alert is a flag's, and which program answers for the patient."""
    await db.execute(
        update(CrisisFlag)
        .where(CrisisFlag.organization_id == db.organization_id, CrisisFlag.id == crisis_flag_id)
        .values(alert_id=alert.id, program_id=alert.program_id)
        .execution_options(synchronize_session=False)
    )


async def see(db: Db, alert: Alert, by: UUID | None, now: datetime) -> None:
    """The open flags of an alert were seen."""
    await db.execute(
        update(CrisisFlag)
        .where(_of(alert), CrisisFlag.status == "open")
        .values(status="acknowledged", acknowledged_at=now, acknowledged_by=by)
        .execution_options(synchronize_session=False)
    )


async def settle(db: Db, alert: Alert, by: UUID | None, outcome: str, now: datetime) -> UUID | None:
    """The unresolved flags of an alert are over. The newest of them; None when there were none.

    Whoever resolved one has seen it.
    """
    statement = (
        update(CrisisFlag)
        .where(_of(alert), CrisisFlag.status != "resolved")
        .values(
            status="resolved",
            resolved_at=now,
            resolved_by=by,
            outcome=outcome,
            **({} if by is None else _seen_by(by, now)),
        )
        .returning(CrisisFlag.received_at, CrisisFlag.id)
        .execution_options(synchronize_session=False)
    )
    settled = sorted(map(tuple, await db.execute(statement)))
    return settled[-1][1] if settled else None


def _seen_by(by: UUID, now: datetime) -> dict[str, ColumnElement[Any]]:
    """Unless somebody has seen it before."""
    is_new = CrisisFlag.acknowledged_at.is_(None)
    return {
        "acknowledged_at": func.coalesce(CrisisFlag.acknowledged_at, now),
        "acknowledged_by": case((is_new, by), else_=CrisisFlag.acknowledged_by),
    }


def _of(alert: Alert) -> ColumnElement[bool]:
    return and_(CrisisFlag.organization_id == alert.organization_id, CrisisFlag.alert_id == alert.id)


async def listed(
    db: Db, actor: Actor, patient_id: UUID, *, limit: int, before: tuple[datetime, UUID] | None
) -> Sequence[Shown]:
    """A patient's flags that the actor sees, newest first."""
    statement = (
        _shown(actor)
        .where(CrisisFlag.patient_id == patient_id)
        .order_by(CrisisFlag.filed_at.desc(), CrisisFlag.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(tuple_(CrisisFlag.filed_at, CrisisFlag.id) < before)
    return [Shown._make(row) for row in await db.execute(statement)]


async def one(db: Db, actor: Actor, crisis_flag_id: UUID) -> Shown:
    """One flag. Raises `NotFound` when it is not visible."""
    row = (await db.execute(_shown(actor).where(CrisisFlag.id == crisis_flag_id))).one_or_none()
    if row is None:
        raise NotFound
    return Shown._make(row)


def _shown(actor: Actor) -> Select[Any]:
    statement = (
        select(CrisisFlag, _SEEN_BY, _RAISED_BY_NAME, Supporter.relation)
        .join(_seer, _is(_seer, CrisisFlag.acknowledged_by), isouter=True)
        .join(CareTeamMember, _IS_OWN_COUNSELOR, isouter=True)
        .join(_raiser, _is(_raiser, CrisisFlag.raised_by), isouter=True)
        .join(Supporter, _is(Supporter, CrisisFlag.raised_by), isouter=True)
        .join(Patient, _is(Patient, CrisisFlag.raised_by), isouter=True)
        .where(visible(CrisisFlag, actor))
    )
    if actor.role is Role.PATIENT:  # who else was worried about them is told by no list
        statement = statement.where(
            or_(CrisisFlag.raised_by == actor.id, CrisisFlag.raised_by_kind.in_(_OWN))
        )
    return statement


def _is(table: Any, who: InstrumentedAttribute[UUID | None]) -> ColumnElement[bool]:
    return and_(table.organization_id == CrisisFlag.organization_id, table.id == who)


_seer, _raiser = aliased(StaffMember), aliased(StaffMember)
_IS_OWN_COUNSELOR = and_(
    CareTeamMember.organization_id == CrisisFlag.organization_id,
    CareTeamMember.patient_id == CrisisFlag.patient_id,
    CareTeamMember.staff_member_id == CrisisFlag.acknowledged_by,
    CareTeamMember.function == "primary_counselor",
)
_SEEN_BY = case(
    (CareTeamMember.staff_member_id.is_not(None), "counselor"),
    (_seer.role == Role.COUNSELOR.value, "a_counselor"),
    (_seer.role.is_not(None), "team"),
    else_="service",
)
_RAISED_BY_NAME = func.coalesce(Supporter.name, _raiser.name, Patient.given_name + " " + Patient.family_name)


async def attempts(db: Db, crisis_flag_id: UUID) -> Sequence[Tried]:
    """Who tried to reach the person, oldest first. The caller saw to who may read it."""
    whose = and_(
        StaffMember.organization_id == ContactAttempt.organization_id,
        StaffMember.id == ContactAttempt.staff_member_id,
    )
    statement = (
        select(ContactAttempt, StaffMember.name)
        .join(StaffMember, whose)
        .where(
            ContactAttempt.organization_id == db.organization_id,
            ContactAttempt.crisis_flag_id == crisis_flag_id,
        )
        .order_by(ContactAttempt.at, ContactAttempt.id)
    )
    return [Tried._make(row) for row in await db.execute(statement)]


async def follow_up(db: Db, flag: CrisisFlag) -> FollowUp | None:
    """The follow-up of a flag: the one of its alert."""
    statement = (
        select(FollowUp)
        .join(
            CrisisFlag,
            and_(
                CrisisFlag.organization_id == FollowUp.organization_id,
                CrisisFlag.id == FollowUp.crisis_flag_id,
            ),
        )
        .where(FollowUp.organization_id == db.organization_id, CrisisFlag.alert_id == flag.alert_id)
        .limit(1)
    )
    found: FollowUp | None = await db.scalar(statement)
    return found
