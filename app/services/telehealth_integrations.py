"""Connect a telehealth platform: accounts, secrets, meetings, and the ids that it knows people by."""

import secrets as randomness
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Unacceptable
from app.models import TelehealthIntegration, TelehealthMeeting, TelehealthParticipant
from app.post_office import PostOffice
from app.queries import audit, idempotency, jobs, patients, session_series, treatment_sessions
from app.queries import telehealth_events as stored_events
from app.queries import telehealth_integrations as stored
from app.queries import telehealth_participants as stored_participants
from app.queries.telehealth_integrations import Bound
from app.webhooks.signature import new_secret

Platform = Literal["generic", "zoom"]
_KEY_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """A new integration. `secret` is the platform's own where it makes it: Zoom does."""

    id: UUID
    platform: Platform
    name: str
    secret: str | None


async def add(
    db: Db, actor: Actor, draft: Draft, *, office: PostOffice, now: datetime
) -> tuple[TelehealthIntegration, str | None]:
    """Take the calls of this account from now on. The integration, and the secret that was made for it.

    Raises `Unacceptable` for a secret too few or too many, `Conflict` for an id in use.
    """
    made = _made(draft.platform, draft.secret)
    sealed = _sealed(office, actor.organization_id, draft.id, made or draft.secret or "")
    integration = TelehealthIntegration(
        organization_id=actor.organization_id, id=draft.id, platform=draft.platform, name=draft.name,
        secret=sealed, previous_secret=None, previous_until=None, created_at=now, created_by=actor.id,
        disabled_at=None, row_version=1,
    )  # fmt: skip
    await idempotency.add_new(db, integration)
    await stored.announce(db, integration.id)
    _audit(db, actor, integration.id, now)
    return integration, made


async def change(
    db: Db, actor: Actor, integration_id: UUID, *, name: str | None, enabled: bool | None, version: int,
    now: datetime,
) -> TelehealthIntegration:  # fmt: skip
    """Call it otherwise; take its calls no more, or again. None leaves as it is. Raises `NotFound`,
    `PreconditionFailed`."""
    integration = await stored.to_change(db, actor, integration_id, version)
    if name is not None:
        integration.name = name
    if enabled is not None:
        integration.disabled_at = None if enabled else integration.disabled_at or now
    await _changed(db, actor, integration, now)
    return integration


async def rotate(
    db: Db, actor: Actor, integration_id: UUID, secret: str | None, overlap: timedelta, *, office: PostOffice,
    version: int, now: datetime,
) -> tuple[TelehealthIntegration, str | None]:  # fmt: skip
    """Have another secret from now on, and let the old one be good for the time of `overlap`.

    Raises as `add`, `NotFound`, `PreconditionFailed`.
    """
    integration = await stored.to_change(db, actor, integration_id, version)
    made = _made(integration.platform, secret)
    integration.previous_secret, integration.previous_until = integration.secret, now + overlap
    sealed = _sealed(office, integration.organization_id, integration.id, made or secret or "")
    integration.secret = sealed
    await _changed(db, actor, integration, now)
    return integration, made


async def bind(
    db: Db, actor: Actor, integration_id: UUID, meeting_id: str, to: Bound, now: datetime
) -> TelehealthMeeting:
    """Let a platform's meeting be a session, or a series. What it has told of it already is applied now.

    The same again changes nothing. Raises `NotFound`, `Unacceptable` for what is no session or series here,
    and `Conflict` for a meeting whose events have been counted for another.
    """
    integration = await stored.find(db, actor, integration_id)
    await _require_known(db, actor, to)
    meeting = await stored.meeting(db, integration.id, meeting_id)
    if meeting is None:
        meeting = TelehealthMeeting(
            organization_id=actor.organization_id, integration_id=integration.id, meeting_id=meeting_id,
            created_at=now, created_by=actor.id, **to._asdict(),
        )  # fmt: skip
        await db.add(meeting)
    elif Bound(meeting.treatment_session_id, meeting.session_series_id) != to:
        if await stored.has_counted(db, meeting):
            raise Conflict("meeting_counted", "What was told of this meeting has been counted already.")
        meeting.treatment_session_id, meeting.session_series_id = to
        await db.flush()
    for event_id in await stored_events.look_again(db, now, meeting=(integration.id, meeting_id)):
        jobs.apply_telehealth(db, event_id)
    _audit(db, actor, integration.id, now)
    return meeting


async def give_id(
    db: Db, actor: Actor, integration_id: UUID, patient_id: UUID, now: datetime
) -> TelehealthParticipant:
    """The id by which the platform is to know a patient: it says nothing of them. Again it is the same.

    Raises `NotFound`.
    """
    integration = await stored.find(db, actor, integration_id)
    patient = await patients.find(db, actor, patient_id)
    key = randomness.token_hex(_KEY_BYTES)
    given = await stored_participants.give(db, integration.id, patient.id, key, actor.id, now)
    _audit(db, actor, given.id, now, of="telehealth_participant", patient_id=patient.id)
    return given


def secrets_of(office: PostOffice, integration: TelehealthIntegration, now: datetime) -> list[str]:
    """What calls may be signed with at `now`: the secret, and during a rotation the one before.

    Raises `Unsealable`.
    """
    sealed = [integration.secret]
    if integration.previous_secret and integration.previous_until and now < integration.previous_until:
        sealed.append(integration.previous_secret)
    place = _place(integration.organization_id, integration.id)
    return [office.sealer.unseal(each, place=place) for each in sealed]


async def _require_known(db: Db, actor: Actor, to: Bound) -> None:
    if to.treatment_session_id is not None:
        await treatment_sessions.find(db, actor, to.treatment_session_id)
    if to.session_series_id is not None:
        await session_series.find(db, actor, to.session_series_id)


def _made(platform: str, given: str | None) -> str | None:
    """The secret that we make; None where it is the platform's."""
    if platform == "zoom":
        if given is None:
            raise Unacceptable.at("/secret", "missing", "Zoom shows it as the app's secret token.")
        return None
    if given is not None:
        raise Unacceptable.at("/secret", "not_yours", "Handrail makes this secret.")
    return new_secret()


async def _changed(db: Db, actor: Actor, integration: TelehealthIntegration, now: datetime) -> None:
    integration.row_version += 1
    await db.flush()
    _audit(db, actor, integration.id, now)


def _place(organization_id: UUID, integration_id: UUID) -> str:
    return f"telehealth_integration:{organization_id}:{integration_id}"


def _sealed(office: PostOffice, organization_id: UUID, integration_id: UUID, secret: str) -> bytes:
    return office.sealer.seal(secret, place=_place(organization_id, integration_id))


def _audit(
    db: Db, actor: Actor, id: UUID, now: datetime, *, of: str = "telehealth_integration",
    patient_id: UUID | None = None,
) -> None:  # fmt: skip
    audit.record(db, actor, now, Permission.TELEHEALTH_MANAGE, of=of, id=id, patient_id=patient_id)
