"""Who did what with whose data. Append-only for the service."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table


class AuditEntry(Identified, Table):
    """One read or write of a person's data (45 CFR 164.312(b)). The service may insert and read, no more."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index(
            "ix_audit_entry_patient",
            "organization_id",
            "patient_id",
            "at",
            postgresql_where=text("patient_id is not null"),
        ),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[UUID | None]
    role: Mapped[str]
    device_id: Mapped[UUID | None]
    action: Mapped[str]
    resource: Mapped[str]
    resource_id: Mapped[UUID | None]
    patient_id: Mapped[UUID | None]
    patient_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid()))
    outcome: Mapped[str]
    address: Mapped[str | None]
    request_id: Mapped[str | None]
