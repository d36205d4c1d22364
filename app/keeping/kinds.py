"""The kinds of request that are kept: what each one's id is, whether it is on the safety floor, and what is
done about it: what its router would have called, at the moment at which it would have called it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app.database import Db
from app.edge.kept_route import Sent
from app.instruments.catalogue import Catalogue
from app.keeping.said import Said
from app.queries.histories import assessment_readings
from app.routers import assessments as assessment_routes
from app.routers import check_ins as check_in_routes
from app.routers import crisis_flags as crisis_flag_routes
from app.rules import signals
from app.rules.evaluate import findings_from
from app.rules.floor import FLOOR_SIGNALS
from app.rules.history import History
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet
from app.schemas.assessment import AssessmentBody
from app.schemas.check_in import CheckInBody
from app.schemas.crisis_flag import CrisisFlagBody
from app.services import answers, assessments, check_ins, crisis_flags

_FLOOR_ALONE: Final = RuleSet(version=0, rules=())
_UTC: Final = ZoneInfo("UTC")


def looked_at(sent: Sent, catalogue: Catalogue) -> Sent:
    """What was sent, with its id, and whether it is on the safety floor.

    Raises `Unacceptable` for what its service would refuse without asking the database.
    """
    match sent.kind:
        case "check_in":
            return replace(sent, id=sent.body.id, is_urgent=_is_on_floor(_of_check_in(sent)))
        case "assessment":
            return replace(sent, id=sent.body.id, is_urgent=_is_on_floor(_of_assessment(sent, catalogue)))
        case "crisis_flag":
            body = sent.body or CrisisFlagBody()
            flag_id = body.flag_id(sent.actor.id, sent.idempotency_key, sent.now) or uuid7()
            return replace(sent, id=flag_id, body=_with_id(body, flag_id), is_urgent=True)


async def act_on(db: Db, said: Said, catalogue: Catalogue) -> None:
    """Do what the request asked for. Raises what its service raises, and pydantic's `ValidationError` for a
    body that this version does not take any more."""
    match said.kind:
        case "check_in":
            body = CheckInBody.model_validate(said.raw)
            await check_ins.submit(
                db, said.actor, said.patient_id, check_in_routes.draft_of(body),
                accept_language=said.accept_language, now=said.now,
            )  # fmt: skip
        case "assessment":
            answered = AssessmentBody.model_validate(said.raw)
            await assessments.submit(
                db, said.actor, said.patient_id, assessment_routes.draft_of(answered), catalogue=catalogue,
                accept_language=said.accept_language, now=said.now,
            )  # fmt: skip
        case "crisis_flag":
            flag = _with_id(CrisisFlagBody.model_validate(said.raw or {}), said.id)
            await crisis_flags.raise_flag(
                db, said.actor, said.patient_id, crisis_flag_routes.draft_of(flag),
                token_expired=said.token_expired, accept_language=said.accept_language, now=said.now,
            )  # fmt: skip


def _with_id(body: CrisisFlagBody, id: UUID) -> CrisisFlagBody:
    """The flag under an id that is known before it is written: written and kept, it is one flag."""
    return body.model_copy(update={"id": id})


def _is_on_floor(read: Sequence[Reading]) -> bool:
    touching = [reading for reading in read if reading.signal in FLOOR_SIGNALS]
    if not touching:
        return False
    first = touching[0]
    seen = History(touching, enrolled_at=None, time_zone=_UTC)
    return bool(findings_from(_FLOOR_ALONE, seen, first.source, first.at, first.received_at))


def _of_check_in(sent: Sent) -> Sequence[Reading]:
    body, at = sent.body, _filed_at(sent)
    return signals.from_check_in(
        body.answers.given(), at=at, day=at.date(), received_at=sent.now,
        source=Source("check_in", body.id), wanted=FLOOR_SIGNALS,
    )  # fmt: skip


def _of_assessment(sent: Sent, catalogue: Catalogue) -> Sequence[Reading]:
    at = _filed_at(sent)
    scored = assessments.scored(catalogue, assessment_routes.draft_of(sent.body))
    source = Source("assessment", sent.body.id)
    return assessment_readings(scored, at=at, day=at.date(), received_at=sent.now, source=source)


def _filed_at(sent: Sent) -> datetime:
    return answers.filed_at(sent.body.occurred_at, sent.now).astimezone(UTC)
