"""Assessments as they travel."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema

from app.schemas.answer_examples import ASSESSMENT_PAGE, ASSESSMENT_REPLY, PHQ_9_ANSWERS
from app.schemas.examples import ASSESSMENT
from app.schemas.fields import Body, Code, DeviceMoment, Uuid7, WholeNumber, Zone
from app.schemas.help import Help

Points = int | float
Version = Annotated[
    str,
    StringConstraints(strict=True, pattern=r"^[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$"),
    Field(examples=["1.0.0"]),
]
# What an item takes stands in its instrument, which is asked; this only bounds what is looked at.
ItemAnswers = Annotated[
    dict[str, Annotated[object, WholeNumber]],
    Field(max_length=100),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": 100,
            "additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
            "description": (
                "By linkId: the option's value, its LOINC answer code, or yes and no. Null, or left "
                "out, is not answered."
            ),
        }
    ),
]


class AssessmentBody(Body):
    """Answers to an instrument. The phone makes the id, so that sending twice is the same assessment."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": ASSESSMENT,
                    "instrument": "phq-9",
                    "occurred_at": "2026-11-23T08:05:00-05:00",
                    "time_zone": "America/New_York",
                    "answers": PHQ_9_ANSWERS,
                }
            ]
        }
    )

    id: Uuid7
    instrument: Annotated[Code, Field(examples=["phq-9"])]
    version: Version | None = Field(None, description="The version that was shown; the newest when left out.")
    occurred_at: DeviceMoment
    time_zone: Zone
    answers: ItemAnswers
    recorded_at: DeviceMoment | None = None


class ChangeRead(BaseModel):
    """Points of the total, positive when it rose, as known when the assessment was sent."""

    from_previous: Points | None
    from_baseline: Points | None
    reliable: bool | None = Field(
        description="Whether the change from the baseline is beyond measurement error; null where nobody "
        "published how much that is."
    )


class ScoreRead(BaseModel):
    """What the answers amount to. A total that cannot be given is null, with the reason."""

    total: Points | None
    severity: str | None = Field(examples=["moderate"])
    subscales: dict[str, Points]
    critical_items: list[str] = Field(description="Answered so that somebody has to look.")
    unanswered: list[str] = Field(description="Asked and not answered: unknown, never 0.")
    reason: str | None = Field(examples=["unanswered"])
    flags: dict[str, bool]
    change: ChangeRead


class AssessmentRead(BaseModel):
    """A kept assessment, its answers as values."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    patient_id: UUID
    instrument: str
    version: str
    local_date: date
    time_zone: str
    occurred_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    answers: dict[str, int | str]
    score: ScoreRead


class AssessmentReply(AssessmentRead):
    """A kept assessment, and what it brought about."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASSESSMENT_REPLY]})

    care_team_told: bool = Field(description="Whether somebody is told of an alert because of it, or has it.")
    help: Help | None = Field(description="There when an answer touched the safety floor.")


class AssessmentEntry(AssessmentRead):
    """An assessment in a list, as it was first sent."""

    revisions: int = Field(
        description="How often the same id came again with other content, which is kept too."
    )


class AssessmentPage(BaseModel):
    """Assessments, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [ASSESSMENT_PAGE]})

    items: list[AssessmentEntry]
    next_cursor: str | None
