"""Enrollments as they travel."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import LEAVE, LEAVE_BODY, STAY
from app.schemas.fields import Body, Code, Day, Uuid7

EnrollmentStatus = Literal["active", "on_leave", "completed", "discharged"]
Payer = Annotated[
    Code, Field(description="On whose account: a code of the payer rules.", examples=["medicare"])
]


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
    payer: Payer | None = None


class EnrollmentChange(Body):
    """What is to change; the rest stays."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"status": "completed", "ends_on": "2026-11-23"},
                {"status": "on_leave", "back_on": "2026-12-07"},
                {"payer": "medicare"},
            ]
        }
    )

    # A factory and no default: what is left out is not changed, and null is not a status.
    status: EnrollmentStatus = Field(default_factory=lambda: "active")
    ends_on: Day | None = Field(None, description="Last day; a stay that ends without one ends today.")
    back_on: Day | None = Field(
        None,
        description="The first day on which a patient who is on leave is asked again, in their time zone; "
        "null: not known yet. The leave is over then by itself, whatever the status says.",
    )
    payer: Payer | None = None


class LeaveBody(Body):
    """A leave of absence that is planned, or was taken already."""

    model_config = ConfigDict(json_schema_extra={"examples": [LEAVE_BODY]})

    id: Uuid7 | None = None
    first_day: Day = Field(alias="from", description="The first day of it, in the patient's time zone.")
    back_on: Day | None = Field(
        None, description="The first day after it; null, or left out: until somebody ends it."
    )


class LeaveRead(BaseModel):
    """A part of a stay in which nothing is asked of the patient, and their silence is no news."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [LEAVE]})

    id: UUID
    starts_at: datetime
    ends_at: datetime | None = Field(description="Not included. Null: until somebody ends it.")


class EnrollmentRead(BaseModel):
    """One stay of a patient in a program."""

    model_config = ConfigDict(json_schema_extra={"examples": [STAY]})

    id: UUID
    patient_id: UUID
    program_id: UUID
    starts_on: date
    ends_on: date | None
    status: EnrollmentStatus = Field(
        description="`on_leave`: somebody put the patient on leave, until they are made active again. "
        "Whether anything is asked of them now is said by `leaves` alone."
    )
    payer: str | None = Field(None, description="A code of the payer rules.")
    leaves: list[LeaveRead] = Field(description="Past, running and planned ones, the earliest first.")
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class EnrollmentList(BaseModel):
    """A patient's stays, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [STAY]}]})

    items: list[EnrollmentRead]
