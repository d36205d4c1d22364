"""One patient's part in one treatment session, with minutes; and every state that it was in."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers

STATUSES = (
    "expected", "arrived", "late", "left_early", "attended", "excused", "unexcused", "made_up", "cancelled",
)  # fmt: skip
SOURCES = ("patient", "staff", "telehealth", "system")
_NOTHING = text("'[]'::jsonb")
_IN_A_STATUS, _FROM_A_SOURCE = f"status in {STATUSES}", f"source in {SOURCES}"


class Attendance(Identified, Table):
    """What is known of one patient in one session. Who is expected, and of whom nothing is known, has none.

    `minutes` are those between arrival and leaving that lie within the session, without those in `away`:
    objects with `left_at` and `back_at`, of somebody who was gone for a while. `notice_…` is what was said
    ahead of an absence; `excused_by` whether the program's policy or staff let it count as excused, None
    while that is open. `makes_up_id` is the missed attendance that this one is booked to make up.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        refers("session_id", "treatment_session"),
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        refers("makes_up_id", "attendance"),
        UniqueConstraint("organization_id", "session_id", "patient_id"),
        CheckConstraint(_IN_A_STATUS, name="status"),
        CheckConstraint(_FROM_A_SOURCE, name="source"),
        CheckConstraint("excused_by in ('policy', 'staff')", name="excused_by"),
        CheckConstraint("left_at >= arrived_at", name="order"),
        Index(None, "organization_id", "patient_id", "session_id"),
        Index(None, "organization_id", "makes_up_id"),
    )

    session_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID]
    status: Mapped[str]
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    minutes: Mapped[int]
    away: Mapped[list[Any]] = mapped_column(server_default=_NOTHING)
    source: Mapped[str]
    notice_kind: Mapped[str | None]
    notice_reason: Mapped[str | None]
    notice_at: Mapped[datetime | None]
    excused_by: Mapped[str | None]
    makes_up_id: Mapped[UUID | None]
    wrong_codes: Mapped[int]
    revision: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[UUID | None]


class AttendanceEntry(Tenanted, Table):
    """One state of an attendance, by whom and when: corrections keep history, and signals are read from it.

    `filed_at` and `local_date` are the session's start and its date on the wall, `received_at` is when the
    state was recorded.
    """

    __tablename__ = "attendance_entry"
    __table_args__ = (
        refers("attendance_id", "attendance"),
        refers("session_id", "treatment_session"),
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        CheckConstraint(_IN_A_STATUS, name="status"),
        CheckConstraint(_FROM_A_SOURCE, name="source"),
        Index(None, "organization_id", "patient_id", "filed_at"),
        Index(None, "organization_id", "received_at", "attendance_id", "revision"),
    )

    attendance_id: Mapped[UUID] = mapped_column(primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    session_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID]
    filed_at: Mapped[datetime]
    local_date: Mapped[date]
    received_at: Mapped[datetime]
    status: Mapped[str]
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    minutes: Mapped[int]
    away: Mapped[list[Any]] = mapped_column(server_default=_NOTHING)
    source: Mapped[str]
    changed_by: Mapped[UUID | None]
    reason: Mapped[str | None]
