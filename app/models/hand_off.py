"""An alert handed to an outside crisis service, which says whether it has it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from app.models.tables import Identified, Table, refers


class HandOff(Identified, Table):
    """One request to the crisis service to take an alert on, made by a step of its ladder; it is a page's.

    The service calls back before `answer_by`, or the ladder goes on. `reference` is the service's own case
    number.
    """

    __tablename__ = "hand_off"
    __table_args__ = (
        refers("alert_id", "alert"),
        refers("patient_id", "patient"),
        refers("page_id", "page"),
        refers("endpoint_id", "webhook_endpoint"),
        CheckConstraint("status in ('requested', 'acknowledged', 'declined', 'expired')", name="status"),
        Index("uq_hand_off_page", "organization_id", "page_id", unique=True),
        Index(None, "organization_id", "alert_id", "requested_at"),
    )

    alert_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    page_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    status: Mapped[str]
    requested_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    reference: Mapped[str | None]
