"""Programs as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.ladders.cadence import InstrumentCadence
from app.ladders.calendar import ProgramCalendar
from app.schemas.examples import PROGRAM, PROGRAM_BODY
from app.schemas.fields import Body, Code, Line, Uuid7, Zone
from app.treatment.policy import AttendancePolicy

WeeklyHours = Annotated[float, Field(ge=0, le=168, multiple_of=0.5, examples=[9])]
Weekday = Annotated[int, Field(ge=0, le=6, description="The week's first day: 0 is Monday.")]
Population = Literal["adults", "adolescents"]
LevelOfCare = Annotated[
    str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z .-]{0,19}$"), Field(examples=["2.1"])
]
QuestionCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), Field(examples=["steps_walked"])
]
OptionCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$"), Field(examples=["home"])
]
Bound = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]
Wording = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]


class Label(Body):
    """A text for patients in each language."""

    en: Line
    es: Line


class OwnOption(Body):
    """One answer to choose."""

    code: OptionCode
    label: Label


class NumberQuestion(Body):
    """A question that is answered with a number within bounds."""

    code: QuestionCode
    kind: Literal["number"]
    minimum: Bound
    maximum: Bound
    label: Label


class ChoiceQuestion(Body):
    """A question that is answered with one of its options."""

    code: QuestionCode
    kind: Literal["choice"]
    options: Annotated[list[OwnOption], Field(min_length=2, max_length=20)]
    label: Label


OwnQuestion = Annotated[NumberQuestion | ChoiceQuestion, Field(discriminator="kind")]
OwnQuestions = Annotated[
    list[OwnQuestion],
    Field(max_length=20, description="Asked in check-ins beside the core questions; the code is a signal."),
]
Sentences = Annotated[
    dict[Literal["en", "es"], Annotated[dict[Code, Wording], Field(max_length=100)]],
    Field(description="Own wordings of the sentences that patients read, by language and key."),
]

Cadence = Annotated[
    list[InstrumentCadence],
    Field(max_length=20, description="The instruments that a patient's app asks for, each named once."),
]
Schedule = Annotated[
    Annotated[UUID, Field(strict=False)] | None,
    Field(
        description="Whose turn it is to be paged; null: nobody is on call, and ladders pass that step by."
    ),
]


class ProgramBody(Body):
    """A new program. It starts under the default rules."""

    model_config = ConfigDict(json_schema_extra={"examples": [PROGRAM_BODY]})

    id: Uuid7 | None = None
    name: Line
    level_of_care: LevelOfCare
    population: Population
    minimum_weekly_hours: WeeklyHours
    maximum_weekly_hours: WeeklyHours
    time_zone: Zone
    week_starts_on: Weekday = 0
    questions: OwnQuestions = Field(default_factory=list)
    sentences: Sentences = Field(default_factory=dict)
    calendar: ProgramCalendar | None = Field(
        None, description="Left out: the usual one, with the public holidays of the organization's country."
    )
    cadence: Cadence | None = Field(None, description="Left out: PHQ-9 and GAD-7 every week.")
    attendance_policy: AttendancePolicy = Field(default_factory=AttendancePolicy)
    on_call_schedule_id: Schedule = None


class ProgramChange(Body):
    """What is to change; the rest stays. `questions`, `sentences`, `calendar`, `cadence` and
    `attendance_policy` are replaced whole: what a calendar or a policy leaves out has its default."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Morning IOP"}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    name: Line = Field(default_factory=str)
    level_of_care: LevelOfCare = Field(default_factory=str)
    population: Population = Field(default_factory=lambda: "adults")
    minimum_weekly_hours: WeeklyHours = Field(default_factory=float)
    maximum_weekly_hours: WeeklyHours = Field(default_factory=float)
    time_zone: Zone = Field(default_factory=str)
    week_starts_on: Weekday = Field(default_factory=int)
    questions: OwnQuestions = Field(default_factory=list)
    sentences: Sentences = Field(default_factory=dict)
    calendar: ProgramCalendar = Field(default_factory=ProgramCalendar)
    cadence: Cadence = Field(default_factory=list)
    attendance_policy: AttendancePolicy = Field(default_factory=AttendancePolicy)
    on_call_schedule_id: Schedule = None


class ProgramRead(BaseModel):
    """A program."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [PROGRAM]})

    id: UUID
    name: str
    level_of_care: str
    population: Population
    minimum_weekly_hours: float
    maximum_weekly_hours: float
    time_zone: str
    week_starts_on: int
    questions: list[dict[str, Any]]
    sentences: dict[str, dict[str, str]]
    calendar: ProgramCalendar
    cadence: list[InstrumentCadence]
    attendance_policy: AttendancePolicy
    on_call_schedule_id: UUID | None
    rule_set_version: int
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class ProgramPage(BaseModel):
    """A page of programs."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [PROGRAM], "next_cursor": None}]})

    items: list[ProgramRead]
    next_cursor: str | None
