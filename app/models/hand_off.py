"""An alert handed to an outside crisis service, which says whether it has it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from app.errors import Conflict
from app.models.tables import Identified, Table, refers


class HandOff(Identified, Table):
    """One request to the crisis service to take an alert on, made by a step of its ladder; it is a page's.

    The service calls back before `answer_by`, or the ladder goes on; what it says later is kept. `heard_at`
    is what the newest call that was believed says of itself when it was sent: no older one is believed.
    `reference` is the service's own case number. `heeded`: whether the answer changed anything; it does not
    when it is late, when somebody else has the alert by then, or when people are told of it anew since.
    """

    __tablename__ = "hand_off"
    __table_args__ = (
        refers("alert_id", "alert"),
        refers("patient_id", "patient"),
        refers("page_id", "page"),
        refers("endpoint_id", "webhook_endpoint"),
        CheckConstraint("answer in ('acknowledged', 'declined')", name="answer"),
        CheckConstraint("(answer is null) = (answered_at is null)", name="answered"),
        CheckConstraint("(answer is null) = (heeded is null)", name="heeded"),
        Index("uq_hand_off_page", "organization_id", "page_id", unique=True),
        Index(None, "organization_id", "alert_id", "requested_at"),
    )

    alert_id: Mapped[UUID]
    patient_id: Mapped[UUID]
    page_id: Mapped[UUID]
    endpoint_id: Mapped[UUID]
    requested_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    heeded: Mapped[bool | None]

    @property
    def came_late(self) -> bool:
        """Whether the answer came when the ladder had gone on."""
        return self.answered_at is not None and self.answered_at > self.answer_by

    def standing(self, now: datetime) -> str:
        """`requested`, `acknowledged`, `declined`, `expired`: no answer in time; `without_effect`: an answer
        in time that changed nothing."""
        if self.answer is not None:
            in_time = self.answer if self.heeded else "without_effect"
            return "expired" if self.came_late else in_time
        return "expired" if now > self.answer_by else "requested"

    def take(self, answer: str, reference: str | None, sent_at: datetime, now: datetime) -> bool:
        """Keep what the service says. False when it says the same once more.

        Raises `Conflict` for a call that was there before, and for another answer than the first.
        """
        if self.heard_at is not None and sent_at <= self.heard_at:
            raise Conflict("already_received", "This call was received before.")
        if self.answer is not None and (self.answer, self.reference) != (answer, reference):
            raise Conflict("answered_already", "This hand-off was answered otherwise before.")
        self.heard_at = sent_at
        if self.answer is not None:
            return False
        self.answer, self.reference, self.answered_at, self.heeded = answer, reference, now, False
        return True
