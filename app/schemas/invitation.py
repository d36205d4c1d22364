"""Invitations as they travel."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.schemas.fields import Body, Line, Uuid7


class InvitationBody(Body):
    """Whom to invite: a patient or a staff member."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"patient_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"}]}
    )

    patient_id: Uuid7 | None = None
    staff_member_id: Uuid7 | None = None

    @model_validator(mode="after")
    def _invites_one(self) -> Self:
        if (self.patient_id is None) == (self.staff_member_id is None):
            raise PydanticCustomError("not_one", "a patient or a staff member")
        return self


class InvitationReply(BaseModel):
    """A new invitation. The code is shown here and never again."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21",
                    "code": "7KQ2-M9XA-40TC-Z3HV",
                    "expires_at": "2026-11-30T13:00:00Z",
                }
            ]
        },
    )

    id: UUID
    code: str = Field(description="To be handed to the person; capitals, hyphens and blanks do not matter.")
    expires_at: datetime


class AcceptanceBody(Body):
    """The code, and what the person wants to sign in with from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "7KQ2-M9XA-40TC-Z3HV",
                    "username": "ana@example.org",
                    "password": "a long walk by the river",
                }
            ]
        }
    )

    code: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    username: Annotated[Line, Field(min_length=3)] = Field(
        description="Anywhere unique; capitals do not matter."
    )
    password: SecretStr = Field(
        max_length=1000,
        json_schema_extra={"minLength": 12},
        description="At least 12 characters of any kind, without the user name in it.",
    )
