"""A patient's own steps for a crisis, every version of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.tables import Table, Tenanted, refers

STEPS = (
    "warning_signs",
    "coping",
    "distractions",
    "people_to_ask",
    "professionals",
    "safer_surroundings",
    "reasons_for_living",
)
"""The steps by name, in the order in which they are gone through."""


class SafetyPlan(Tenanted, Table):
    """One version of a patient's safety plan, as its writer left it. Never changed, only followed.

    `steps` holds the seven steps by name, each a list of entries in the patient's words. The newest version
    is the plan.
    """

    __tablename__ = "safety_plan"
    __table_args__ = (
        refers("patient_id", "patient"),
        CheckConstraint("written_by_kind in ('patient', 'staff')", name="written_by_kind"),
    )

    patient_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    steps: Mapped[dict[str, Any]]
    written_at: Mapped[datetime]
    written_by: Mapped[UUID]
    written_by_kind: Mapped[str]
