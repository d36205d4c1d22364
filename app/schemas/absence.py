"""Arrivals, absences and make-ups, as a patient's app sends and reads them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.queries.make_ups import Option
from app.schemas.attendance import AttendanceRead, SessionRef
from app.schemas.attendance_examples import (
    ABSENCE,
    ABSENCE_BODY,
    ARRIVAL,
    ARRIVAL_BODY,
    BOOKING,
    MAKE_UP_BODY,
    MAKE_UPS,
)
from app.schemas.fields import Body, DeviceMoment, Text, Uuid7
from app.treatment.policy import NoticeKind

RoomCode = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[0-9A-Za-z -]{1,20}$"), Field(examples=["402913"])
]
Whom = Annotated[
    Annotated[UUID, Field(strict=False)] | None,
    Field(description="Of whom staff say it. A patient says it of themselves, and leaves it out."),
]


class ArrivalBody(Body):
    """The code that is shown in the room, and when they came."""

    model_config = ConfigDict(json_schema_extra={"examples": [ARRIVAL_BODY]})

    code: RoomCode
    occurred_at: DeviceMoment | None = Field(
        None, description="Left out: now. A phone without a network keeps it, and sends it within a day."
    )


class ArrivalRead(AttendanceRead):
    """Somebody is there."""

    model_config = ConfigDict(json_schema_extra={"examples": [ARRIVAL]})

    is_late: bool = Field(description="They came later than the program calls in time.")


class AbsenceBody(Body):
    """What comes in between."""

    model_config = ConfigDict(json_schema_extra={"examples": [ABSENCE_BODY]})

    id: Uuid7 | None = Field(None, description="Made by the phone, so that sending twice is one notice.")
    kind: NoticeKind
    reason: Text | None = None
    patient_id: Whom = None


class MakeUpOption(BaseModel):
    """A session that may make up for a missed one."""

    id: UUID
    starts_at: datetime
    ends_at: datetime
    kind: str
    title: str
    room: str | None
    places_left: int | None = Field(description="Null: as many as like to.")


class AbsenceRead(AttendanceRead):
    """What a notice has come to, and which sessions would make up for this one.

    `expected`: staff will decide whether it is excused.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [ABSENCE]})

    excused_by: Literal["policy", "staff"] | None
    make_ups: list[MakeUpOption]


class Booked(AttendanceRead):
    """A chair in another session."""

    model_config = ConfigDict(json_schema_extra={"examples": [BOOKING]})

    treatment_session: SessionRef


class MakeUps(BaseModel):
    """The sessions with room that would make up for a missed one, the soonest first, and what is booked."""

    model_config = ConfigDict(json_schema_extra={"examples": [MAKE_UPS]})

    items: list[MakeUpOption]
    booked: Booked | None

    @classmethod
    def of(cls, options: Sequence[Option], booked: Booked | None) -> Self:
        """As they were found."""
        return cls(items=offered(options), booked=booked)


class MakeUpBody(Body):
    """Which session it is to be."""

    model_config = ConfigDict(json_schema_extra={"examples": [MAKE_UP_BODY]})

    session_id: Annotated[UUID, Field(strict=False)]
    patient_id: Whom = None


def offered(options: Sequence[Option]) -> list[MakeUpOption]:
    """Options as they travel."""
    return [MakeUpOption.model_validate(each._asdict()) for each in options]
