"""From what somebody is signed in, and the refresh tokens handed to it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Device(Identified, Table):
    """One sign-in that lasts: a phone, a browser. Revoking it ends its refresh tokens."""

    __tablename__ = "device"
    __table_args__ = (
        refers("credential_id", "credential"),
        Index(None, "organization_id", "credential_id"),
    )

    credential_id: Mapped[UUID]
    name: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class RefreshToken(Identified, Table):
    """One refresh token, good once. Using it a second time revokes its device (RFC 9700 section 4.14).

    `replaced_by_id` is the token that it was exchanged for. At most one token of a device is unused.
    """

    __tablename__ = "refresh_token"
    __table_args__ = (
        refers("device_id", "device"),
        Index(None, "organization_id", "device_id"),
        Index(
            "ix_refresh_token_expiry",
            "organization_id",
            "expires_at",
            postgresql_where=text("used_at is null"),
        ),
    )

    device_id: Mapped[UUID]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    replaced_by_id: Mapped[UUID | None]
