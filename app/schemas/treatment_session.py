"""Single sessions as they travel."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.fields import Body, Line
from app.schemas.on_call import StaffRef
from app.schemas.session_examples import OWN_SESSION, SESSION_READ
from app.schemas.session_series import Facilitators, Minutes, SessionKind, StartsLocal, TelehealthUrl

AttendanceStatus = Literal[
    "expected", "arrived", "late", "left_early", "attended", "excused", "unexcused", "made_up", "cancelled"
]


class SessionChange(Body):
    """What is to change in this session alone; the rest stays. A change of its series passes it by then."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"starts_local": "2026-11-25T17:30", "room": "Room 5"}]}
    )

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    title: Line = Field(default_factory=str)
    starts_local: StartsLocal = Field(default_factory=lambda: datetime.min)  # noqa: DTZ901 - nobody reads it
    minutes: Minutes = Field(default_factory=int)
    facilitator_ids: Facilitators = Field(default_factory=list)
    room: Line | None = None
    telehealth_url: TelehealthUrl | None = None


class CancellationBody(Body):
    """That the program lets a session not take place."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Snow"}]})

    reason: Line | None = Field(None, description="For the staff; patients do not read it.")


class OwnAttendance(BaseModel):
    """What is known of one patient in a session."""

    model_config = ConfigDict(from_attributes=True)

    status: AttendanceStatus
    minutes: int = Field(description="Those between arrival and leaving that lie within the session.")
    arrived_at: datetime | None
    left_at: datetime | None


class SessionItem(BaseModel):
    """One session."""

    id: UUID
    series_id: UUID
    program_id: UUID
    kind: SessionKind
    title: str
    starts_at: datetime
    ends_at: datetime = Field(description="Not included.")
    time_zone: str = Field(description="Where it takes place.")
    local_date: date = Field(description="The day on which it begins there.")
    room: str | None
    telehealth_url: str | None
    facilitators: list[StaffRef]
    capacity: int | None
    status: Literal["planned", "cancelled"] = Field(description="`cancelled`: by the program.")
    is_exception: bool = Field(description="Changed by hand: a change of its series passes it by.")
    expected: int | None = Field(description="How many patients are expected; null for a patient.")
    attendance: OwnAttendance | None = Field(
        description="What is known of the patient who asks, or who is asked about; null: nothing."
    )
    row_version: int = Field(description="What If-Match names.")


class SessionPage(BaseModel):
    """Sessions, the earliest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [OWN_SESSION], "next_cursor": None}]})

    items: list[SessionItem]
    next_cursor: str | None


class SessionRead(SessionItem):
    """One session, and for the staff what they need in the room."""

    model_config = ConfigDict(json_schema_extra={"examples": [SESSION_READ]})

    free_places: int | None = Field(
        description="How many more there is room for; null without a capacity, and for a patient."
    )
    arrival_code: str | None = Field(
        description="To be shown in the room; null for who records no attendance."
    )
    cancelled_at: datetime | None
    cancel_reason: str | None = Field(description="Null for a patient.")
