"""Patients as they travel."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.contact import Locale, Phone
from app.schemas.enrollment import EnrollmentBody
from app.schemas.examples import PATIENT
from app.schemas.fields import Body, Day, Line, Uuid7, Zone

Sex = Literal["female", "male"]


class PatientBody(Body):
    """Somebody new, and the stay they begin with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21",
                    "given_name": "Ana",
                    "family_name": "Example",
                    "born_on": "1991-04-02",
                    "locale": "es",
                    "time_zone": "America/New_York",
                    "enrollment": {
                        "program_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e22",
                        "starts_on": "2026-11-23",
                    },
                }
            ]
        }
    )

    id: Uuid7 | None = None
    given_name: Line
    family_name: Line
    born_on: Day | None = None
    sex: Sex | None = None
    phone: Phone | None = None
    locale: Locale
    time_zone: Zone
    enrollment: EnrollmentBody | None = Field(
        None, description="Only an administrator may leave it for later: others see their programs' patients."
    )


class PatientChange(Body):
    """What is to change; the rest stays. Patients change their own locale, time zone and phone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"time_zone": "America/Chicago"}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    given_name: Line = Field(default_factory=str)
    family_name: Line = Field(default_factory=str)
    born_on: Day | None = None
    sex: Sex | None = None
    phone: Phone | None = None
    locale: Locale = Field(default_factory=lambda: "en")
    time_zone: Zone = Field(default_factory=str)


class PatientRead(BaseModel):
    """A person in treatment."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PATIENT]})

    id: UUID
    given_name: str
    family_name: str
    born_on: date | None
    sex: Sex | None
    phone: str | None
    locale: str
    time_zone: str
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class PatientPage(BaseModel):
    """A page of patients, by family name."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PATIENT], "next_cursor": None}]})

    items: list[PatientRead]
    next_cursor: str | None
