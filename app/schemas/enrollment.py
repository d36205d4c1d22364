"""Enrollments as they travel."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import STAY
from app.schemas.fields import Body, Day, Uuid7

EnrollmentStatus = Literal["active", "on_leave", "completed", "discharged"]


class EnrollmentBody(Body):
    """A new stay in a program."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"program_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21", "starts_on": "2026-11-23"}]
        }
    )

    id: Uuid7 | None = None
    program_id: Annotated[UUID, Field(strict=False)]
    starts_on: Day


class EnrollmentChange(Body):
    """What is to change; the rest stays."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "completed", "ends_on": "2026-11-23"}]}
    )

    # A factory and no default: what is left out is not changed, and null is not a status.
    status: EnrollmentStatus = Field(default_factory=lambda: "active")
    ends_on: Day | None = Field(None, description="Last day; a stay that ends without one ends today.")


class EnrollmentRead(BaseModel):
    """One stay of a patient in a program."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [STAY]})

    id: UUID
    patient_id: UUID
    program_id: UUID
    starts_on: date
    ends_on: date | None
    status: EnrollmentStatus
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class EnrollmentList(BaseModel):
    """A patient's stays, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [STAY]}]})

    items: list[EnrollmentRead]
