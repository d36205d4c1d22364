"""Raise a crisis flag: keep it, open its alert and the first page, and say what happens now."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import KeptConflict, NotFound
from app.models import Alert, CrisisFlag, Patient
from app.queries import audit, everything, pages, patients, supporters
from app.queries import crisis_flags as stored
from app.queries.crisis_flags import FLAG_RULE
from app.queries.histories import Context
from app.rules.reading import Source
from app.sentences import negotiate, sentence
from app.services import answers, happenings
from app.services.answers import Help

KIND = "crisis_flag"
"""The kind of source of a flag's reading."""

SAME_TAP: Final = timedelta(minutes=10)
"""For so long a key of the app's own choice stands for one cry for help. Design choice: a phone has tried
again by then, and somebody who asks again later asks anew."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A cry for help as its writer sent it; all of it may be missing. Times are aware, `time_zone` is an
    IANA name. `place` is where, `reach` how to reach them, `company` who is with them: their own words."""

    id: UUID | None = None
    occurred_at: datetime | None = None
    time_zone: str | None = None
    recorded_at: datetime | None = None
    what: str | None = None
    place: str | None = None
    reach: str | None = None
    company: str | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """A kept flag, what came of it, and whether this submission is the one that kept it."""

    flag: CrisisFlag
    care_team_told: bool
    help: Help
    is_new: bool


async def raise_flag(
    db: Db, actor: Actor, patient_id: UUID, draft: Draft, *, token_expired: bool,
    accept_language: str | None, now: datetime,
) -> Raised:  # fmt: skip
    """Keep a crisis flag, open or repeat its critical alert and write its first page, in one transaction.

    The same id and content again gives the first result, which promises nothing once it is resolved. Raises
    `KeptConflict` when the id is taken by anything else: what was sent is kept as a flag under an id of ours,
    once. Raises `NotFound` for a patient whom the actor does not see. With `token_expired` nothing of the
    record goes into the help.
    """
    patient = await patients.to_change(db, actor, patient_id)
    flag = _new(db, actor, patient, draft, token_expired=token_expired, now=now)
    kept, is_taken = await _keep(db, flag)
    is_new = kept is flag
    known = await everything.held(db, patient_id, min(flag.filed_at, now))
    if known is None:
        raise NotFound
    if is_new:
        source = Source(KIND, flag.id, 0)
        alerts = await happenings.raised_by(
            db, known.context, patient_id, source, known.readings, at=flag.filed_at, now=now
        )
        await _attach(db, flag, alerts)
    audit.record(
        db, actor, now, Permission.CRISIS_FLAG_RAISE, of="crisis_flag", id=kept.id, patient_id=patient_id
    )
    told = kept.alert_id is not None and bool(await pages.told_of(db, patient_id, [kept.alert_id]))
    locale = negotiate(await _own_locale(db, actor, patient), accept_language)
    # Of what came before, an expired token hears nothing: neither that it is over nor that it is not.
    shown = _Shown(told and (is_new or not token_expired), kept.status == "resolved" and not token_expired)
    words = await _help(
        db, known.context, actor, patient_id, locale, now, shown=shown, plan=not token_expired
    )
    if is_taken:
        members = {"id": kept.id, "help": words} | ({} if token_expired else {"care_team_told": told})
        raise KeptConflict("differs_from_first", sentence("saved.flag_differs", locale), members)
    return Raised(kept, told, words, is_new=is_new)


async def _own_locale(db: Db, actor: Actor, patient: Patient) -> str | None:
    """The language of whoever asks, as far as they have told us one."""
    return patient.locale if actor.role is Role.PATIENT else await supporters.locale_of(db, actor)


async def _keep(db: Db, flag: CrisisFlag) -> tuple[CrisisFlag, bool]:
    """The flag that is kept, and whether the id that was asked for is another's.

    That one's second id follows from what was sent: sent again, it is the same flag. An id that an app made
    is the same for ever; one of ours, that follows from a key, is free again once its flag is over.
    """
    is_for_ever, is_taken = flag.id.version == 7, False
    while not await stored.keep(db, flag):
        first = await stored.by_id(db, flag.id)
        assert first is not None
        if not is_for_ever and _is_over(first, flag.received_at):
            flag.id = uuid5(flag.id, "again")
        elif first.fingerprint == flag.fingerprint:
            return first, is_taken
        else:
            flag.id, is_taken = uuid5(flag.id, flag.fingerprint.hex()), True
    return flag, is_taken


def _is_over(first: CrisisFlag, at: datetime) -> bool:
    """Whether what came at `at` cannot be the same cry: that one was resolved by then, or is long ago.

    What was kept on disk meanwhile may come after a flag that is younger.
    """
    is_resolved = first.resolved_at is not None and first.resolved_at <= at
    return is_resolved or at - first.received_at > SAME_TAP


def _new(
    db: Db, actor: Actor, patient: Patient, draft: Draft, *, token_expired: bool, now: datetime
) -> CrisisFlag:
    occurred_at = draft.occurred_at or now
    filed_at = answers.filed_at(occurred_at, now)
    zone = ZoneInfo(draft.time_zone or patient.time_zone)
    return CrisisFlag(
        organization_id=db.organization_id,
        id=draft.id or uuid7(),
        patient_id=patient.id,
        raised_by_kind=actor.role.value if actor.role in {Role.PATIENT, Role.SUPPORTER} else "staff",
        raised_by=actor.id,
        occurred_at=occurred_at,
        filed_at=filed_at,
        local_date=filed_at.astimezone(zone).date(),
        recorded_at=draft.recorded_at,
        received_at=now,
        what=draft.what,
        place=draft.place,
        reach=draft.reach,
        company=draft.company,
        token_expired=token_expired,
        fingerprint=_fingerprint(actor, patient, draft),
        status="open",
    )


def _fingerprint(actor: Actor, patient: Patient, draft: Draft) -> bytes:
    return answers.fingerprint(
        patient.id, actor.id, draft.occurred_at, draft.time_zone, draft.recorded_at, draft.what, draft.place,
        draft.reach, draft.company,
    )  # fmt: skip


async def _attach(db: Db, flag: CrisisFlag, alerts: list[Alert]) -> None:
    """Remember the flag's alert. Should its rule have failed, the one that says so stands for it."""
    alert = next((each for each in alerts if each.rule == FLAG_RULE), next(iter(alerts), None))
    if alert is not None:
        await stored.attach(db, flag.id, alert)
        flag.alert_id, flag.program_id = alert.id, alert.program_id


@dataclass(frozen=True, slots=True)
class _Shown:
    """What whoever asked may know: that somebody has been told, or that this cry was answered before."""

    is_told: bool
    is_over: bool


async def _help(
    db: Db, context: Context, actor: Actor, patient_id: UUID, locale: str, now: datetime, *,
    shown: _Shown, plan: bool,
) -> Help:  # fmt: skip
    """What happens now, in words for whoever asked: the patient themselves, or somebody who is worried."""
    is_patient = actor.role is Role.PATIENT
    severity = "critical" if shown.is_told and is_patient else None
    found = await answers.help_for(
        db, context, patient_id, severity, locale, now, with_plan=plan and is_patient
    )
    own_words = context.sentences.get(locale)
    opening = ["saved.flag_over" if shown.is_over else "saved.crisis_flag"]
    if shown.is_told and not is_patient:
        opening.append("help.supporter" if actor.role is Role.SUPPORTER else "help.staff")
    words = [sentence(key, locale, overrides=own_words) for key in opening]
    return replace(found, message=" ".join([*words, found.message]))
