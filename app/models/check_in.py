"""One daily self-report."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class CheckIn(Identified, Table):
    """One daily self-report. Revision 0 came first; the same id with other content is kept as the next one.

    `filed_at` is `occurred_at` unless the device's clock cannot be right: then it is `received_at`.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        Index(None, "organization_id", "patient_id", "filed_at"),
    )

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=text("0"))
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    local_date: Mapped[date]
    time_zone: Mapped[str]
    occurred_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]
    note: Mapped[str | None]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
