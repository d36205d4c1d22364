"""Give a person or an integration something to sign in with, and check what they bring."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import GRANTS, Role
from app.database import Db
from app.errors import Conflict, Fault, Unacceptable
from app.models import Credential
from app.passwords import Passwords
from app.queries import credentials as stored
from app.queries import devices, sign_in_attempts
from app.queries.credentials import Person

PASSWORDS = Passwords()
SHORTEST_PASSWORD = 12
FEWEST_CHARACTERS = 5


@dataclass(frozen=True, slots=True)
class Client:
    """What an integration signs in with. The secret is shown once and kept as a hash."""

    client_id: str
    client_secret: str


async def hashed(secret: str) -> str:
    """The hash to keep, made in a thread: it takes some 20 ms of processor."""
    return await asyncio.to_thread(PASSWORDS.hash, secret)


def require_fit(username: str, password: str) -> None:
    """Raise `Unacceptable` for a password that the first guesses would find.

    Length is what counts (NIST SP 800-63B, 5.1.1.2): no rules about capitals or digits.
    """
    faults = []
    if len(password) < SHORTEST_PASSWORD:
        faults.append(Fault("/password", "too_short", f"At least {SHORTEST_PASSWORD} characters."))
    if username.strip().casefold() in password.casefold():
        faults.append(Fault("/password", "holds_username", "The user name may not be a part of it."))
    if len(set(password.casefold())) < FEWEST_CHARACTERS:
        faults.append(Fault("/password", "too_simple", "It repeats the same few characters."))
    if faults:
        raise Unacceptable(faults)


async def add_credential(
    db: Db,
    *,
    username: str,
    password: str,
    now: datetime,
    patient_id: UUID | None = None,
    staff_member_id: UUID | None = None,
    supporter_id: UUID | None = None,
) -> Credential:
    """Give one person, a patient, a staff member or a supporter, a user name and a password; or new ones.

    Raises as `require_fit` and `set_password`.
    """
    require_fit(username, password)
    secret_hash = await hashed(password)
    return await set_password(
        db, username, secret_hash, patient_id=patient_id, staff_member_id=staff_member_id,
        supporter_id=supporter_id, now=now,
    )  # fmt: skip


async def set_password(
    db: Db,
    username: str,
    secret_hash: str,
    *,
    patient_id: UUID | None,
    staff_member_id: UUID | None,
    supporter_id: UUID | None = None,
    now: datetime,
) -> Credential:
    """Set a person's user name and password; with new ones they are signed out everywhere.

    A disabled credential stays disabled. Raises `Conflict` when somebody else has the name.
    """
    person = Person(patient_id, staff_member_id, supporter_id)
    await stored.lock_person(db, person)
    name = stored.name_hash(username)
    sign_in_attempts.forgive(db, [sign_in_attempts.account(name)])
    credential = await stored.of_person(db, person)
    if credential is None:
        return await _add(db, username, secret_hash, now, person)
    if (former := stored.name_hash(credential.username)) != name:
        await _take(db, name, credential.id)
        await stored.free_names(db, former)
    credential.username, credential.secret_hash = username, secret_hash
    await devices.revoke_all(db, credential.id, now)
    return credential


async def add_integration(
    db: Db,
    *,
    client_name: str,
    scope: Sequence[str],
    now: datetime,
    client_id: str | None = None,
    client_secret: str | None = None,
) -> Client:
    """Give an integration a client id and a secret, made here when not given, for the permissions in `scope`.

    Raises `Unacceptable` for a permission that no integration may have, `Conflict` for a taken client id.
    """
    if not set(scope) <= GRANTS[Role.INTEGRATION]:
        raise Unacceptable.at("/scope", "not_grantable", "An integration may not have all of these.")
    client = Client(client_id or f"client-{uuid7()}", client_secret or token_urlsafe(32))
    secret_hash = await hashed(client.client_secret)
    await _add(
        db, client.client_id, secret_hash, now, client_name=client_name, scope=sorted({str(s) for s in scope})
    )
    return client


async def _add(
    db: Db,
    username: str,
    secret_hash: str,
    now: datetime,
    person: Person = Person(),  # noqa: B008 - a tuple
    *,
    client_name: str | None = None,
    scope: Sequence[str] = (),
) -> Credential:
    assert db.organization_id is not None
    credential = Credential(
        organization_id=db.organization_id, id=uuid7(), username=username, secret_hash=secret_hash,
        client_name=client_name, scope=list(scope), created_at=now, **person._asdict(),
    )  # fmt: skip
    await _take(db, stored.name_hash(username), credential.id)
    await db.add(credential)
    return credential


async def _take(db: Db, name: bytes, credential_id: UUID) -> None:
    if not await stored.take_name(db, name, credential_id):
        raise Conflict("username_taken", "Somebody has this user name; choose another.")
