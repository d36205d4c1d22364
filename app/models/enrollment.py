"""One stay of a patient in a program."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Enrollment(Identified, Table):
    """One stay of a patient in a program. A patient has at most one running stay.

    `absence_due_at` is the next moment at which silence may be news, `hours_due_at` the next at which the
    week's hours are reckoned: the sweep looks at no stay before. `payer` is a code of `PayerRule`.
    """

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
        Index(
            "ix_enrollment_absence_due",
            "organization_id",
            "absence_due_at",
            postgresql_where=text("absence_due_at is not null"),
        ),
        Index(
            "ix_enrollment_hours_due",
            "organization_id",
            "hours_due_at",
            postgresql_where=text("hours_due_at is not null"),
        ),
    )

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[str]
    payer: Mapped[str | None]
    absence_due_at: Mapped[datetime | None]
    hours_due_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class LeaveOfAbsence(Identified, Table):
    """A part of a stay in which nothing is asked of the patient. Without an end: until they are back."""

    __tablename__ = "leave_of_absence"
    __table_args__ = (
        refers("enrollment_id", "enrollment"),
        refers("patient_id", "patient"),
        CheckConstraint("ends_at >= starts_at", name="order"),
        Index(None, "organization_id", "patient_id", "starts_at"),
    )

    enrollment_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
