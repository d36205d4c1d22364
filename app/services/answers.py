"""What check-ins and assessments have in common: when they count as lived, and what comes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson

from app.crisis_resources import Resource, danger_now, own_lines, resources
from app.database import Db
from app.models import Alert
from app.queries import pages, safety_plans
from app.queries.histories import Context
from app.rules.reading import Reading, Source
from app.sentences import sentence
from app.services import happenings
from app.services.safety_plans import OwnPlan, own_plan

LATEST_BEHIND = timedelta(days=400)
FURTHEST_AHEAD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Help:
    """What a reply brings when an answer touched the safety floor: plain words, and whom to call."""

    message: str
    resources: tuple[Resource, ...]
    safety_plan: OwnPlan | None = None


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What an answer brought about."""

    care_team_told: bool
    help: Help | None


def filed_at(occurred_at: datetime, received_at: datetime) -> datetime:
    """When an answer counts as lived: when it says so, unless that clock cannot be right.

    A phone whose clock was reset, or stands in another year, must not lose its owner's answer, nor file it
    where no rule looks. The bounds are a design choice.
    """
    plausible = received_at - LATEST_BEHIND <= occurred_at <= received_at + FURTHEST_AHEAD
    return occurred_at if plausible else received_at


def fingerprint(*parts: Any) -> bytes:
    """SHA-256 over what the client sent: whether a repeated id brings the same content."""
    return sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).digest()


async def watch(
    db: Db, context: Context, patient_id: UUID, source: Source, read: Sequence[Reading], *, at: datetime,
    locale: str, now: datetime, to_patient: bool = True,
) -> Aftermath:  # fmt: skip
    """Evaluate the rules over an answer that was just written, and open or repeat the alerts it raises.

    `read` are the patient's readings, the answer's own among them; `at` is when it was lived. `to_patient`
    says who reads the reply.
    """
    raised = await happenings.raised_by(db, context, patient_id, source, read, at=at, now=now)
    return await aftermath(db, context, patient_id, raised, locale=locale, now=now, to_patient=to_patient)


async def aftermath(
    db: Db, context: Context, patient_id: UUID, raised: Sequence[Alert], *, locale: str, now: datetime,
    to_patient: bool = True,
) -> Aftermath:  # fmt: skip
    """What to tell the patient of the alerts that their answer raised: no promise where nobody was told of
    the most pressing one of the floor.

    Not their safety plan when somebody else reads the reply.
    """
    told_of = await pages.told_of(db, patient_id, [each.id for each in raised]) if raised else ()
    floor = {alert.severity for alert in raised if alert.floor}
    if not floor:
        return Aftermath(bool(told_of), None)
    severity = next(each for each in ("critical", "urgent", "high", "routine") if each in floor)
    told = any(each.id in told_of for each in raised if each.floor and each.severity == severity)
    known = severity if told else None
    return Aftermath(told, await help_for(db, context, patient_id, known, locale, now, with_plan=to_patient))


async def help_for(
    db: Db, context: Context, patient_id: UUID, severity: str | None, locale: str, now: datetime, *,
    with_plan: bool = True,
) -> Help:  # fmt: skip
    """The crisis resources, what happens now, and the patient's own safety plan: one statement.

    Only whom to call when `severity` is None: nobody knows. The plan is for the patient's own eyes; without
    `with_plan` no statement is run.
    """
    today = now.astimezone(ZoneInfo(context.zone)).date()
    own = own_lines(context.crisis_lines, today, context.program_id)
    own_words = context.sentences.get(locale)
    danger = danger_now(context.country, today, locale, overrides=own_words)
    what_now = [sentence(f"help.{severity}", locale, overrides=own_words)] if severity else []
    message = " ".join([*what_now, danger])
    plan = await safety_plans.newest(db, patient_id) if with_plan else None
    return Help(
        message,
        resources(context.country, today, locale, own),
        own_plan(plan, locale, own_words) if plan else None,
    )
