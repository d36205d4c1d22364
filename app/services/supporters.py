"""Let family or a friend in, say what they may see, and let them go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from app.access import Actor, Permission
from app.database import Db
from app.errors import Conflict, NotFound
from app.models import Supporter
from app.queries import audit, credentials, devices, idempotency, patients
from app.queries import supporters as stored
from app.queries.credentials import Person
from app.services import invitations
from app.services.invitations import Invited

MOST_SUPPORTERS = 20
"""How many people a patient lets in at most. A design choice."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Somebody new. `shares` are the categories that they may see, `locale` is en or es."""

    id: UUID
    name: str
    relation: str
    locale: str | None
    shares: frozenset[str]


class Added(NamedTuple):
    """A new supporter, and the code that the patient hands them."""

    supporter: Supporter
    invited: Invited


async def add(db: Db, actor: Actor, patient_id: UUID, draft: Draft, now: datetime) -> Added:
    """Let somebody in; without a locale they are spoken to as the patient is.

    Raises `NotFound` for a patient who is not visible, `Conflict` for an id in use and for more than
    `MOST_SUPPORTERS`.
    """
    patient = await patients.to_change(db, actor, patient_id)
    if len(await stored.of_patient(db, actor, patient_id)) >= MOST_SUPPORTERS:
        raise Conflict("too_many_supporters", "There are too many already; let somebody go first.")
    supporter = Supporter(
        organization_id=actor.organization_id, id=draft.id, patient_id=patient_id, name=draft.name,
        relation=draft.relation, locale=draft.locale or patient.locale, shares=sorted(draft.shares),
        created_at=now, changed_at=now,
    )  # fmt: skip
    await idempotency.add_new(db, supporter)
    _audit(db, actor, supporter, now)
    return Added(supporter, await invitations.issue(db, actor, Person(supporter_id=supporter.id), now))


async def invite(db: Db, actor: Actor, patient_id: UUID, supporter_id: UUID, now: datetime) -> Invited:
    """A new code for a supporter who lost the first, or their password; it ends the one before.

    Raises `NotFound`, also for one who was let go.
    """
    supporter = await stored.to_change(db, actor, patient_id, supporter_id)
    if supporter.ended_at is not None:
        raise NotFound
    _audit(db, actor, supporter, now)
    return await invitations.issue(db, actor, Person(supporter_id=supporter_id), now)


async def change(
    db: Db, actor: Actor, patient_id: UUID, supporter_id: UUID, changes: Mapping[str, Any], *, version: int,
    now: datetime,
) -> Supporter:  # fmt: skip
    """Set these columns of a supporter; what is shared no more is not seen from the commit on.

    Raises `NotFound`, and `PreconditionFailed` for another version.
    """
    supporter = await stored.to_change(db, actor, patient_id, supporter_id, version)
    for column, value in changes.items():
        setattr(supporter, column, sorted(set(value)) if column == "shares" else value)
    supporter.changed_at = now
    await db.flush()
    _audit(db, actor, supporter, now)
    return supporter


async def end(db: Db, actor: Actor, patient_id: UUID, supporter_id: UUID, now: datetime) -> None:
    """Let a supporter go: they see nothing from the commit on, their devices are signed out and an open code
    is worth nothing. Again is fine. Raises `NotFound`."""
    supporter = await stored.to_change(db, actor, patient_id, supporter_id)
    if supporter.ended_at is None:
        supporter.ended_at = supporter.changed_at = now
        await db.flush()
        await _sign_out(db, Person(supporter_id=supporter_id), now)
    _audit(db, actor, supporter, now)


async def _sign_out(db: Db, person: Person, now: datetime) -> None:
    await invitations.revoke(db, person, now)
    credential = await credentials.of_person(db, person)
    if credential is not None:
        credential.disabled_at = now
        await credentials.free_names(db, credentials.name_hash(credential.username))
        await devices.revoke_all(db, credential.id, now)


def _audit(db: Db, actor: Actor, supporter: Supporter, now: datetime) -> None:
    audit.record(
        db, actor, now, Permission.SUPPORTER_MANAGE, of="supporter", id=supporter.id,
        patient_id=supporter.patient_id,
    )  # fmt: skip
