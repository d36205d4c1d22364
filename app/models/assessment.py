"""One person's answers to one version of an instrument."""

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.models.answer import Answer
from app.models.tables import Table, refers


class Assessment(Answer, Table):
    """One person's answers to an instrument, with their score."""

    __tablename__ = "assessment"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        Index(None, "organization_id", "patient_id", "instrument", "filed_at"),
        Index(None, "organization_id", "received_at"),
    )

    instrument: Mapped[str]
    version: Mapped[str]
    score: Mapped[dict[str, Any]]
