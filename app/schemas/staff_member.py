"""Staff members as they travel."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.schemas.contact import Locale, Phone
from app.schemas.examples import STAFF_MEMBER
from app.schemas.fields import Body, Line, Uuid7, Zone

StaffRole = Literal["counselor", "supervisor", "administrator", "auditor"]
_MAILBOX = r"[^\s@\x00-\x1f\x7f]+"
Email = Annotated[
    str,
    StringConstraints(max_length=254, pattern=rf"^{_MAILBOX}@{_MAILBOX}\.[^\s@.\x00-\x1f\x7f]+$"),
    Field(examples=["clara@riverside.example"]),
]
ProgramIds = Annotated[
    list[Annotated[UUID, Field(strict=False)]],
    Field(max_length=100, description="Where they work: whose patients they see."),
]


class StaffMemberBody(Body):
    """Somebody new."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "Clara Example",
                    "role": "counselor",
                    "email": "clara@riverside.example",
                    "locale": "en",
                    "time_zone": "America/New_York",
                    "program_ids": ["019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"],
                }
            ]
        }
    )

    id: Uuid7 | None = None
    name: Line
    role: StaffRole
    email: Email | None = None
    phone: Phone | None = None
    locale: Locale
    time_zone: Zone
    program_ids: ProgramIds = Field(default_factory=list)


class StaffMemberChange(Body):
    """What is to change; the rest stays. `program_ids` are replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"active": False}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    name: Line = Field(default_factory=str)
    role: StaffRole = Field(default_factory=lambda: "counselor")
    email: Email | None = None
    phone: Phone | None = None
    locale: Locale = Field(default_factory=lambda: "en")
    time_zone: Zone = Field(default_factory=str)
    active: bool = Field(default_factory=bool, description="False: may not sign in any more.")
    program_ids: ProgramIds = Field(default_factory=list)


class StaffMemberRead(BaseModel):
    """A staff member."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [STAFF_MEMBER]})

    id: UUID
    name: str
    role: StaffRole
    email: str | None
    phone: str | None
    locale: str
    time_zone: str
    active: bool
    program_ids: list[UUID]
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class StaffPage(BaseModel):
    """A page of staff members."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [STAFF_MEMBER], "next_cursor": None}]}
    )

    items: list[StaffMemberRead]
    next_cursor: str | None
