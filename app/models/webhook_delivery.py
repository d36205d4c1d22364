"""One event on its way to one endpoint, and every attempt to bring it there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers


class WebhookDelivery(Identified, Table):
    """One message to one endpoint; its id is the `webhook-id`, the same at every attempt and replay.

    What is sent is made of these columns alone: type, ids, sequence, time. `position` is the event's in the
    feed; a test has none, nor has a hand-off. `attempts` counts those of the running round: a replay begins a
    new one. `due_at` is when it is to be sent next, `claimed_until` how long whoever is sending it has it.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        refers("endpoint_id", "webhook_endpoint"),
        refers("alert_id", "alert"),
        CheckConstraint("status in ('waiting', 'delivered', 'parked')", name="status"),
        CheckConstraint("(status = 'waiting') = (due_at is not null)", name="due"),
        Index(
            "uq_webhook_delivery_event",
            "organization_id",
            "endpoint_id",
            "position",
            unique=True,
            postgresql_where=text("position is not null"),
        ),
        Index(
            "ix_webhook_delivery_due",
            "organization_id",
            "endpoint_id",
            "due_at",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index(None, "organization_id", "endpoint_id", "created_at", "id"),
    )

    endpoint_id: Mapped[UUID]
    position: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[str]
    alert_id: Mapped[UUID | None]
    patient_id: Mapped[UUID | None]
    sequence: Mapped[int | None]
    occurred_at: Mapped[datetime]
    status: Mapped[str]
    code: Mapped[str | None]
    attempts: Mapped[int]
    round: Mapped[int]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class WebhookAttempt(Tenanted, Table):
    """One attempt. `code` is of a closed set and never the far side's words; `answer` is its HTTP status."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (refers("delivery_id", "webhook_delivery"),)

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    delivered: Mapped[bool]
    code: Mapped[str]
    answer: Mapped[int | None]
    milliseconds: Mapped[int]
