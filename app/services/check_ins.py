"""Submit a check-in: keep it, watch it, tell what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from app.access import Actor
from app.database import Db
from app.errors import Conflict, KeptConflict, NotFound
from app.models import Alert, CheckIn
from app.queries import alerts as stored_alerts
from app.queries import check_ins as stored
from app.queries import rule_sets
from app.queries.check_ins import NewCheckIn, Written
from app.queries.histories import readings
from app.rules.floor import FLOOR_SIGNALS
from app.rules.reading import Source
from app.sentences import negotiate, sentence
from app.services import answers, questions
from app.services.answers import Aftermath


@dataclass(frozen=True, slots=True)
class Draft:
    """A check-in as its writer sent it. Times are aware, `time_zone` is an IANA name."""

    id: UUID
    occurred_at: datetime
    time_zone: str
    answers: Mapping[str, Any]
    note: str | None
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Submitted:
    """A kept check-in, what came of it, and whether this submission is the one that kept it."""

    check_in: NewCheckIn | CheckIn
    aftermath: Aftermath
    is_new: bool


async def submit(
    db: Db, actor: Actor, patient_id: UUID, draft: Draft, *, accept_language: str | None, now: datetime
) -> Submitted:
    """Keep a check-in, evaluate the rules over it and open the alerts it raises, all in one transaction.

    The same id and content again gives the first result. Raises `KeptConflict` when the content differs: it
    is kept as a revision and evaluated all the same. Raises `Unacceptable` for answers that the patient's
    program does not ask for, `NotFound` for no such patient.
    """
    new = _new(patient_id, draft, revision=0, now=now)
    written = await stored.write(db, actor, new)
    if written is None:
        raise NotFound
    questions.require_known(written.context.questions, draft.answers)
    locale = negotiate(written.context.locale, accept_language)
    if not written.is_new:
        return await _again(db, patient_id, draft, written, locale, now)
    aftermath = await _watch(db, new, written, locale, now)
    return Submitted(new, aftermath, is_new=True)


def _new(patient_id: UUID, draft: Draft, *, revision: int, now: datetime) -> NewCheckIn:
    filed_at = answers.filed_at(draft.occurred_at, now)
    return NewCheckIn(
        id=draft.id,
        revision=revision,
        patient_id=patient_id,
        local_date=filed_at.astimezone(ZoneInfo(draft.time_zone)).date(),
        time_zone=draft.time_zone,
        occurred_at=draft.occurred_at,
        filed_at=filed_at,
        recorded_at=draft.recorded_at,
        received_at=now,
        answers=dict(draft.answers),
        note=draft.note,
        fingerprint=answers.fingerprint(
            patient_id, draft.occurred_at, draft.time_zone, draft.answers, draft.note, draft.recorded_at
        ),
    )


async def _watch(db: Db, new: NewCheckIn, written: Written, locale: str, now: datetime) -> Aftermath:
    source = Source("check_in", new.id, new.revision)
    rule_set = await rule_sets.in_version(db, written.context.program_id, written.context.rule_set_version)
    wanted = rule_set.signals | FLOOR_SIGNALS
    own = ("check_in", new.id, new.revision, new.filed_at, new.local_date, now, new.answers)
    return await answers.watch(
        db,
        written.context,
        new.patient_id,
        source,
        list(readings([*written.others, own], wanted)),
        at=new.filed_at,
        locale=locale,
        now=now,
    )


async def _again(
    db: Db, patient_id: UUID, draft: Draft, written: Written, locale: str, now: datetime
) -> Submitted:
    """The id is taken: by the same content, by an earlier revision of it, or by something else."""
    revisions = await stored.revisions(db, draft.id)
    first = revisions[0]
    if first.patient_id != patient_id:
        raise Conflict("id_taken", "This id is in use; make a new one.")
    sent = _new(patient_id, draft, revision=len(revisions), now=now)
    same = next((each for each in revisions if each.fingerprint == sent.fingerprint), None)
    if same is first:
        raised = await stored_alerts.opened_by(db, "check_in", first.id, 0)
        return Submitted(first, await _told(db, written, patient_id, raised, locale, now), is_new=False)
    if same is None:
        await db.add(_row(sent, db, written))
        aftermath = await _watch(db, sent, written, locale, now)
    else:
        raised = await stored_alerts.opened_by(db, "check_in", same.id, same.revision)
        aftermath = await _told(db, written, patient_id, raised, locale, now)
    raise KeptConflict(
        "differs_from_first",
        sentence("saved.differs", locale),
        {"care_team_told": aftermath.care_team_told, "help": aftermath.help},
    )


async def _told(
    db: Db, written: Written, patient_id: UUID, raised: Sequence[Alert], locale: str, now: datetime
) -> Aftermath:
    return await answers.aftermath(db, written.context, patient_id, raised, locale=locale, now=now)


def _row(new: NewCheckIn, db: Db, written: Written) -> CheckIn:
    return CheckIn(
        organization_id=db.organization_id,
        program_id=written.context.program_id,
        **{name: getattr(new, name) for name in NewCheckIn.__slots__},
    )
