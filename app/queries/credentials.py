"""Credentials, and where a sign-in name is found before its organization is known."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from unicodedata import normalize
from uuid import UUID

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.access import Actor, Role
from app.database import Db
from app.models import Credential, Patient, SignInName, StaffMember
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


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a credential.

    `id` is the patient's or the staff member's; an integration has that of its credential. `may_sign_in` is
    False for a disabled credential and for staff who no longer work here.
    """

    organization_id: UUID
    credential_id: UUID
    kind: Kind
    id: UUID
    role: Role
    scope: tuple[str, ...]
    secret_hash: str
    may_sign_in: bool


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
        select(Credential, StaffMember.role, StaffMember.active)
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.organization_id == Credential.organization_id,
                StaffMember.id == Credential.staff_member_id,
            ),
        )
        .where(Credential.organization_id == db.organization_id, Credential.id == credential_id)
    )
    row = (await db.execute(statement)).one_or_none()
    if row is None:
        return None
    return _holder(row.Credential, row.role, works_here=row.active is not False)


def _holder(credential: Credential, staff_role: str | None, *, works_here: bool) -> Holder:
    kind: Kind
    if credential.patient_id is not None:
        kind, owner_id, role = "patient", credential.patient_id, Role.PATIENT
    elif credential.staff_member_id is not None:
        assert staff_role is not None
        kind, owner_id, role = "staff", credential.staff_member_id, Role(staff_role)
    else:
        kind, owner_id, role = "integration", credential.id, Role.INTEGRATION
    return Holder(
        credential.organization_id, credential.id, kind, owner_id, role, tuple(credential.scope),
        credential.secret_hash, works_here and credential.disabled_at is None,
    )  # fmt: skip


async def lock_person(db: Db, patient_id: UUID | None, staff_member_id: UUID | None) -> None:
    """Hold everybody else who changes how this person signs in, until the end of the unit of work."""
    table: type[Patient | StaffMember] = StaffMember if patient_id is None else Patient
    await db.execute(
        select(table.id)
        .where(table.organization_id == db.organization_id, table.id == (patient_id or staff_member_id))
        .with_for_update(key_share=True)
    )


async def of_person(db: Db, patient_id: UUID | None, staff_member_id: UUID | None) -> Credential | None:
    """The credential of a patient or of a staff member, if they have one."""
    column = Credential.staff_member_id if patient_id is None else Credential.patient_id
    credential: Credential | None = await db.scalar(
        select(Credential).where(
            Credential.organization_id == db.organization_id, column == (patient_id or staff_member_id)
        )
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
    patient_id = by.id if by.kind == "patient" else None
    audit.record(db, actor, now, action, of=of, id=id, patient_id=patient_id, outcome=outcome)
