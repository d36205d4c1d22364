"""A patient's safety plan as it travels."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.models.safety_plan import STEPS
from app.schemas.fields import Body, Line, Text
from app.schemas.safety_plan_examples import PLAN, PLAN_IN_HELP, PLAN_MARK, PLAN_PAGE, PLAN_STEPS, STEPS_BODY
from app.sentences import sentence

MOST_ENTRIES = 20

Words = Annotated[Text, Field(min_length=1, max_length=500)]
"""One entry in the patient's own words, possibly of several lines."""
Number = Annotated[Line, Field(max_length=60)]
"""A phone number as its owner wrote it down, perhaps with a word beside it."""


class PersonToAsk(Body):
    """Somebody to ask for help."""

    name: Line
    phone: Number | None = None


class Professional(Body):
    """A person, a place or a line that helps by profession."""

    name: Line
    phone: Number | None = None
    hours: Line | None = Field(None, description="When they can be reached.")


Entries = Annotated[list[Words], Field(max_length=MOST_ENTRIES)]


class StepsBody(Body):
    """The seven steps, each a list in the patient's own words; a step that is left out is empty."""

    warning_signs: Entries = Field(default=[], description="How a crisis begins.")
    coping: Entries = Field(default=[], description="What helps without anybody else.")
    distractions: Entries = Field(default=[], description="People and places that take the mind off it.")
    people_to_ask: Annotated[list[PersonToAsk], Field(default=[], max_length=MOST_ENTRIES)]
    professionals: Annotated[list[Professional], Field(default=[], max_length=MOST_ENTRIES)]
    safer_surroundings: Entries = Field(default=[], description="How the place around becomes safer.")
    reasons_for_living: Entries = Field(default=[])

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, step) for step in STEPS):
            raise PydanticCustomError("missing", "an entry in one of the steps")
        return self


class SafetyPlanBody(Body):
    """The whole plan as it is to be from now on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"steps": STEPS_BODY}]})

    steps: StepsBody


class PersonToAskRead(BaseModel):
    """Somebody to ask for help."""

    name: str
    phone: str | None = None


class ProfessionalRead(PersonToAskRead):
    """A person, a place or a line that helps by profession."""

    hours: str | None = None


class Steps(BaseModel):
    """The seven steps in their order. What is kept is shown, whatever the bounds are by now."""

    warning_signs: list[str] = []
    coping: list[str] = []
    distractions: list[str] = []
    people_to_ask: list[PersonToAskRead] = []
    professionals: list[ProfessionalRead] = []
    safer_surroundings: list[str] = []
    reasons_for_living: list[str] = []


class SafetyPlanRead(BaseModel):
    """One version of a plan; the newest is the plan."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PLAN]})

    patient_id: UUID
    version: int = Field(description="What If-Match and If-None-Match name.")
    steps: Steps
    written_at: datetime
    written_by: UUID
    written_by_kind: Literal["patient", "staff"]

    @property
    def row_version(self) -> int:
        """As `version`: each change makes the next one."""
        return self.version


class SafetyPlanPage(BaseModel):
    """A page of a plan's versions, the newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLAN_PAGE]})

    items: list[SafetyPlanRead]
    next_cursor: str | None


class SafetyPlanMark(BaseModel):
    """Which version the plan is in, for a phone that keeps a copy."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PLAN_MARK]})

    version: int = Field(description="The ETag of the plan, without its quotes.")
    written_at: datetime


class SafetyPlanInHelp(BaseModel):
    """The patient's own plan, beside whom to call."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PLAN_IN_HELP]})

    version: int
    written_at: datetime
    steps: Steps
    headings: dict[str, str] = Field(description="The heading of each step, in the patient's language.")


class SafetyPlanStep(BaseModel):
    """How to head one step, and what to ask somebody who fills it in."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLAN_STEPS[0]]})

    code: str
    heading: str
    question: str


def steps_in(locale: str, overrides: Mapping[str, str] | None = None) -> list[SafetyPlanStep]:
    """The seven steps in their order, in a language, possibly in a program's own words."""
    return [
        SafetyPlanStep(
            code=step,
            heading=sentence(f"safety_plan.{step}", locale, overrides=overrides),
            question=sentence(f"safety_plan.ask.{step}", locale, overrides=overrides),
        )
        for step in STEPS
    ]
