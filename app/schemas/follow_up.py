"""Follow-ups as they travel."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.crisis_flag_examples import COMPLETION_BODY, FOLLOW_UP_ITEM, FOLLOW_UP_PAGE, FOLLOW_UP_READ
from app.schemas.fields import Body, Text

Outcome = Literal[
    "contacted", "safety_plan_reviewed", "care_plan_changed", "higher_level_of_care", "emergency_services",
    "unreachable",
]  # fmt: skip


class CompletionBody(Body):
    """What came of speaking with somebody again."""

    model_config = ConfigDict(json_schema_extra={"examples": [COMPLETION_BODY]})

    outcome: Outcome
    note: Text | None = None


class FollowUpRead(BaseModel):
    """The task to speak with somebody again, 24 to 72 hours after their crisis was resolved."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [FOLLOW_UP_READ]})

    id: UUID
    patient_id: UUID
    crisis_flag_id: UUID
    assignee_id: UUID | None
    status: Literal["due", "done"]
    due_from: datetime
    due_by: datetime
    overdue_at: datetime | None = Field(description="When it was found that nobody had done it in time.")
    created_at: datetime
    done_at: datetime | None
    done_by: UUID | None
    outcome: Outcome | None
    note: str | None


class FollowUpItem(FollowUpRead):
    """A follow-up in a list, with the patient's name."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [FOLLOW_UP_ITEM]})

    patient_name: str


class FollowUpPage(BaseModel):
    """Follow-ups: those that are due by the soonest first, those that are done by the newest."""

    model_config = ConfigDict(json_schema_extra={"examples": [FOLLOW_UP_PAGE]})

    items: list[FollowUpItem]
    next_cursor: str | None
