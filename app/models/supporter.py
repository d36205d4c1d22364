"""Family or a friend whom a patient has let in, and what they may see."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class Supporter(Identified, Table):
    """One person whom a patient has named. `shares` are the categories that the patient lets them see.

    Whoever is named may say that the patient is in danger; anything else needs a category. Once ended, they
    see and do nothing any more, whatever they still hold.
    """

    __tablename__ = "supporter"
    __table_args__ = (
        refers("patient_id", "patient"),
        CheckConstraint("shares <@ array['safety_plan']::varchar[]", name="shares"),
        Index(None, "organization_id", "patient_id"),
    )

    patient_id: Mapped[UUID]
    name: Mapped[str]
    relation: Mapped[str]
    locale: Mapped[str]
    shares: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
