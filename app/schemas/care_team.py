"""Care teams as they travel."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import CARE_TEAM
from app.schemas.fields import Body

CareFunction = Literal["primary_counselor", "therapist", "prescriber", "case_manager", "peer_supporter"]


class CareTeamEntry(Body):
    """Somebody in one function for the patient. There is one primary counselor at most."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "staff_member_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21",
                    "function": "primary_counselor",
                }
            ]
        }
    )

    staff_member_id: Annotated[UUID, Field(strict=False)]
    function: CareFunction


class CareTeamMemberRead(BaseModel):
    """Somebody who is responsible for the patient."""

    staff_member_id: UUID
    name: str
    role: str
    active: bool = Field(description="False: does not work here any more, and is to be replaced.")
    function: CareFunction
    since: datetime


class CareTeam(BaseModel):
    """Everybody who is responsible for the patient, the longest-serving first."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [CARE_TEAM]})

    items: list[CareTeamMemberRead]
