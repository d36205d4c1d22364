"""Who is responsible for one patient."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers


class CareTeamMember(Tenanted, Table):
    """One staff member's function for one patient. The primary is who is told first."""

    __tablename__ = "care_team_member"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("staff_member_id", "staff_member"),
        CheckConstraint(
            "function in ('primary_counselor', 'therapist', 'prescriber', 'case_manager', 'peer_supporter')",
            name="function",
        ),
        Index(
            "uq_care_team_member_primary",
            "organization_id",
            "patient_id",
            unique=True,
            postgresql_where=text("function = 'primary_counselor'"),
        ),
        Index(None, "organization_id", "staff_member_id"),
    )

    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(primary_key=True)
    function: Mapped[str]
    since: Mapped[datetime]
