"""How somebody signs in, and where a sign-in name is found before its organization is known."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers, rooted


class Credential(Identified, Table):
    """A password of a person, or the secret of an integration. Hashes only (argon2id)."""

    __tablename__ = "credential"
    __table_args__ = (
        rooted(),
        refers("patient_id", "patient"),
        refers("staff_member_id", "staff_member"),
        refers("supporter_id", "supporter"),
        CheckConstraint(
            "num_nonnulls(patient_id, staff_member_id, supporter_id, client_name) = 1", name="belongs_to_one"
        ),
        Index(
            "uq_credential_patient",
            "organization_id",
            "patient_id",
            unique=True,
            postgresql_where=text("patient_id is not null"),
        ),
        Index(
            "uq_credential_staff_member",
            "organization_id",
            "staff_member_id",
            unique=True,
            postgresql_where=text("staff_member_id is not null"),
        ),
        Index(
            "uq_credential_supporter",
            "organization_id",
            "supporter_id",
            unique=True,
            postgresql_where=text("supporter_id is not null"),
        ),
    )

    username: Mapped[str]
    secret_hash: Mapped[str]
    patient_id: Mapped[UUID | None]
    staff_member_id: Mapped[UUID | None]
    supporter_id: Mapped[UUID | None]
    client_name: Mapped[str | None]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class SignInName(Table):
    """Where to look for a sign-in name or an invitation's code: its hash, and whose it is. Global, because a
    sign-in has no tenant yet.

    Holds neither the name nor a secret: who reads this table learns nothing about anybody. `owner_id` is the
    credential's id, or the invitation's; the two kinds are hashed apart.
    """

    __tablename__ = "sign_in_name"

    name_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    organization_id: Mapped[UUID]
    owner_id: Mapped[UUID]


class SignInAttempt(Table):
    """Failed sign-ins of one account or one address, as a hash of either. Global, as `SignInName`."""

    __tablename__ = "sign_in_attempt"

    subject_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
