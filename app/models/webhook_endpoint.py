"""A subscriber of events: where they go, which, and how they are signed."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, LargeBinary, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.errors import Conflict
from app.models.tables import Identified, Table, rooted


class WebhookEndpoint(Identified, Table):
    """An address of somebody else's that is told of events, or of hand-offs (`purpose`).

    `program_ids` empty: of every program. The secrets are sealed; the one in use was made at `secret_since`,
    and the previous one signs as well until `previous_until`. `row_version` counts what administrators see
    change, and no delivery. `cursor` is the position of the feed up to which events have been turned into
    deliveries. `sending_until` is how long the worker that sends its deliveries has it. `failing_since` is
    the first failure since the last success; `tell_at` when the administrators are to be told, by a sweep at
    the latest, that it was disabled.
    """

    __tablename__ = "webhook_endpoint"
    __table_args__ = (
        rooted(),
        CheckConstraint("purpose in ('events', 'hand_off')", name="purpose"),
        CheckConstraint("status in ('enabled', 'disabled', 'deleted')", name="status"),
        CheckConstraint("disabled_code in ('by_hand', 'gone', 'failing')", name="disabled_code"),
        Index(
            "uq_webhook_endpoint_hand_off",
            "organization_id",
            unique=True,
            postgresql_where=text("purpose = 'hand_off' and status <> 'deleted'"),
        ),
        Index(
            "ix_webhook_endpoint_tell",
            "organization_id",
            "tell_at",
            postgresql_where=text("tell_at is not null"),
        ),
    )

    purpose: Mapped[str]
    url: Mapped[str]
    description: Mapped[str | None]
    event_types: Mapped[list[str]] = mapped_column(ARRAY(String))
    program_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    secret_since: Mapped[datetime]
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[datetime | None]
    status: Mapped[str]
    disabled_at: Mapped[datetime | None]
    disabled_code: Mapped[str | None]
    failing_since: Mapped[datetime | None]
    tell_at: Mapped[datetime | None]
    cursor: Mapped[int] = mapped_column(BigInteger)
    sending_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    row_version: Mapped[int]

    @property
    def is_enabled(self) -> bool:
        """Whether anything is sent there."""
        return self.status == "enabled"

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set these columns. What another address answered before says nothing of the new one."""
        if changes.get("url", self.url) != self.url:
            self.failing_since = None
        for column, value in changes.items():
            setattr(self, column, value)
        self.row_version += 1

    def rotate(self, sealed: bytes, overlap: timedelta, now: datetime) -> None:
        """Sign with this secret from now on, and with the one before as well for the time of `overlap`."""
        self.previous_secret, self.previous_until = (self.secret, now + overlap) if overlap else (None, None)
        self.secret, self.secret_since = sealed, now
        self.row_version += 1

    def enable(self) -> bool:
        """Send again, from now on. False when it is enabled already."""
        if self.is_enabled:
            return False
        self.status, self.disabled_at, self.disabled_code = "enabled", None, None
        self.failing_since = self.tell_at = None
        self.row_version += 1
        return True

    def disable(self, code: str, now: datetime) -> bool:
        """Send no more: `by_hand`; `gone`, as it said itself; `failing`, for too long. False when disabled.

        The administrators are to be told of what nobody did by hand.
        """
        if not self.is_enabled:
            return False
        self.status, self.disabled_at, self.disabled_code = "disabled", now, code
        self.tell_at = None if code == "by_hand" else now
        self.row_version += 1
        return True

    def delete(self) -> None:
        """Be gone for everybody; what was sent there stays known. Its secrets are forgotten."""
        self.status, self.tell_at = "deleted", None
        self.secret, self.previous_secret, self.previous_until = b"", None, None
        self.row_version += 1

    def require_enabled(self) -> None:
        """Raise `Conflict` when nothing is sent there."""
        if not self.is_enabled:
            raise Conflict("endpoint_disabled", "Nothing is sent there; enable it first.")
