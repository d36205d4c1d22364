"""One stay of a patient in a program."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Enrollment(Identified, Table):
    """One stay of a patient in a program. A patient has at most one running stay."""

    __tablename__ = "enrollment"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        CheckConstraint("status in ('active', 'on_leave', 'completed', 'discharged')", name="status"),
        CheckConstraint("ends_on >= starts_on", name="order"),
        Index(
            "uq_enrollment_running",
            "organization_id",
            "patient_id",
            unique=True,
            postgresql_where=text("status in ('active', 'on_leave')"),
        ),
        Index(None, "organization_id", "program_id", "patient_id"),
        Index(None, "organization_id", "patient_id", "program_id"),
    )

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[str]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
