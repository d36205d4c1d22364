"""Submit an assessment: check it, score it, keep it, watch it, tell what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Conflict, Fault, KeptConflict, NotFound, Unacceptable
from app.instruments.answers import AnswerProblem, check, normal
from app.instruments.answers import Fault as AnswerFault
from app.instruments.catalogue import Catalogue, UnknownInstrument
from app.instruments.change import Change, change
from app.instruments.questionnaire import Instrument
from app.instruments.scoring import score
from app.models import Assessment
from app.queries import alerts as stored_alerts
from app.queries import assessments as stored
from app.queries import audit, patients
from app.queries.assessments import Before, NewAssessment
from app.queries.histories import assessment_readings, history
from app.rules.reading import Reading, Source
from app.sentences import negotiate, sentence
from app.services import answers
from app.services.answers import Aftermath

_SENTENCES = {
    AnswerFault.UNKNOWN_ITEM: "One of these answers belongs to no item of the instrument.",
    AnswerFault.WRONG_TYPE: "Send the value of an option, or null.",
    AnswerFault.NOT_AN_OPTION: "This answer is not one of the item's options.",
    AnswerFault.OUT_OF_RANGE: "This answer is outside the item's range.",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """An assessment as its writer sent it. Times are aware, `time_zone` is an IANA name; without a `version`
    the newest is meant."""

    id: UUID
    instrument: str
    version: str | None
    occurred_at: datetime
    time_zone: str
    answers: Mapping[str, object]
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A kept assessment, what came of it, and whether this submission is the one that kept it."""

    assessment: NewAssessment | Assessment
    aftermath: Aftermath
    is_new: bool


async def submit(
    db: Db, actor: Actor, patient_id: UUID, draft: Draft, *, catalogue: Catalogue,
    accept_language: str | None, now: datetime,
) -> Submitted:  # fmt: skip
    """Keep and score an assessment, evaluate the rules over it and open the alerts it raises, in one
    transaction.

    The same id and content again gives the first result. Raises `KeptConflict` when the content differs: it
    is kept as a revision and evaluated all the same. Raises `Unacceptable` for an unknown instrument and for
    answers that do not fit it, `NotFound` for a patient who is not there or not the actor's.
    """
    instrument = _instrument(catalogue, draft)
    _require_fitting(instrument, draft.answers)
    if actor.role is not Role.PATIENT:
        await patients.find(db, actor, patient_id)
    filed_at = answers.filed_at(draft.occurred_at, now)
    before = await stored.before(db, patient_id, draft.id, filed_at)
    if before is None:
        raise NotFound
    audit.record(
        db, actor, now, Permission.ASSESSMENT_SUBMIT, of="assessment", id=draft.id, patient_id=patient_id
    )
    new = _new(patient_id, draft, instrument, before, now)
    locale = negotiate(before.context.locale, accept_language)
    if before.is_taken:
        return await _again(db, actor, new, before, instrument=instrument, locale=locale, now=now)
    new, aftermath = await _keep(db, actor, new, before, instrument=instrument, locale=locale, now=now)
    return Submitted(new, aftermath, is_new=True)


def scored(catalogue: Catalogue, draft: Draft) -> dict[str, Any]:
    """The answers and their score as they would be stored, told from the draft alone.

    Raises `Unacceptable` as `submit` does.
    """
    instrument = _instrument(catalogue, draft)
    _require_fitting(instrument, draft.answers)
    given = normal(instrument, draft.answers)
    return {"instrument": instrument.code, "answers": given, "score": asdict(score(instrument, given))}


def _instrument(catalogue: Catalogue, draft: Draft) -> Instrument:
    try:
        return catalogue.instrument(draft.instrument, draft.version)
    except UnknownInstrument:
        raise Unacceptable.at(
            "/instrument", "unknown_instrument", "There is no such instrument, or not in this version."
        ) from None


def _require_fitting(instrument: Instrument, given: Mapping[str, object]) -> None:
    if problems := check(instrument, given):
        raise Unacceptable(dict.fromkeys(map(_fault, problems)))


def _fault(problem: AnswerProblem) -> Fault:
    # A key that is no item of the instrument is the sender's own: it stands in no answer of ours.
    is_ours = problem.code is not AnswerFault.UNKNOWN_ITEM
    return Fault(f"/answers{problem.pointer if is_ours else ''}", problem.code, _SENTENCES[problem.code])


def _new(
    patient_id: UUID, draft: Draft, instrument: Instrument, before: Before, now: datetime
) -> NewAssessment:
    filed_at = answers.filed_at(draft.occurred_at, now)
    given = normal(instrument, draft.answers)
    return NewAssessment(
        id=draft.id,
        revision=0,
        patient_id=patient_id,
        program_id=before.context.program_id,
        instrument=instrument.code,
        version=instrument.version,
        local_date=filed_at.astimezone(ZoneInfo(draft.time_zone)).date(),
        time_zone=draft.time_zone,
        occurred_at=draft.occurred_at,
        filed_at=filed_at,
        recorded_at=draft.recorded_at,
        received_at=now,
        answers=given,
        score=asdict(score(instrument, given)),
        fingerprint=answers.fingerprint(
            patient_id, draft.instrument, draft.version, draft.occurred_at, draft.time_zone, given,
            draft.recorded_at,
        ),
    )  # fmt: skip


async def _keep(
    db: Db,
    actor: Actor,
    new: NewAssessment,
    before: Before,
    *,
    instrument: Instrument,
    locale: str,
    now: datetime,
) -> tuple[NewAssessment, Aftermath]:
    source = Source("assessment", new.id, new.revision)
    payload = {"instrument": new.instrument, "answers": new.answers, "score": new.score}
    fresh = assessment_readings(payload, at=new.filed_at, day=new.local_date, received_at=now, source=source)
    moved = _change(instrument, new, before, fresh, source)
    new = replace(new, score={**new.score, "change": asdict(moved)})
    stored.write(db, new)
    aftermath = await answers.watch(
        db,
        before.context,
        new.patient_id,
        source,
        [*before.readings, *fresh],
        at=new.filed_at,
        locale=locale,
        now=now,
        to_patient=actor.role is Role.PATIENT,
    )
    return new, aftermath


def _change(
    instrument: Instrument, new: NewAssessment, before: Before, fresh: Sequence[Reading], source: Source
) -> Change:
    """The change of the total since the one before it and since the first, as known when it was sent."""
    signal = next((reading.signal for reading in fresh if reading.signal.endswith(".total")), None)
    if signal is None:
        return change(instrument, None, None, None)
    seen = history(before.context, [*before.readings, *fresh], new.received_at).until(
        new.filed_at, ending_with=source
    )
    *earlier, current = (float(reading.value) for reading in seen.current(signal))
    if not earlier:
        return change(instrument, current, None, None)
    return change(instrument, current, earlier[-1], earlier[0])


async def _again(
    db: Db,
    actor: Actor,
    sent: NewAssessment,
    before: Before,
    *,
    instrument: Instrument,
    locale: str,
    now: datetime,
) -> Submitted:
    """The id is taken: by the same content, by an earlier revision of it, or by something else."""
    revisions = await stored.revisions(db, sent.id)
    first = revisions[0]
    if first.patient_id != sent.patient_id:
        raise Conflict("id_taken", "This id is in use; make a new one.")
    same = next((each for each in revisions if each.fingerprint == sent.fingerprint), None)
    if same is None:
        sent = replace(sent, revision=len(revisions))
        _, aftermath = await _keep(db, actor, sent, before, instrument=instrument, locale=locale, now=now)
    else:
        raised = await stored_alerts.opened_by(db, "assessment", same.id, same.revision)
        aftermath = await answers.aftermath(
            db, before.context, first.patient_id, raised, locale=locale, now=now,
            to_patient=actor.role is Role.PATIENT,
        )  # fmt: skip
    if same is first:
        return Submitted(first, aftermath, is_new=False)
    raise KeptConflict(
        "differs_from_first",
        sentence("saved.differs", locale),
        {"care_team_told": aftermath.care_team_told, "help": aftermath.help},
    )
