"""Invite a person to set their first password, or a new one when they forgot it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import choice
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission, Role
from app.database import Db
from app.errors import Forbidden, NotFound
from app.models import Credential, Invitation
from app.queries import audit, patients, staff
from app.queries import credentials as stored_credentials
from app.queries import invitations as stored
from app.queries.credentials import Origin, Person
from app.services import credentials, sign_in
from app.services.sign_in import Works

GOOD_FOR = timedelta(days=7)
# Crockford's base 32: no letter that looks like a digit. 16 of them are 80 random bits.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation and its code, which nobody can look up later."""

    id: UUID
    code: str
    expires_at: datetime


async def invite(
    db: Db, actor: Actor, *, patient_id: UUID | None, staff_member_id: UUID | None, now: datetime
) -> Invited:
    """Invite a patient or a staff member (one of the two); earlier codes of theirs end.

    Raises `NotFound` for somebody who is not visible, `Forbidden` when anybody but an administrator invites
    staff.
    """
    await _require_invitable(db, actor, patient_id, staff_member_id)
    invited = await issue(db, actor, Person(patient_id, staff_member_id), now)
    audit.record(
        db, actor, now, Permission.INVITATION_CREATE, of="invitation", id=invited.id, patient_id=patient_id
    )
    return invited


async def issue(db: Db, actor: Actor, person: Person, now: datetime) -> Invited:
    """A code for somebody whom the actor may invite; earlier codes of theirs end. Audited by the caller."""
    await stored_credentials.lock_person(db, person)
    await revoke(db, person, now)
    code = "-".join("".join(choice(_ALPHABET) for _ in range(4)) for _ in range(_LENGTH // 4))
    invitation = Invitation(
        organization_id=actor.organization_id, id=uuid7(), secret_hash=code_hash(code),
        invited_by=actor.id, created_at=now, expires_at=now + GOOD_FOR, **person._asdict(),
    )  # fmt: skip
    await db.add(invitation)
    await stored_credentials.take_name(db, invitation.secret_hash, invitation.id)
    return Invited(invitation.id, code, invitation.expires_at)


async def revoke(db: Db, person: Person, now: datetime) -> None:
    """End a person's open codes."""
    former = await stored.close_earlier(db, person, now)
    await stored_credentials.free_names(db, *former)


async def accept(
    works: Works, origin: Origin, code: str, username: str, password: str, *, now: datetime
) -> None:
    """Set the invited person's user name and password, and sign them out wherever they were.

    Raises `Unacceptable` for an unfit password, `NotFound` for a code that is no good (any more), `Conflict`
    for a taken user name (the code stays good), `TooMany`.
    """
    credentials.require_fit(username, password)
    digest = code_hash(code)
    async with works(None) as db:
        await sign_in.count_attempt(db, origin, now)
        found = await stored_credentials.find_name(db, digest)
    if found is None:
        raise _refusal()
    async with works(found.organization_id) as db:
        if await stored.open_one(db, found.owner_id, now) is None:
            raise _refusal()
        sign_in.forgive_attempt(db, origin)
    secret_hash = await credentials.hashed(password)
    async with works(found.organization_id) as db:
        await _accept(db, found.owner_id, username, secret_hash, origin, now=now)
        await stored_credentials.free_names(db, digest)


def code_hash(code: str) -> bytes:
    """How a code is kept, however it was typed. Never equal to that of a user name."""
    typed = "".join(code.upper().split()).replace("-", "").translate(_MISREAD)
    return sha256(b"invitation\0" + typed.encode("utf-8", "surrogatepass")).digest()


async def _require_invitable(
    db: Db, actor: Actor, patient_id: UUID | None, staff_member_id: UUID | None
) -> None:
    if patient_id is not None:
        await patients.find(db, actor, patient_id)
    if staff_member_id is not None:
        await staff.find(db, actor, staff_member_id)
        if actor.role is not Role.ADMINISTRATOR:
            raise Forbidden


async def _accept(
    db: Db, invitation_id: UUID, username: str, secret_hash: str, origin: Origin, *, now: datetime
) -> None:
    invitation = await stored.open_one(db, invitation_id, now)
    if invitation is None:
        raise _refusal()
    person = Person(invitation.patient_id, invitation.staff_member_id, invitation.supporter_id)
    await stored_credentials.lock_person(db, person)
    if not await stored.claim(db, invitation_id, now):
        raise _refusal()
    credential = await credentials.set_password(db, username, secret_hash, now=now, **person._asdict())
    await _record(db, credential, invitation_id, origin, now)


async def _record(db: Db, credential: Credential, invitation_id: UUID, origin: Origin, now: datetime) -> None:
    await db.flush()
    holder = await stored_credentials.holder(db, credential.id)
    assert holder is not None
    stored_credentials.record(db, holder, origin, now, "invitation:accept", of="invitation", id=invitation_id)


def _refusal() -> NotFound:
    return NotFound("invitation_refused", "This code is not good any more; ask for a new one.")
