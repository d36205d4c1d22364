"""A person in treatment."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, rooted


class Patient(Identified, Table):
    """A person in treatment; their stays are enrollments."""

    __tablename__ = "patient"
    __table_args__ = (rooted(), CheckConstraint("sex in ('female', 'male')", name="sex"))

    given_name: Mapped[str]
    family_name: Mapped[str]
    born_on: Mapped[date | None]
    sex: Mapped[str | None]
    phone: Mapped[str | None]
    locale: Mapped[str]
    time_zone: Mapped[str]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
