"""One daily self-report."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.answer import Answer
from app.models.tables import Table, refers


class CheckIn(Answer, Table):
    """One daily self-report: answers by code, and a note."""

    __tablename__ = "check_in"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        Index(None, "organization_id", "patient_id", "filed_at"),
        Index(None, "organization_id", "received_at"),
    )

    note: Mapped[str | None]
