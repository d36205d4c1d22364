"""Take the call of a telehealth platform: genuine, not seen before, kept; what it comes to, a job finds out.

Nothing of a call is read before its signature is verified. What is refused is kept in the audit, in the unit
of work that ends before the refusal is raised.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType
from typing import Final, Literal, NamedTuple
from uuid import UUID

import structlog

from app.access import Actor, Role
from app.database import Db
from app.errors import Conflict, HandrailError, Unacceptable, Unauthenticated
from app.models import TelehealthIntegration
from app.post_office import PostOffice
from app.queries import audit, jobs, telehealth_participants
from app.queries import telehealth_events as stored
from app.queries import telehealth_integrations as integrations
from app.queries.credentials import Origin
from app.sealing import Unsealable
from app.services.sign_in import Works
from app.services.telehealth_integrations import secrets_of
from app.telehealth import generic, zoom
from app.telehealth.told import Challenge, Genuine, Told, Unreadable, content_hash
from app.treatment.attendance import FURTHEST_AHEAD

log = structlog.get_logger()
ACTION: Final = "telehealth_event:receive"
PLATFORMS: Final[Mapping[str, ModuleType]] = {"generic": generic, "zoom": zoom}

Parse = Callable[[bytes], object]
Taken = Literal["kept", "known", "ignored"]


@dataclass(frozen=True, slots=True)
class Call:
    """What came in, as it came in. `parse` reads its JSON, once it is known whose it is."""

    headers: Mapping[str, str]
    raw: bytes
    parse: Parse
    origin: Origin


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a call; and what shows the platform that we know the secret, if it asked for that."""

    taken: Taken
    proof: Mapping[str, str] | None = None


class _Heard(NamedTuple):
    genuine: Genuine
    told: Told | Challenge
    content: bytes


class CallRefused(Unauthenticated):
    """No call of an integration here, or not of now (401): which of it, nobody is told."""

    challenge = "Signature"

    def __init__(self) -> None:
        super().__init__("call_refused", "This call is not signed as it must be.")


async def receive(
    works: Works, office: PostOffice, integration_id: UUID, call: Call, now: datetime
) -> Answer:
    """Keep what a platform tells. What is none of our business is ignored.

    Raises `CallRefused`; `Conflict` for a call that came before and for another event under a known id;
    `Unacceptable` for what lacks something; whatever `parse` raises.
    """
    async with works(None) as db:
        organization_id = await integrations.organization_of(db, integration_id)
    if organization_id is None:
        raise CallRefused
    async with works(organization_id) as db:
        answer = await _take(db, office, integration_id, call, now)
    if isinstance(answer, HandrailError):
        raise answer
    return answer


async def _take(
    db: Db, office: PostOffice, integration_id: UUID, call: Call, now: datetime
) -> Answer | HandrailError:
    """What became of it; a refusal is given back, so that its audit is committed."""
    integration = await integrations.called(db, integration_id)
    if integration is None:
        return CallRefused()
    signed = _genuine(office, integration, call, now)
    if signed is None:
        _audit(db, integration, call, now, outcome="refused")
        return CallRefused()
    platform, (genuine, secret) = PLATFORMS[integration.platform], signed
    value = call.parse(call.raw)
    try:
        told: Told | Challenge | None = platform.read(value)
    except Unreadable:
        raise Unacceptable.at("", "unreadable", "This event lacks something, or has it otherwise.") from None
    if told is None:
        return Answer("ignored")
    taken = await _keep(db, integration, call, _Heard(genuine, told, content_hash(value)), now)
    if isinstance(taken, HandrailError):
        return taken
    proof = zoom.answer(secret, told) if isinstance(told, Challenge) else None
    return Answer(taken, proof)


async def _keep(
    db: Db, integration: TelehealthIntegration, call: Call, heard: _Heard, now: datetime
) -> Taken | HandrailError:
    columns, patient_id = await _columns(db, integration, heard.told, now)
    event = stored.new(
        integration.id, integration.organization_id, event_key=heard.genuine.event_id or heard.content.hex(),
        content_hash=heard.content, call_hashes=[heard.genuine.call_hash], received_at=now, **columns,
    )  # fmt: skip
    outcome = await stored.keep(db, event, heard.genuine)
    if outcome == "replayed":
        _audit(db, integration, call, now, outcome="refused")
        return Conflict("already_received", "This very call has come before.")
    if outcome == "other_content":
        _audit(db, integration, call, now, outcome="refused")
        return Conflict("event_id_taken", "Another event came under this id before.")
    if outcome == "kept":
        _audit(db, integration, call, now, id=event.id, patient_id=patient_id)
        if event.look_at is not None:
            jobs.apply_telehealth(db, event.id)
    return outcome


def _genuine(
    office: PostOffice, integration: TelehealthIntegration, call: Call, now: datetime
) -> tuple[Genuine, str] | None:
    """Which call this is, and the secret that it is signed with; None for one that is not, and for whatever
    comes to an integration that is disabled."""
    if integration.disabled_at is not None:
        return None
    platform = PLATFORMS[integration.platform]
    for secret in _secrets(office, integration, now):
        genuine: Genuine | None = platform.verify([secret], call.headers, call.raw, now)
        if genuine is not None:
            return genuine, secret
    return None


def _secrets(office: PostOffice, integration: TelehealthIntegration, now: datetime) -> list[str]:
    """None that this server can open: then no call is genuine."""
    try:
        return secrets_of(office, integration, now)
    except Unsealable:
        log.error("telehealth_secret_unusable", integration_id=integration.id)  # noqa: TRY400 - says all
        return []


async def _columns(
    db: Db, integration: TelehealthIntegration, told: Told | Challenge, now: datetime
) -> tuple[dict[str, object], UUID | None]:
    """What of an event is its own; and whose it is, as far as that is known."""
    if isinstance(told, Challenge):
        nothing = dict.fromkeys(("meeting_id", "participant_id", "connection_key", "look_at"))
        return {"kind": "url_validated", "occurred_at": now, **nothing}, None
    if told.at > now + FURTHEST_AHEAD:
        raise Unacceptable.at("", "in_the_future", "This is still to come.")
    participant_id = patient_id = None
    if told.who is not None:
        participant_id, patient_id = await telehealth_participants.meet(db, integration.id, told.who, now)
    return {
        "kind": told.kind, "occurred_at": min(told.at, now), "meeting_id": told.meeting_id,
        "participant_id": participant_id, "connection_key": told.connection,
        "look_at": None if told.kind == "started" else now,
    }, patient_id  # fmt: skip


def _audit(
    db: Db, integration: TelehealthIntegration, call: Call, now: datetime, *, outcome: str = "done",
    id: UUID | None = None, patient_id: UUID | None = None,
) -> None:  # fmt: skip
    actor = Actor(
        integration.organization_id, "integration", integration.id, Role.INTEGRATION, integration.id,
        address=call.origin.address, request_id=call.origin.request_id,
    )  # fmt: skip
    audit.record(db, actor, now, ACTION, of="telehealth_event", id=id, patient_id=patient_id, outcome=outcome)
