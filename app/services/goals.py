"""Write down what is to be reached, change it, and agree on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, Unacceptable
from app.goals.smart import lacks
from app.goals.terms import Terms
from app.models import Goal, GoalSignature, GoalVersion
from app.queries import audit, idempotency, patients
from app.queries import goals as stored
from app.queries.goals import Known
from app.sentences import sentence
from app.services import goal_standings

BOTH = frozenset({"patient", "counselor"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A new goal, which may lack whatever is not known yet."""

    id: UUID
    terms: Terms


async def add(db: Db, actor: Actor, patient_id: UUID, draft: Draft, now: datetime) -> None:
    """Write down a draft. Raises `NotFound` for no such patient, `Conflict` for an id in use."""
    await patients.find(db, actor, patient_id)
    goal = Goal(
        organization_id=db.organization_id, id=draft.id, patient_id=patient_id,
        program_id=await patients.program_of(db, patient_id), version=1, agreed_version=None, status="draft",
        status_since=now, look_at=None, review_on=None, closed_at=None, closed_by=None, close_reason=None,
        created_at=now, created_by=actor.id,
    )  # fmt: skip
    await idempotency.add_new(db, goal)
    await db.add(_version(goal, 1, draft.terms, None, actor, now))
    _audit(db, actor, Permission.GOAL_WRITE, goal, now)


async def change(
    db: Db, actor: Actor, goal_id: UUID, changes: Mapping[str, Any], *, reason: str | None, version: int,
    now: datetime,
) -> None:  # fmt: skip
    """Set these terms of a goal; None takes one away.

    A draft is changed in place and loses its signatures. Of an agreed goal there is a new version, which
    waits for both signatures while the agreed one stays in force. The same terms again change nothing.

    Raises `NotFound`, `PreconditionFailed`, `Conflict` for a goal that is closed, `Unacceptable` without a
    reason for what was agreed.
    """
    known = await stored.to_change(db, actor, goal_id, version)
    goal = known.goal
    require_open(goal)
    before = Terms.model_validate(known.newest.terms)
    terms = Terms.model_validate({**before.model_dump(), **changes})
    if terms != before:
        if goal.agreed_version is None:
            await _reword(db, known, terms, actor, now)
        else:
            await _propose(db, goal, terms, reason, actor, now)
    _audit(db, actor, Permission.GOAL_WRITE, goal, now)


async def _reword(db: Db, known: Known, terms: Terms, actor: Actor, now: datetime) -> None:
    known.newest.terms = terms.model_dump(mode="json")
    known.newest.author_id, known.newest.at = actor.id, now
    stored.touch(known.goal)
    await stored.unsign(db, known.goal)
    await db.flush()


async def _propose(db: Db, goal: Goal, terms: Terms, reason: str | None, actor: Actor, now: datetime) -> None:
    if not reason:
        raise Unacceptable.at("/reason", "missing", "Say why what was agreed is to change.")
    goal.version += 1
    await db.add(_version(goal, goal.version, terms, reason, actor, now))


async def agree(
    db: Db, actor: Actor, goal_id: UUID, *, version: int | None, locale: str | None, now: datetime
) -> None:
    """Sign the newest wording, as the patient or as their counselor. With both signatures it is in force.

    To sign again, or what is in force already, changes nothing. `version` is that of the row that was read,
    if it was said; `locale` is the signer's language, the patient's if it is None.

    Raises `NotFound`, `PreconditionFailed`, and `Conflict` for a goal that is closed or lacks something.
    """
    known = await stored.to_change(db, actor, goal_id, version)
    goal, signed_as = known.goal, "patient" if actor.role is Role.PATIENT else "counselor"
    require_open(goal)
    signed = {each.signed_as for each in known.signed(goal.version)}
    if signed_as not in signed:
        _require_smart(known, locale, now)
        stored.touch(goal)
        await db.add(
            GoalSignature(
                organization_id=goal.organization_id, goal_id=goal.id, version=goal.version,
                signed_as=signed_as, patient_id=goal.patient_id, signer_id=actor.id, at=now,
            )
        )  # fmt: skip
        if signed | {signed_as} == BOTH:
            await _put_in_force(db, actor, known, now)
    _audit(db, actor, Permission.GOAL_AGREE, goal, now)


async def _put_in_force(db: Db, actor: Actor, known: Known, now: datetime) -> None:
    goal, today = known.goal, known.today(now)
    goal.agreed_version = goal.version
    terms = Terms.model_validate(known.newest.terms)
    if goal.review_on is None:
        goal.review_on = max(today, terms.starts_on or today) + timedelta(days=terms.reviewed_every)
    await db.flush()
    await goal_standings.reckon(db, await stored.find(db, actor, goal.id), now)


def require_open(goal: Goal) -> None:
    """Raise `Conflict` for a goal that somebody has closed."""
    if goal.closed_at is not None:
        raise Conflict("goal_closed", "This goal is closed.")


def _require_smart(known: Known, locale: str | None, now: datetime) -> None:
    lacking = lacks(Terms.model_validate(known.newest.terms), known.today(now))
    if lacking:
        words = locale or known.locale
        raise Conflict(
            "not_smart",
            "This goal lacks something; `lacks` says what.",
            {
                "lacks": [
                    {**each._asdict(), "words": sentence(f"goal.lacks.{each.code}", words)}
                    for each in lacking
                ]
            },
        )


def _version(
    goal: Goal, number: int, terms: Terms, reason: str | None, actor: Actor, now: datetime
) -> GoalVersion:
    return GoalVersion(
        organization_id=goal.organization_id, goal_id=goal.id, number=number, patient_id=goal.patient_id,
        terms=terms.model_dump(mode="json"), reason=reason, author_id=actor.id, at=now,
    )  # fmt: skip


def _audit(db: Db, actor: Actor, permission: Permission, goal: Goal, now: datetime) -> None:
    audit.record(db, actor, now, permission, of="goal", id=goal.id, patient_id=goal.patient_id)
