"""One notice to one recipient by one channel, and every attempt to deliver it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified, Table, Tenanted, refers


class Page(Identified, Table):
    """The intent to tell one recipient of an alert, by one channel, at one step of one cycle.

    The recipient is a staff member, or the organization itself: its outside crisis service. `due_at` is when
    it is to be sent, `look_at` when a sweep must see to it (its job was lost, or is to be tried again),
    `claimed_until` how long the worker that is sending it has. `digest`: it goes out together with others.
    """

    __tablename__ = "page"
    __table_args__ = (
        refers("alert_id", "alert"),
        UniqueConstraint(
            "organization_id", "alert_id", "cycle", "step", "recipient_id", "channel", name="uq_page_intent"
        ),
        CheckConstraint("status in ('waiting', 'sent', 'failed', 'dropped')", name="status"),
        CheckConstraint("tell in ('primary', 'on_call', 'supervisor', 'crisis_service')", name="tell"),
        CheckConstraint("channel in ('email', 'sms', 'chat', 'pager', 'crisis_service')", name="channel"),
        Index("ix_page_look", "organization_id", "look_at", postgresql_where=text("status = 'waiting'")),
        Index(None, "organization_id", "recipient_id", "due_at"),
    )

    alert_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    cycle: Mapped[int]
    step: Mapped[int]
    tell: Mapped[str]
    recipient_id: Mapped[UUID]
    channel: Mapped[str]
    severity: Mapped[str]
    digest: Mapped[bool]
    status: Mapped[str]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    look_at: Mapped[datetime | None]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int]
    settled_at: Mapped[datetime | None]


class PageAttempt(Tenanted, Table):
    """One attempt to deliver a page. `code` is of a closed set and never the far side's words."""

    __tablename__ = "page_attempt"
    __table_args__ = (refers("page_id", "page"),)

    page_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    delivered: Mapped[bool]
    code: Mapped[str]
