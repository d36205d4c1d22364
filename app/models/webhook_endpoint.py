"""A subscriber of events: where they go, which, and how they are signed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, LargeBinary, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, rooted


class WebhookEndpoint(Identified, Table):
    """An address of somebody else's that is told of events, or of hand-offs (`purpose`).

    `program_ids` empty: of every program. The secrets are sealed; during a rotation the previous one signs as
    well until `previous_until`. `cursor` is the position of the feed up to which events have been turned into
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
