"""One IOP track, and who works in it."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers, rooted


class Program(Identified, Table):
    """One IOP track: level of care, weekly hours, population, own questions, calendar, rule set in force.

    `lookback_days`, `lookback_latest` and `mixes_sources` say how much history the rule set in force reads:
    they travel with its version, so that the statement that loads the history needs no other to ask.
    """

    __tablename__ = "program"
    __table_args__ = (
        rooted(),
        refers("on_call_schedule_id", "on_call_schedule"),
        CheckConstraint("minimum_weekly_hours <= maximum_weekly_hours", name="hours"),
        CheckConstraint("population in ('adults', 'adolescents')", name="population"),
    )

    name: Mapped[str]
    level_of_care: Mapped[str]
    population: Mapped[str]
    minimum_weekly_hours: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    maximum_weekly_hours: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    time_zone: Mapped[str]
    week_starts_on: Mapped[int] = mapped_column(server_default=text("0"))
    questions: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    sentences: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    calendar: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    cadence: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"))
    attendance_policy: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    on_call_schedule_id: Mapped[UUID | None]
    rule_set_version: Mapped[int]
    lookback_days: Mapped[int]
    lookback_latest: Mapped[int]
    mixes_sources: Mapped[bool]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class ProgramStaff(Tenanted, Table):
    """One staff member works in one program, and so sees its patients."""

    __tablename__ = "program_staff"
    __table_args__ = (
        refers("program_id", "program"),
        refers("staff_member_id", "staff_member"),
        Index(None, "organization_id", "staff_member_id"),
    )

    program_id: Mapped[UUID] = mapped_column(primary_key=True)
    staff_member_id: Mapped[UUID] = mapped_column(primary_key=True)
    since: Mapped[datetime]
