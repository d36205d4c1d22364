"""Who is on call when."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers, rooted


class OnCallSchedule(Identified, Table):
    """A weekly rotation (`ladders.on_call.Rotation`) in one time zone; programs name the one they use."""

    __tablename__ = "on_call_schedule"
    __table_args__ = (rooted(),)

    name: Mapped[str]
    time_zone: Mapped[str]
    rotation: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class OnCallOverride(Identified, Table):
    """Somebody else, or nobody, for a time; of several the last made holds."""

    __tablename__ = "on_call_override"
    __table_args__ = (
        refers("schedule_id", "on_call_schedule"),
        refers("staff_member_id", "staff_member"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index(None, "organization_id", "schedule_id", "ends_at"),
    )

    schedule_id: Mapped[UUID]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    staff_member_id: Mapped[UUID | None]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
