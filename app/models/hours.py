"""What a payer requires, and how a stay's weeks stood against it."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers, rooted


class PayerRule(Identified, Table):
    """Weekly hours that one payer requires of one level of care, for some ages and some time.

    Ages are whole years on the day; without bounds it holds for everybody. The organization's own, beside
    those that Handrail ships (`treatment.requirement`).
    """

    __tablename__ = "payer_rule"
    __table_args__ = (
        rooted(),
        CheckConstraint("minimum_hours <= maximum_hours", name="hours"),
        CheckConstraint("minimum_age <= maximum_age", name="ages"),
        CheckConstraint("last_day >= first_day", name="order"),
        Index(None, "organization_id", "payer", "first_day"),
    )

    payer: Mapped[str]
    name: Mapped[str]
    level_of_care: Mapped[str]
    minimum_age: Mapped[int | None]
    maximum_age: Mapped[int | None]
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    minimum_hours: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    maximum_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    daily_minimum_minutes: Mapped[int | None]
    minimum_days: Mapped[int | None]
    citation: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]


class HoursStanding(Identified, Table):
    """How a week of a stay stood against its requirement at the moment of the look: what the signal
    `hours.shortfall` is read from."""

    __tablename__ = "hours_standing"
    __table_args__ = (
        refers("enrollment_id", "enrollment"),
        refers("patient_id", "patient"),
        UniqueConstraint("organization_id", "enrollment_id", "week_of"),
        Index(None, "organization_id", "patient_id", "at"),
        Index(None, "organization_id", "at", "id"),
    )

    enrollment_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID]
    week_of: Mapped[date]
    at: Mapped[datetime]
    local_date: Mapped[date]
    required_minutes: Mapped[int]
    projected_minutes: Mapped[int]
    shortfall_minutes: Mapped[int]
