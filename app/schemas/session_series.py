"""Series of sessions as they travel."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.schemas.fields import Body, Day, Line, Uuid7, WallTime, Whole, WholeNumber, Zone
from app.schemas.on_call import StaffRef
from app.schemas.session_examples import SERIES_BODY, SERIES_READ

SessionKind = Literal[
    "group", "individual", "family", "multifamily", "workshop", "expressive", "medical",
    "telehealth_check_in",
]  # fmt: skip
Audience = Literal["program", "places"]
Remark = Literal["capacity_unusual"]


def _whole_minute(value: datetime) -> datetime:
    if value.second:
        raise PydanticCustomError("wall_time", "not a whole minute")
    return value


def _without_repeats(value: list[UUID]) -> list[UUID]:
    if len(set(value)) < len(value):
        raise PydanticCustomError("repeated", "somebody is named twice")
    return value


StartsLocal = Annotated[
    WallTime,
    AfterValidator(_whole_minute),
    Field(description="Date and time on the wall where it takes place, without an offset; whole minutes."),
]
Minutes = Annotated[Whole, Field(ge=5, le=720), WholeNumber]
Capacity = Annotated[Whole, Field(ge=1, le=200), WholeNumber]
TelehealthUrl = Annotated[
    str,
    StringConstraints(
        strict=True, max_length=500, pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][!-~]*)?$"
    ),
    Field(description="Where to join by video: an address that begins with https."),
]
Recurrence = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[A-Z0-9=;,+-]+$"),
    Field(
        description="A rule by RFC 5545, without the name of its property. FREQ is DAILY, WEEKLY or MONTHLY,"
        " with INTERVAL, WKST, COUNT or UNTIL, BYDAY, and in months BYMONTHDAY or BYSETPOS."
    ),
]
Facilitators = Annotated[
    list[Annotated[UUID, Field(strict=False)]],
    Field(max_length=10, description="Active staff members."),
    AfterValidator(_without_repeats),
]


class SessionSeriesBody(Body):
    """A new series, or a single session."""

    model_config = ConfigDict(json_schema_extra={"examples": [SERIES_BODY]})

    id: Uuid7 | None = None
    program_id: Annotated[UUID, Field(strict=False)]
    kind: SessionKind
    title: Line = Field(description="Patients read it, too.")
    starts_local: StartsLocal
    time_zone: Zone
    minutes: Minutes
    recurrence: Recurrence | None = Field(None, description="Null: a single session.")
    last_day: Day | None = Field(None, description="No session begins after it, where it takes place.")
    audience: Audience | None = Field(
        None,
        description="Who is expected: everybody enrolled in the program, or those who have a place. Left out"
        " it is `places` with a capacity and for individual and family sessions, else `program`.",
    )
    capacity: Capacity | None = Field(
        None,
        description="How many have a place; the others wait. Left out, a group by places has 12, an"
        " individual and a family session 1, and the others no limit. Null: no limit.",
    )
    room: Line | None = None
    telehealth_url: TelehealthUrl | None = None
    facilitator_ids: Facilitators = Field(default_factory=list)


class SessionSeriesChange(Body):
    """What is to change; the rest stays. Other times are another series."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"room": "Room 5", "capacity": 13}, {"last_day": "2026-12-18"}]}
    )

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    title: Line = Field(default_factory=str)
    facilitator_ids: Facilitators = Field(default_factory=list)
    last_day: Day | None = None
    capacity: Capacity | None = Field(None, description="Null: no limit. Nobody loses a place.")
    room: Line | None = None
    telehealth_url: TelehealthUrl | None = None


class SessionSeriesRead(BaseModel):
    """Sessions that repeat by a rule, or a single one."""

    model_config = ConfigDict(json_schema_extra={"examples": [SERIES_READ]})

    id: UUID
    program_id: UUID
    kind: SessionKind
    title: str
    starts_local: Annotated[
        datetime,
        PlainSerializer(lambda value: value.strftime("%Y-%m-%dT%H:%M"), return_type=str, when_used="json"),
        WithJsonSchema({"type": "string", "examples": ["2026-11-24T18:00"]}),
    ] = Field(description="From when on the rule counts; on that day there is one only if the rule names it.")
    time_zone: str
    minutes: int
    recurrence: str | None
    last_day: date | None
    audience: Audience
    capacity: int | None
    room: str | None
    telehealth_url: str | None
    facilitators: list[StaffRef]
    placed: int = Field(description="How many have a place.")
    waiting: int = Field(description="How many wait for one.")
    remarks: list[Remark] = Field(
        description="`capacity_unusual`: groups have 6 to 15 places as a rule, and this one does not."
    )
    planned_until: date = Field(description="Up to this day its sessions are listed; later ones will be.")
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class SessionSeriesPage(BaseModel):
    """A page of series."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [SERIES_READ], "next_cursor": None}]})

    items: list[SessionSeriesRead]
    next_cursor: str | None
