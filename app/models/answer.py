"""What a check-in and an assessment have in common: a person's answers, by which rules judge them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Identified


class Answer(Identified):
    """Answers of one patient. Revision 0 came first; the same id with other content is the next one.

    `filed_at` is `occurred_at` unless the device's clock cannot be right: then it is `received_at`.
    """

    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=text("0"))
    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    local_date: Mapped[date]
    time_zone: Mapped[str]
    occurred_at: Mapped[datetime]
    filed_at: Mapped[datetime]
    recorded_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
