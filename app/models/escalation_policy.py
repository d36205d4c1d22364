"""Who is told of an alert, after how long: per program and severity."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers


class EscalationPolicy(Tenanted, Table):
    """The ladder of one severity in one program. Where there is none, `ladders.DEFAULTS` holds."""

    __tablename__ = "escalation_policy"
    __table_args__ = (
        refers("program_id", "program"),
        CheckConstraint("severity in ('critical', 'urgent', 'high', 'routine')", name="severity"),
    )

    program_id: Mapped[UUID] = mapped_column(primary_key=True)
    severity: Mapped[str] = mapped_column(primary_key=True)
    ladder: Mapped[dict[str, Any]]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
