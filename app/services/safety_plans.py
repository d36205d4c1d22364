"""Write down a patient's safety plan: the next version of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import PreconditionFailed, PreconditionRequired
from app.models import SafetyPlan
from app.models.safety_plan import STEPS
from app.queries import audit, patients
from app.queries import safety_plans as stored
from app.sentences import sentence


@dataclass(frozen=True, slots=True)
class OwnPlan:
    """A patient's plan as a reply brings it to them: the steps by name in their order, and our headings."""

    version: int
    written_at: datetime
    steps: Mapping[str, Sequence[Any]]
    headings: Mapping[str, str]


async def write(
    db: Db, actor: Actor, patient_id: UUID, steps: Mapping[str, Any], *, after: int | None, now: datetime
) -> SafetyPlan:
    """The plan from now on: `steps` as a new version behind the version `after`, which the writer has read.

    0 is for who knows that there is none, None for who does not say. The same words again, sent once more
    because the first answer was lost, are the version that they made. Raises `NotFound` for a patient who is
    not visible, `PreconditionRequired` and `PreconditionFailed`.
    """
    await patients.to_change(db, actor, patient_id)
    newest = await stored.newest(db, patient_id)
    if newest is None or not _is_sent_again(newest, actor, steps, after or 0):
        _require_newest(newest, after)
        newest = SafetyPlan(
            organization_id=actor.organization_id, patient_id=patient_id, steps=dict(steps), written_at=now,
            version=newest.version + 1 if newest else 1, written_by=actor.id, written_by_kind=actor.kind,
        )  # fmt: skip
        await db.add(newest)
    audit.record(db, actor, now, Permission.SAFETY_PLAN_WRITE, of="safety_plan", patient_id=patient_id)
    return newest


def _is_sent_again(newest: SafetyPlan, actor: Actor, steps: Mapping[str, Any], after: int) -> bool:
    if newest.steps != steps:
        return False
    return after == newest.version or (after == newest.version - 1 and newest.written_by == actor.id)


def _require_newest(newest: SafetyPlan | None, after: int | None) -> None:
    if newest is not None and after is None:
        raise PreconditionRequired
    if (after or 0) != (newest.version if newest else 0):
        raise PreconditionFailed


def own_plan(plan: SafetyPlan, locale: str, overrides: Mapping[str, str] | None) -> OwnPlan:
    """A plan with its headings in a language."""
    steps = {step: plan.steps.get(step, []) for step in STEPS}
    headings = {step: sentence(f"safety_plan.{step}", locale, overrides=overrides) for step in STEPS}
    return OwnPlan(plan.version, plan.written_at, steps, headings)
