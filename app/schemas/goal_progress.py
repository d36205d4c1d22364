"""Entries on goals, reviews and closings as they travel."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

from app.goals.marks import Reading
from app.schemas.fields import Body, Day, DeviceMoment, Number, Text, Uuid7, Zone
from app.schemas.goal_examples import (
    PROGRESS_BODY,
    PROGRESS_PAGE,
    PROGRESS_READ,
    REVIEW_BODY,
    REVIEWS,
)


def _not_blank(value: str) -> str:
    if not value:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return value


class GoalProgressBody(Body):
    """One dated entry. The phone makes the id, so that sending twice is the same entry; it may come late."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROGRESS_BODY]})

    id: Uuid7
    occurred_at: DeviceMoment
    time_zone: Zone | None = Field(None, description="Left out: the patient's.")
    value: Number = Field(description="In the goal's unit: what was done, or what the number is now.")
    note: Text | None = None


class GoalProgressRead(BaseModel):
    """One entry on a goal, or one value that was read from a check-in or an attendance."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PROGRESS_READ]})

    id: UUID = Field(description="The entry's, the check-in's or the attendance's.")
    goal_id: UUID
    source: Literal["entry", "check_in", "attendance"] = "entry"
    occurred_at: datetime
    local_date: date = Field(description="The day on which it counts.")
    time_zone: str | None
    received_at: datetime | None
    value: float = Field(description="Of `used`: 1 is a day without use, 0 one with it.")
    note: str | None
    author_id: UUID | None
    withdrawn_at: datetime | None = Field(description="Since then it does not count.")

    @classmethod
    def read_from(cls, goal_id: UUID, reading: Reading) -> Self:
        """A value of what feeds a goal. The words that came with it stay where they are."""
        return cls(
            id=reading.id, goal_id=goal_id, source=reading.source, occurred_at=reading.at,
            local_date=reading.day, time_zone=None, received_at=None, value=reading.value, note=None,
            author_id=None, withdrawn_at=None,
        )  # fmt: skip


class GoalProgressPage(BaseModel):
    """What was done towards a goal, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROGRESS_PAGE]})

    items: list[GoalProgressRead]
    next_cursor: str | None


class GoalReviewBody(Body):
    """A look at a goal."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVIEW_BODY]})

    id: Uuid7 | None = None
    note: Text | None = None
    next_review_on: Day | None = Field(
        None, description="Left out: as the goal says. Null: no further review."
    )


class GoalReviewRead(BaseModel):
    """One review."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    at: datetime
    by: UUID
    note: str | None
    next_review_on: date | None


class GoalReviews(BaseModel):
    """The newest 200 reviews of a goal, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [REVIEWS]})

    items: list[GoalReviewRead]


class GoalAchievementBody(Body):
    """Whether the goal was reached, as people see it; this closes it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reached": True, "note": "All twelve."}]})

    reached: bool = True
    note: Text | None = None


class GoalRetirementBody(Body):
    """Why a goal is given up."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "Works nights now; we agree on another one."}]}
    )

    reason: Annotated[Text, AfterValidator(_not_blank)]
