"""Say whom an organization tells of events: add, change, delete; try it; on and off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, Fault, Unacceptable
from app.models import WebhookDelivery, WebhookEndpoint
from app.post_office import PostOffice
from app.queries import audit, events, idempotency, jobs
from app.queries import webhook_endpoints as stored
from app.services import webhook_deliveries, webhook_secrets
from app.webhooks import addresses
from app.webhooks.catalogue import HANDED_OFF, TEST

_SENTENCES: Final[Mapping[addresses.Fault, str]] = {
    addresses.Fault.MALFORMED: "This is no https address, or one with a user name, a password or a fragment.",
    addresses.Fault.NOT_ENCRYPTED: "It would be spoken to without encryption.",
    addresses.Fault.HOST_UNKNOWN: "Its host cannot be found.",
    addresses.Fault.HOST_FORBIDDEN: "Its host is not on the public internet.",
}


TELL_AGAIN: Final = timedelta(minutes=15)
"""When the administrators are tried again whom nothing has reached."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A new endpoint. `program_ids` empty: of every program."""

    id: UUID
    purpose: str
    url: str
    description: str | None
    event_types: Sequence[str]
    program_ids: Sequence[UUID]


async def require_fit(office: PostOffice, url: str) -> None:
    """Raise `Unacceptable` for an address that nothing may go to. Asks the DNS: hold no transaction."""
    if found := await addresses.fault_of(url, private_hosts=office.private_hosts):
        raise Unacceptable.at("/url", found.value, _SENTENCES[found])


async def add(
    db: Db, actor: Actor, draft: Draft, *, office: PostOffice, now: datetime
) -> tuple[WebhookEndpoint, str]:
    """Tell this fit address of what happens from now on. The endpoint, and its secret, which no reading
    shows.

    Raises `Unacceptable` for programs that there are not and for choices that its purpose has not, `Conflict`
    for a second one of hand-offs and for an id in use.
    """
    is_for_hand_offs = draft.purpose == "hand_off"
    await _require_choices(db, draft.purpose, draft.event_types, draft.program_ids)
    if is_for_hand_offs and await stored.has_hand_off(db):
        raise Conflict("hand_off_taken", "There is an endpoint for hand-offs; delete it first.")
    secret, sealed = webhook_secrets.made(office, actor.organization_id, draft.id)
    endpoint = WebhookEndpoint(
        organization_id=actor.organization_id, id=draft.id, purpose=draft.purpose, url=draft.url,
        description=draft.description, program_ids=list(draft.program_ids),
        event_types=[HANDED_OFF.value] if is_for_hand_offs else sorted(draft.event_types),
        secret=sealed, secret_since=now, status="enabled", cursor=(await events.head(db)).position,
        created_at=now, created_by=actor.id, row_version=1,
    )  # fmt: skip
    await idempotency.add_new(db, endpoint)
    _audit(db, actor, endpoint, now)
    return endpoint, secret


async def change(
    db: Db, actor: Actor, endpoint_id: UUID, changes: Mapping[str, Any], *, version: int, now: datetime
) -> WebhookEndpoint:
    """Set these columns of an endpoint; a new address is fit. Raises as `add`, and `PreconditionFailed`."""
    endpoint = await stored.to_change(db, actor, endpoint_id, version)
    if "event_types" in changes:
        changes = {**changes, "event_types": sorted(changes["event_types"])}
    if changes.keys() & {"event_types", "program_ids"}:
        programs = changes.get("program_ids", endpoint.program_ids)
        chosen = changes.get("event_types", () if endpoint.purpose == "hand_off" else endpoint.event_types)
        await _require_choices(db, endpoint.purpose, chosen, programs)
    endpoint.change(changes)
    await db.flush()
    _audit(db, actor, endpoint, now)
    return endpoint


async def try_out(
    db: Db, actor: Actor, endpoint_id: UUID, delivery_id: UUID, now: datetime
) -> WebhookDelivery:
    """Send a test, as everything is sent. Raises `NotFound`; `Conflict` for one that is disabled, and for an
    id in use."""
    endpoint = await stored.find(db, actor, endpoint_id)
    endpoint.require_enabled()
    delivery = WebhookDelivery(
        organization_id=actor.organization_id, id=delivery_id, endpoint_id=endpoint.id, type=TEST.value,
        occurred_at=now, status="waiting", attempts=0, round=1, created_at=now, due_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, delivery)
    jobs.serve_endpoint(db, endpoint.id)
    _audit(db, actor, endpoint, now)
    return delivery


async def enable(db: Db, actor: Actor, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send again, from now on; what was parked meanwhile stays so. Enabled already: nothing changes."""
    endpoint = await stored.to_change(db, actor, endpoint_id)
    while not endpoint.is_enabled and await webhook_deliveries.follow(db, endpoint, now):
        continue  # what happened meanwhile is parked with the rest
    endpoint.enable()
    await db.flush()
    _audit(db, actor, endpoint, now)
    return endpoint


async def is_to_be_told(db: Db, endpoint_id: UUID, now: datetime) -> bool:
    """Whether the administrators are still to be told that it was disabled. It is tried again later."""
    endpoint = await stored.to_tell_of(db, endpoint_id)
    if endpoint is None:
        return False
    endpoint.tell_at = now + TELL_AGAIN
    await db.flush()
    return True


async def told(db: Db, endpoint_id: UUID, reached: bool, now: datetime) -> None:
    """They were told, or nobody was reached: then they are tried again later."""
    endpoint = await stored.to_tell_of(db, endpoint_id)
    if endpoint is not None:
        endpoint.tell_at = None if reached else now + TELL_AGAIN
        await db.flush()


async def look(db: Db, endpoint_id: UUID, now: datetime) -> bool:
    """Have the administrators told, once more. False when that is not due, or somebody else does it."""
    endpoint = await stored.claim_untold(db, endpoint_id, now)
    if endpoint is None:
        return False
    endpoint.tell_at = now + TELL_AGAIN
    await db.flush()
    jobs.tell_of_disabled_endpoint(db, endpoint_id)
    return True


async def disable(db: Db, actor: Actor, endpoint_id: UUID, now: datetime) -> WebhookEndpoint:
    """Send no more; what waits is parked, and so is what comes. Disabled already: nothing changes."""
    endpoint = await stored.to_change(db, actor, endpoint_id)
    if endpoint.disable("by_hand", now):
        await stored.park_waiting(db, endpoint.id, now)
    await db.flush()
    _audit(db, actor, endpoint, now)
    return endpoint


async def remove(db: Db, actor: Actor, endpoint_id: UUID, now: datetime) -> None:
    """Have it no more. Raises `NotFound`."""
    endpoint = await stored.to_change(db, actor, endpoint_id)
    endpoint.delete()
    await stored.park_waiting(db, endpoint.id, now)
    await db.flush()
    _audit(db, actor, endpoint, now)


async def _require_choices(
    db: Db, purpose: str, event_types: Sequence[str], program_ids: Sequence[UUID]
) -> None:
    if purpose == "hand_off":
        faults = [
            Fault(pointer, "not_of_hand_offs", "An endpoint of hand-offs is told of every one, and no more.")
            for pointer, given in {"/event_types": event_types, "/program_ids": program_ids}.items()
            if given
        ]
    else:
        known = await stored.known_programs(db, program_ids) if program_ids else ()
        faults = [
            Fault(f"/program_ids/{place}", "unknown_program", "There is no such program.")
            for place, each in enumerate(program_ids)
            if each not in known
        ]
        if not event_types:
            faults.append(Fault("/event_types", "missing", "Of what it is told."))
    if faults:
        raise Unacceptable(faults)


def _audit(db: Db, actor: Actor, endpoint: WebhookEndpoint, now: datetime) -> None:
    audit.record(db, actor, now, Permission.WEBHOOK_MANAGE, of="webhook_endpoint", id=endpoint.id)
