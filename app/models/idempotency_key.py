"""The first answer to a request that a client may repeat."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted


class IdempotencyKey(Tenanted, Table):
    """What one caller's `Idempotency-Key` answered, written in the transaction of the change itself."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index(None, "organization_id", "created_at"),)

    caller_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    operation: Mapped[str]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    reply: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
