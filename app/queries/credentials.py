"""Credentials, and where a sign-in name is found before its organization is known."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, Role
from app.database import Db
from app.models import Credential, Patient, SignInName, StaffMember, Supporter
from app.queries import audit
from app.token_claims import Kind


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from whose sender is not known yet."""

    address: str | None
    request_id: str | None
    accept_language: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a sign-in name or an invitation's code leads to: the id of the one or the other."""

    organization_id: UUID
    owner_id: UUID


class Person(NamedTuple):
    """Who signs in with a user name and a password: one of the three, by their id."""

    patient_id: UUID | None = None
    staff_member_id: UUID | None = None
    supporter_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a credential.

    `id` is the patient's, the staff member's or the supporter's; an integration has that of its credential.
    `may_sign_in` is False for a disabled credential, for staff who no longer work here, and for a supporter
    whom the patient has let go. `patient_id` is the patient, or whom the supporter stands by.
    """

    organization_id: UUID
    credential_id: UUID
    kind: Kind
    id: UUID
    role: Role
    scope: tuple[str, ...]
    secret_hash: str
    may_sign_in: bool
    patient_id: UUID | None


def name_hash(name: str) -> bytes:
    """How a sign-in name is kept. Capitals and ways of composing a letter make no difference."""
    folded = normalize("NFC", normalize("NFC", name.strip()).casefold())
    return sha256(folded.encode("utf-8", "surrogatepass")).digest()


async def find_name(db: Db, hash: bytes) -> Found | None:
    """Whose name or code this is, in any organization."""
    row = (
        await db.execute(
            select(SignInName.organization_id, SignInName.owner_id).where(SignInName.name_hash == hash)
        )
    ).one_or_none()
    return row and Found(row.organization_id, row.owner_id)


async def take_name(db: Db, hash: bytes, owner_id: UUID) -> bool:
    """Reserve a name or a code; False when it is taken. Waits for a writer who is about to take it."""
    statement = (
        insert(SignInName)
        .values(name_hash=hash, organization_id=db.organization_id, owner_id=owner_id)
        .on_conflict_do_nothing()
        .returning(SignInName.name_hash)
    )
    return (await db.execute(statement)).first() is not None


async def free_names(db: Db, *hashes: bytes) -> None:
    """Give names or codes of this organization back."""
    await db.execute(
        delete(SignInName).where(
            SignInName.name_hash.in_(hashes), SignInName.organization_id == db.organization_id
        )
    )


async def holder(db: Db, credential_id: UUID) -> Holder | None:
    """Who signs in with this credential."""
    statement = (
        select(Credential, StaffMember.role, StaffMember.active, Supporter.patient_id, Supporter.ended_at)
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.organization_id == Credential.organization_id,
                StaffMember.id == Credential.staff_member_id,
            ),
        )
        .outerjoin(
            Supporter,
            and_(
                Supporter.organization_id == Credential.organization_id,
                Supporter.id == Credential.supporter_id,
            ),
        )
        .where(Credential.organization_id == db.organization_id, Credential.id == credential_id)
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    is_let_in = row.active is not False and row.ended_at is None
    return _holder(row.Credential, row.role, stands_by=row.patient_id, is_let_in=is_let_in)


def _holder(
    credential: Credential, staff_role: str | None, *, stands_by: UUID | None, is_let_in: bool
) -> Holder:
    kind: Kind
    if credential.patient_id is not None:
        kind, owner_id, role = "patient", credential.patient_id, Role.PATIENT
    elif credential.staff_member_id is not None:
        assert staff_role is not None
        kind, owner_id, role = "staff", credential.staff_member_id, Role(staff_role)
    elif credential.supporter_id is not None:
        kind, owner_id, role = "supporter", credential.supporter_id, Role.SUPPORTER
    else:
        kind, owner_id, role = "integration", credential.id, Role.INTEGRATION
    return Holder(
        credential.organization_id, credential.id, kind, owner_id, role, tuple(credential.scope),
        credential.secret_hash, is_let_in and credential.disabled_at is None,
        credential.patient_id or stands_by,
    )  # fmt: skip


async def lock_person(db: Db, person: Person) -> None:
    """Hold everybody else who changes how this person signs in, until the end of the unit of work."""
    tables: tuple[type[Patient | StaffMember | Supporter], ...] = (Patient, StaffMember, Supporter)
    for table, key in zip(tables, person, strict=True):
        if key is not None:
            statement = select(table.id).where(table.organization_id == db.organization_id, table.id == key)
            await db.execute(statement.with_for_update(key_share=True))


async def of_person(db: Db, person: Person) -> Credential | None:
    """The credential of somebody, if they have one."""
    columns = (Credential.patient_id, Credential.staff_member_id, Credential.supporter_id)
    theirs = [column == key for column, key in zip(columns, person, strict=True) if key is not None]
    credential: Credential | None = await db.scalar(
        select(Credential).where(Credential.organization_id == db.organization_id, *theirs)
    )
    return credential


async def replace_hash(db: Db, known: Holder, secret_hash: str) -> None:
    """Keep a costlier hash of the same secret, unless the secret was changed meanwhile."""
    await db.execute(
        update(Credential)
        .where(
            Credential.organization_id == db.organization_id,
            Credential.id == known.credential_id,
            Credential.secret_hash == known.secret_hash,
        )
        .values(secret_hash=secret_hash)
    )


def record(
    db: Db,
    by: Holder,
    origin: Origin,
    now: datetime,
    action: str,
    *,
    of: str,
    id: UUID | None = None,
    device_id: UUID | None = None,
    outcome: str = "done",
) -> None:
    """Audit what somebody did who had no access token: signing in, refused or not, and the like."""
    actor = Actor(
        by.organization_id, by.kind, by.id, by.role, by.credential_id, device_id, address=origin.address,
        request_id=origin.request_id,
    )  # fmt: skip
    audit.record(db, actor, now, action, of=of, id=id, patient_id=by.patient_id, outcome=outcome)
