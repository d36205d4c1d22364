"""Somebody may be in danger: who said so, who tried to reach them, and who asks again later."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, refers


class CrisisFlag(Identified, Table):
    """One cry for help, raised by the patient, a supporter, staff, or a rule (`rule` names it).

    Its alert may be another flag's, too: while one is unresolved, a further flag is an occurrence on it.
    `what`, `place`, `reach` and `company` are the person's own words. `occurred_at` is what a clock said,
    `filed_at` when it counts as lived. `token_expired`: raised with a sign-in that had run out, so that its
    writer was shown nothing of the record. `status` follows the alert's, and never goes back: seen is seen.
    """

    __tablename__ = "crisis_flag"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        refers("alert_id", "alert"),
        CheckConstraint("raised_by_kind in ('patient', 'supporter', 'staff', 'rule')", name="raised_by_kind"),
        CheckConstraint("(raised_by_kind = 'rule') = (rule is not null)", name="rule"),
        CheckConstraint("status in ('open', 'acknowledged', 'resolved')", name="status"),
        Index(None, "organization_id", "patient_id", "filed_at", "id"),
        Index(None, "organization_id", "received_at", "id"),
        Index(
            "ix_crisis_flag_alert",
            "organization_id",
            "alert_id",
            postgresql_where=text("status <> 'resolved'"),
        ),
    )

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    alert_id: Mapped[UUID | None]
    raised_by_kind: Mapped[str]
    raised_by: Mapped[UUID | None]
    rule: Mapped[str | None]
    occurred_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    local_date: Mapped[date]
    recorded_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    what: Mapped[str | None]
    place: Mapped[str | None]
    reach: Mapped[str | None]
    company: Mapped[str | None]
    token_expired: Mapped[bool]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    outcome: Mapped[str | None]


class ContactAttempt(Identified, Table):
    """One try of somebody of the staff to reach the person, and whether it did."""

    __tablename__ = "contact_attempt"
    __table_args__ = (
        refers("crisis_flag_id", "crisis_flag"),
        refers("patient_id", "patient"),
        refers("staff_member_id", "staff_member"),
        CheckConstraint(
            "way in ('call', 'text', 'video', 'in_person', 'supporter', 'welfare_check')", name="way"
        ),
        CheckConstraint(
            "outcome in ('reached', 'left_message', 'no_answer', 'wrong_number')", name="outcome"
        ),
        Index(None, "organization_id", "crisis_flag_id", "at"),
    )

    crisis_flag_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    staff_member_id: Mapped[UUID]
    at: Mapped[datetime]
    way: Mapped[str]
    outcome: Mapped[str]
    note: Mapped[str | None]
    recorded_at: Mapped[datetime]


class FollowUp(Identified, Table):
    """The task to speak with somebody again, 24 to 72 hours after their crisis was resolved.

    `look_at` is when a sweep finds it overdue; nothing once it is done. `overdue_at` is when that was found,
    and `overdue_on` the patient's own date then.
    """

    __tablename__ = "follow_up"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        refers("crisis_flag_id", "crisis_flag"),
        refers("assignee_id", "staff_member", name="fk_follow_up_assignee"),
        CheckConstraint("status in ('due', 'done')", name="status"),
        CheckConstraint("(status = 'done') = (done_at is not null)", name="done"),
        CheckConstraint("(overdue_at is null) = (overdue_on is null)", name="overdue"),
        CheckConstraint("due_from < due_by", name="order"),
        Index("ix_follow_up_due", "organization_id", "due_by", "id", postgresql_where=text("status = 'due'")),
        Index(
            "ix_follow_up_look", "organization_id", "look_at", postgresql_where=text("look_at is not null")
        ),
        Index(None, "organization_id", "patient_id", "due_by"),
        Index(
            "ix_follow_up_overdue",
            "organization_id",
            "overdue_at",
            "id",
            postgresql_where=text("overdue_at is not null"),
        ),
    )

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    crisis_flag_id: Mapped[UUID]
    assignee_id: Mapped[UUID | None]
    status: Mapped[str]
    due_from: Mapped[datetime]
    due_by: Mapped[datetime]
    look_at: Mapped[datetime | None]
    overdue_at: Mapped[datetime | None]
    overdue_on: Mapped[date | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    row_version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": row_version}  # noqa: RUF012 - SQLAlchemy reads this name
