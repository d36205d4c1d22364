"""On-call schedules, their shifts, holes and overrides as they travel."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.ladders.on_call import Rotation
from app.schemas.caseload import ProgramRef
from app.schemas.fields import Body, Line, Moment, Uuid7, Zone
from app.schemas.ladder_examples import (
    HOLE,
    ON_CALL_NOW,
    OVERRIDE_BODY,
    OVERRIDE_READ,
    ROTATION,
    SCHEDULE_BODY,
    SCHEDULE_READ,
    SHIFT,
)


class StaffRef(BaseModel):
    """A staff member by name."""

    id: UUID
    name: str

    @classmethod
    def of(cls, id: UUID | None, names: Mapping[UUID, str]) -> Self | None:
        """Somebody by id, with their name among `names`; nobody is None."""
        return None if id is None else cls(id=id, name=names[id])

    @classmethod
    def named(cls, id: UUID | None, name: str | None) -> Self | None:
        """Somebody by id and name; nobody is None."""
        return None if id is None or name is None else cls(id=id, name=name)


class OnCallScheduleBody(Body):
    """A new schedule. A program uses it when it names it."""

    model_config = ConfigDict(json_schema_extra={"examples": [SCHEDULE_BODY]})

    id: Uuid7 | None = None
    name: Line
    time_zone: Zone
    rotation: Rotation


class OnCallScheduleChange(Body):
    """What is to change; the rest stays. `rotation` is replaced whole."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rotation": ROTATION}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    name: Line = Field(default_factory=str)
    time_zone: Zone = Field(default_factory=str)
    rotation: Rotation = Field(default_factory=lambda: Rotation.model_validate(ROTATION))


class OnCallScheduleRead(BaseModel):
    """A weekly rotation in its time zone."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [SCHEDULE_READ]})

    id: UUID
    name: str
    time_zone: str
    rotation: Rotation
    created_at: datetime
    row_version: int = Field(description="What If-Match names.")


class OnCallSchedulePage(BaseModel):
    """A page of schedules."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [SCHEDULE_READ], "next_cursor": None}]}
    )

    items: list[OnCallScheduleRead]
    next_cursor: str | None


class ShiftRead(BaseModel):
    """Who has the pager for a time."""

    staff_member: StaffRef | None = Field(description="Null: nobody.")
    starts_at: datetime
    ends_at: datetime = Field(description="Not included.")


class Shifts(BaseModel):
    """The shifts of a time in their order, without gaps."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [SHIFT]}]})

    items: list[ShiftRead]


class HoleRead(ShiftRead):
    """When a page to who is on call would reach nobody, and why not."""

    reason: Literal["nobody", "inactive", "no_contact_method", "not_in_program"] = Field(
        description="Nobody has the pager; or who has it does not work here any more, has neither contact"
        " method, e-mail address nor phone, or does not work in every program that uses the schedule."
    )


class Holes(BaseModel):
    """The holes of the coming 14 days."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [HOLE]}]})

    items: list[HoleRead]


class OverrideBody(Body):
    """Somebody else has the pager for a while, or nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [OVERRIDE_BODY]})

    id: Uuid7 | None = None
    starts_at: Moment
    ends_at: Annotated[Moment, Field(description="Not included.")]
    staff_member_id: Annotated[UUID, Field(strict=False)] | None = Field(description="Null: nobody.")


class OverrideRead(BaseModel):
    """Who has the pager instead of whose week it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [OVERRIDE_READ]})

    id: UUID
    staff_member: StaffRef | None = Field(description="Null: nobody.")
    starts_at: datetime
    ends_at: datetime
    created_by: UUID
    created_at: datetime


class Overrides(BaseModel):
    """The overrides that hold now or will, in the order in which they were made: the last one counts."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [OVERRIDE_READ]}]})

    items: list[OverrideRead]


class OnCallNow(BaseModel):
    """Who is on call for one program."""

    program: ProgramRef
    on_call_schedule_id: UUID | None = Field(description="Null: the program uses no schedule.")
    staff_member: StaffRef | None = Field(description="Null: nobody.")
    until: datetime | None = Field(description="When this changes; null when no shift has begun.")


class OnCallList(BaseModel):
    """Who is on call, program by program."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [ON_CALL_NOW]}]})

    items: list[OnCallNow]
