"""A one-time code with which a person sets their first password."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Invitation(Identified, Table):
    """A code that staff hand to a person, or a patient to their supporter; good once, for a few days."""

    __tablename__ = "invitation"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("staff_member_id", "staff_member"),
        refers("supporter_id", "supporter"),
        CheckConstraint("num_nonnulls(patient_id, staff_member_id, supporter_id) = 1", name="for_one"),
    )

    patient_id: Mapped[UUID | None]
    staff_member_id: Mapped[UUID | None]
    supporter_id: Mapped[UUID | None]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    invited_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
