"""Scheduled treatment: series of sessions, the single sessions of them, and places in a series."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers

KINDS = (
    "group", "individual", "family", "multifamily", "workshop", "expressive", "medical",
    "telehealth_check_in",
)  # fmt: skip
_OF_A_KIND = f"kind in {KINDS}"


class SessionSeries(Identified, Table):
    """Sessions that repeat by a rule, in the wall time of a place; without a rule it is a single one.

    `starts_local` is the first start as the clock on the wall shows it. `audience` says who is expected:
    everybody enrolled in the program, or those who have a place. Sessions are rows up to `planned_until`;
    `extend_at` is when the sweep must look at it, for further sessions and free places; None when none are to
    come.
    """

    __tablename__ = "session_series"
    __table_args__ = (
        refers("program_id", "program"),
        CheckConstraint(_OF_A_KIND, name="kind"),
        CheckConstraint("audience in ('program', 'places')", name="audience"),
        CheckConstraint("minutes between 5 and 720", name="minutes"),
        CheckConstraint("capacity between 1 and 200", name="capacity"),
        Index(None, "organization_id", "program_id"),
        Index(
            "ix_session_series_extend", "organization_id", "extend_at",
            postgresql_where=text("extend_at is not null"),
        ),
    )  # fmt: skip

    program_id: Mapped[UUID]
    kind: Mapped[str]
    title: Mapped[str]
    starts_local: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    time_zone: Mapped[str]
    minutes: Mapped[int]
    recurrence: Mapped[str | None]
    last_day: Mapped[date | None]
    audience: Mapped[str]
    capacity: Mapped[int | None]
    room: Mapped[str | None]
    telehealth_url: Mapped[str | None]
    facilitator_ids: Mapped[list[Any]]
    planned_until: Mapped[date]
    extend_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class TreatmentSession(Identified, Table):
    """One scheduled session. `slot` is where its series' rule put it, whatever was changed since.

    `is_exception` was changed by hand: a change of the series passes it by. `reckon_at` is the next moment at
    which whoever is missing becomes a no-show, or whoever is still in the room has attended.
    """

    __tablename__ = "treatment_session"
    __table_args__ = (
        refers("series_id", "session_series"),
        refers("program_id", "program"),
        UniqueConstraint("organization_id", "series_id", "slot"),
        CheckConstraint(_OF_A_KIND, name="kind"),
        CheckConstraint("status in ('planned', 'cancelled')", name="status"),
        CheckConstraint("ends_at > starts_at", name="order"),
        Index(None, "organization_id", "program_id", "starts_at"),
        Index(None, "organization_id", "starts_at", "id"),
        Index(
            "ix_treatment_session_reckon", "organization_id", "reckon_at",
            postgresql_where=text("reckon_at is not null"),
        ),
    )  # fmt: skip

    series_id: Mapped[UUID]
    program_id: Mapped[UUID]
    slot: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[str]
    local_date: Mapped[date]
    capacity: Mapped[int | None]
    room: Mapped[str | None]
    telehealth_url: Mapped[str | None]
    facilitator_ids: Mapped[list[Any]]
    arrival_code: Mapped[str]
    is_exception: Mapped[bool]
    status: Mapped[str]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    reckon_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class SeriesPlace(Identified, Table):
    """One patient's place in a series, or in its waiting list. They are expected from `first_day` on, and no
    more from `left_on` on."""

    __tablename__ = "series_place"
    __table_args__ = (
        refers("series_id", "session_series"),
        refers("patient_id", "patient"),
        CheckConstraint("status in ('placed', 'waiting', 'left')", name="status"),
        Index(
            "uq_series_place_held", "organization_id", "series_id", "patient_id", unique=True,
            postgresql_where=text("status <> 'left'"),
        ),
        Index(None, "organization_id", "series_id", "asked_at"),
        Index(None, "organization_id", "patient_id", "series_id"),
    )  # fmt: skip

    series_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    status: Mapped[str]
    first_day: Mapped[date]
    left_on: Mapped[date | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    placed_at: Mapped[datetime | None]
