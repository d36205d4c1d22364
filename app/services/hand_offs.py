"""Hand an alert to an outside crisis service, and hear whether it has it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog
from uuid_utils.compat import uuid7

from app.access import Actor, Role
from app.database import Db
from app.errors import Unauthenticated
from app.ladders.ladder import Ladder, Tell
from app.models import Alert, AlertEntry, HandOff, Page, WebhookEndpoint
from app.post_office import PostOffice
from app.queries import audit, events
from app.queries import hand_offs as stored
from app.queries.credentials import Origin
from app.queries.hand_offs import ToAnswer
from app.sealing import Unsealable
from app.services import crisis_flag_standings, ladders
from app.services.webhook_secrets import secrets_of
from app.webhooks import signature

log = structlog.get_logger()

ANSWER = "hand_off:answer"
"""What the audit trail calls it: no permission, for whoever answers proves who they are by a signature."""


class SignatureRefused(Unauthenticated):
    """Not signed by the service that was asked, or not lately (401); the same whatever is wrong with it."""

    challenge = "Webhook-Signature"

    def __init__(self) -> None:
        super().__init__("signature_refused", "This call is not signed as it must be.")


@dataclass(frozen=True, slots=True)
class Call:
    """A call to a route that anybody may call, as it came."""

    headers: Mapping[str, str]
    raw: bytes
    origin: Origin


@dataclass(frozen=True, slots=True)
class Caller:
    """The crisis service, proved, and when it says that it sent its call."""

    actor: Actor
    sent_at: datetime


async def request(db: Db, page: Page, alert: Alert, endpoint: WebhookEndpoint, now: datetime) -> HandOff:
    """The hand-off that a page asks for: written down when it is first sent, the same whenever it is again.

    The service has as long to answer as the step waits.
    """
    hand_off = await stored.of_page(db, page.id)
    if hand_off is None:
        hand_off = HandOff(
            organization_id=page.organization_id, id=uuid7(), alert_id=page.alert_id,
            patient_id=page.patient_id, page_id=page.id, endpoint_id=endpoint.id, requested_at=now,
            answer_by=now + _patience(alert, page), answer=None, answered_at=None, heard_at=None,
            reference=None, heeded=None,
        )  # fmt: skip
        await db.add(hand_off)
    hand_off.endpoint_id = endpoint.id  # it may be another by now
    return hand_off


def _patience(alert: Alert, page: Page) -> timedelta:
    steps = Ladder.model_validate(alert.ladder).steps
    return timedelta(minutes=steps[page.step % len(steps)].wait_minutes)


async def caller(db: Db, office: PostOffice, hand_off_id: UUID, call: Call, now: datetime) -> Caller | None:
    """Who answers, if their signature on the raw body proves it; None is to be refused.

    The refusal is in the audit trail: let this unit of work commit before the refusal is raised.
    """
    found = await stored.signed(db, hand_off_id)
    if found is None:
        return None
    hand_off, endpoint = found
    verified = signature.verify(_secrets(office, endpoint, now), call.headers, call.raw, now)
    actor = Actor(
        endpoint.organization_id, "crisis_service", endpoint.id, Role.INTEGRATION, endpoint.id,
        address=call.origin.address, request_id=call.origin.request_id,
    )  # fmt: skip
    if verified is None:
        log.warning("hand_off_answer_refused", hand_off_id=hand_off_id)
        _audit(db, actor, hand_off, now, "refused")
        return None
    return Caller(actor, datetime.fromtimestamp(verified.timestamp, UTC))


def _secrets(office: PostOffice, endpoint: WebhookEndpoint, now: datetime) -> Sequence[str]:
    try:
        return secrets_of(office, endpoint, now)
    except Unsealable:
        log.error("hand_off_secret_unusable", endpoint_id=endpoint.id)  # noqa: TRY400 - what is sealed says nothing
        return ()


async def answer(
    db: Db, caller: Caller, hand_off_id: UUID, answer: str, reference: str | None, now: datetime
) -> HandOff:
    """Keep what the service says, and do as it says when that is in time. The same again changes nothing.

    Raises `Conflict` for the same call again, and for another answer.
    """
    found = await stored.to_answer(db, hand_off_id)
    if found.hand_off.take(answer, reference, caller.sent_at, now):
        await _heed(db, found, now)
    _audit(db, caller.actor, found.hand_off, now, "done")
    return found.hand_off


async def _heed(db: Db, found: ToAnswer, now: datetime) -> None:
    """Acknowledge the alert that nobody has yet, or go on up its ladder.

    An answer that is late, or speaks of what the alert was before people began anew to be told of it, changes
    nothing: the ladder goes on, and the service has not heard of what happened since. Nor does one about what
    somebody else has meanwhile.
    """
    hand_off, page, alert = found
    if hand_off.came_late:
        await _log(db, found, "answered_late", "alert.noted", now)
        return
    hand_off.heeded = alert.status == "open" and page.cycle == alert.cycle
    if not hand_off.heeded:
        await _log(db, found, "answered_in_vain", "alert.noted", now)
    elif hand_off.answer == "declined":
        ladders.next_at_once(alert, cycle=page.cycle, step=page.step, now=now)
        await _log(db, found, "declined", "alert.escalated", now)
    else:
        alert.acknowledge(None, now)
        await _log(db, found, "acknowledged", "alert.acknowledged", now)
        await crisis_flag_standings.seen(db, alert, None, now)


async def _log(db: Db, found: ToAnswer, kind: str, event: str, now: datetime) -> None:
    await db.flush()
    entry = AlertEntry.about(found.alert, kind, now, step=found.page.step, tell=Tell.CRISIS_SERVICE)
    entry.cycle = found.page.cycle
    await db.add(entry)
    events.record(db, event, alert_id=found.alert.id, patient_id=found.alert.patient_id, now=now)


def _audit(db: Db, actor: Actor, hand_off: HandOff, now: datetime, outcome: str) -> None:
    audit.record(
        db, actor, now, ANSWER, of="hand_off", id=hand_off.id, patient_id=hand_off.patient_id, outcome=outcome
    )
