"""One person's answers to one version of an instrument."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Assessment(Identified, Table):
    """One person's answers to an instrument, with their score. Revisions and `filed_at` as with check-ins."""

    __tablename__ = "assessment"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        Index(None, "organization_id", "patient_id", "instrument", "filed_at"),
    )

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=text("0"))
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    instrument: Mapped[str]
    version: Mapped[str]
    local_date: Mapped[date]
    time_zone: Mapped[str]
    occurred_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]
    score: Mapped[dict[str, Any]]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
