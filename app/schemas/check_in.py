"""Check-ins as they travel."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SkipValidation, StringConstraints, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.schemas.answer_examples import CHECK_IN_BATCH_REPLY, CHECK_IN_PAGE, CHECK_IN_REPLY
from app.schemas.fields import Body, DeviceMoment, Text, Uuid7, WholeNumber, Zone
from app.schemas.help import Help
from app.schemas.kept import KeptReply
from app.schemas.problem import Problem

Scale = Annotated[int, Field(ge=0, le=10), WholeNumber]
Substance = Literal["alcohol", "opioids", "stimulants", "cannabis", "sedatives", "other"]
Trigger = Literal[
    "stress", "conflict", "loneliness", "boredom", "people", "places", "pain", "tiredness", "money",
    "celebration", "other",
]  # fmt: skip
Coping = Literal[
    "talked", "meeting", "breathing", "exercise", "distraction", "waited", "left", "safety_plan", "other"
]
OwnAnswer = (
    Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
    | Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
)


class Answers(BaseModel):
    """Answers by code; what was not answered is left out or null. Further codes are a program's own
    questions."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, hide_input_in_errors=True)
    __pydantic_extra__: dict[str, OwnAnswer]

    mood: Scale | None = None
    craving: Scale | None = None
    anxiety: Scale | None = None
    energy: Scale | None = None
    sleep_hours: Annotated[float, Field(ge=0, le=24)] | None = None
    used: bool | None = None
    substances: Annotated[list[Substance], Field(max_length=6)] | None = None
    medication_taken: bool | None = None
    meetings_attended: Annotated[int, Field(ge=0, le=20), WholeNumber] | None = None
    feels_safe: bool | None = None
    triggers: Annotated[list[Trigger], Field(max_length=11)] | None = None
    coping_used: Annotated[list[Coping], Field(max_length=9)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.substances and self.used is not True:
            raise PydanticCustomError("substances_without_use", "substances go with used being true")
        if len(self.__pydantic_extra__) > 50:
            raise PydanticCustomError("too_many_answers", "too many answers")
        return self

    def given(self) -> dict[str, Any]:
        """What was answered, by code."""
        fields = {name: value for name, value in self.__dict__.items() if value is not None}
        return {**fields, **self.__pydantic_extra__}


_EXAMPLE: JsonDict = {
    "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21",
    "occurred_at": "2026-11-23T08:00:00-05:00",
    "time_zone": "America/New_York",
    "answers": {"mood": 4, "craving": 9, "sleep_hours": 5.5, "used": False},
    "note": "Rough night, but I am here.",
}


class CheckInBody(Body):
    """One daily self-report. The phone makes the id, so that sending twice is the same check-in."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: Uuid7
    occurred_at: DeviceMoment
    time_zone: Zone
    answers: Answers
    note: Text | None = None
    recorded_at: DeviceMoment | None = None


class CheckInRead(BaseModel):
    """A kept check-in."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    patient_id: UUID
    local_date: date
    time_zone: str
    occurred_at: datetime
    recorded_at: datetime | None
    received_at: datetime
    answers: dict[str, Any]
    note: str | None


class CheckInReply(CheckInRead):
    """A kept check-in, and what it brought about."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECK_IN_REPLY]})

    care_team_told: bool = Field(description="Whether somebody is told of an alert because of it, or has it.")
    help: Help | None = Field(description="There when an answer touched the safety floor.")


class CheckInEntry(CheckInRead):
    """A check-in in a list, as it was first sent."""

    revisions: int = Field(
        description="How often the same id came again with other content, which is kept too."
    )


class CheckInPage(BaseModel):
    """Check-ins, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECK_IN_PAGE]})

    items: list[CheckInEntry]
    next_cursor: str | None


class CheckInBatchBody(Body):
    """What a phone kept while it was offline. Each item is read on its own: none is refused over another."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_EXAMPLE]}]})

    items: Annotated[list[SkipValidation[CheckInBody]], Field(min_length=1, max_length=100)]


class CheckInResult(BaseModel):
    """What became of one item."""

    id: UUID | None = Field(description="The item's, when it has one that can be read.")
    status: int = Field(description="What the item alone would have been answered with.", examples=[201])
    check_in: CheckInReply | None = Field(None, description="With 201, and with 200 for one kept before.")
    kept: KeptReply | None = Field(None, description="With 202, while the database is away.")
    problem: Problem | None = Field(
        None, description="With any other status. 409 and 422 stay what they are."
    )


class CheckInBatchReply(BaseModel):
    """One result an item, in the order of the items."""

    model_config = ConfigDict(json_schema_extra={"examples": [CHECK_IN_BATCH_REPLY]})

    items: list[CheckInResult]
