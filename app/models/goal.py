"""What patient and counselor agree to reach; its versions, signatures, progress, reviews and standing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers


class Goal(Identified, Table):
    """A SMART goal of one patient. `version` is its newest wording, `agreed_version` the one in force.

    `status` says how it stands by the newest reckoning; `look_at` is the next moment at which time alone may
    change that: the sweep looks at no goal before it.
    """

    __tablename__ = "goal"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        CheckConstraint(
            "status in ('draft', 'on_track', 'behind', 'achieved', 'not_achieved', 'retired')", name="status"
        ),
        Index(None, "organization_id", "patient_id", "created_at"),
        Index("ix_goal_look", "organization_id", "look_at", postgresql_where=text("look_at is not null")),
        Index(
            "ix_goal_review", "organization_id", "review_on", "id",
            postgresql_where=text("review_on is not null"),
        ),
    )  # fmt: skip

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    version: Mapped[int]
    agreed_version: Mapped[int | None]
    status: Mapped[str]
    status_since: Mapped[datetime]
    look_at: Mapped[datetime | None]
    review_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    close_reason: Mapped[str | None]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name


class GoalVersion(Tenanted, Table):
    """One wording of a goal (`goals.terms.Terms` as JSON), by whom and why. A draft is changed in place."""

    __tablename__ = "goal_version"
    __table_args__ = (refers("goal_id", "goal"), refers("patient_id", "patient"))

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    patient_id: Mapped[UUID]
    terms: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    author_id: Mapped[UUID]
    at: Mapped[datetime]


class GoalSignature(Tenanted, Table):
    """One signature under one version of a goal: the patient's, or the counselor's."""

    __tablename__ = "goal_signature"
    __table_args__ = (
        refers("goal_id", "goal"),
        refers("patient_id", "patient"),
        CheckConstraint("signed_as in ('patient', 'counselor')", name="signed_as"),
    )

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    signed_as: Mapped[str] = mapped_column(primary_key=True)
    patient_id: Mapped[UUID]
    signer_id: Mapped[UUID]
    at: Mapped[datetime]


class GoalProgress(Identified, Table):
    """One dated entry on a goal. Withdrawn it stays, and counts no more."""

    __tablename__ = "goal_progress"
    __table_args__ = (
        refers("goal_id", "goal"),
        refers("patient_id", "patient"),
        Index(None, "organization_id", "goal_id", "filed_at", "id"),
    )

    goal_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    occurred_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    local_date: Mapped[date]
    time_zone: Mapped[str]
    received_at: Mapped[datetime]
    value: Mapped[float]
    note: Mapped[str | None]
    author_id: Mapped[UUID]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    withdrawn_at: Mapped[datetime | None]


class GoalReview(Identified, Table):
    """One look at a goal by the care team, and when the next one is due."""

    __tablename__ = "goal_review"
    __table_args__ = (
        refers("goal_id", "goal"),
        refers("patient_id", "patient"),
        Index(None, "organization_id", "goal_id", "at"),
    )

    goal_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    at: Mapped[datetime]
    by: Mapped[UUID]
    note: Mapped[str | None]
    next_review_on: Mapped[date | None]


class GoalStanding(Identified, Table):
    """That a goal fell behind, or caught up: what the signal `goal.behind` is read from."""

    __tablename__ = "goal_standing"
    __table_args__ = (
        refers("goal_id", "goal"),
        refers("patient_id", "patient"),
        UniqueConstraint("organization_id", "goal_id", "at"),
        Index(None, "organization_id", "patient_id", "at"),
        Index(None, "organization_id", "at", "id"),
    )

    goal_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    at: Mapped[datetime]
    local_date: Mapped[date]
    behind: Mapped[bool]
