"""Who works here."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, rooted


class StaffMember(Identified, Table):
    """Somebody who works for the organization, in one role."""

    __tablename__ = "staff_member"
    __table_args__ = (
        rooted(),
        CheckConstraint("role in ('counselor', 'supervisor', 'administrator', 'auditor')", name="role"),
    )

    name: Mapped[str]
    role: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str]
    time_zone: Mapped[str]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
