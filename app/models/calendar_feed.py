"""A secret address at which a calendar program reads somebody's sessions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class CalendarFeed(Identified, Table):
    """One address, of a patient or of a staff member. Only a hash of its secret is kept."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("staff_member_id", "staff_member"),
        CheckConstraint("num_nonnulls(patient_id, staff_member_id) = 1", name="owner"),
        Index(None, "organization_id", "patient_id"),
        Index(None, "organization_id", "staff_member_id"),
    )

    patient_id: Mapped[UUID | None]
    staff_member_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    shows_place: Mapped[bool]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
