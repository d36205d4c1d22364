"""Attendance as it travels: rosters, what staff write down of somebody, and how it came about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app.models import Attendance, TreatmentSession
from app.queries.attendances import Seat
from app.schemas.attendance_examples import (
    ATTENDANCE,
    ATTENDANCE_BODY,
    DETAIL,
    PATIENT_PAGE,
    ROSTER,
    ROSTER_BODY,
    ROSTER_REPLY,
)
from app.schemas.fields import Body, Moment, Text, Whole
from app.treatment.attendance import Status
from app.treatment.policy import NoticeKind
from app.treatment.recording import Recorded, Said, Time

Source = Literal["patient", "staff", "telehealth", "system"]
MOST_ITEMS = 100


class NoticeRead(BaseModel):
    """What was said of an absence, ahead or in time."""

    kind: NoticeKind
    reason: str | None
    at: datetime
    is_open: bool = Field(description="Nobody has decided yet whether it is excused.")
    excused_by: Literal["policy", "staff"] | None


class Away(BaseModel):
    """A time for which somebody was gone from a session that they came back to."""

    left_at: datetime
    back_at: datetime


class AttendanceRead(BaseModel):
    """What is known of one patient in one session."""

    model_config = ConfigDict(json_schema_extra={"examples": [ATTENDANCE]})

    id: UUID | None = Field(description="Null: nothing is known but that they are expected.")
    session_id: UUID
    patient_id: UUID
    status: Status
    arrived_at: datetime | None
    left_at: datetime | None
    minutes: int = Field(
        description="Between arrival and leaving, within the session; 0 for who is there yet."
    )
    away: list[Away] = Field(description="When they were gone in between, as a telehealth platform tells.")
    source: Source | None
    notice: NoticeRead | None
    makes_up_id: UUID | None = Field(
        description="The missed attendance that this one is booked to make up for."
    )
    revision: int = Field(description="Counts the changes; 0: nothing is known.")
    changed_at: datetime | None
    changed_by: UUID | None = Field(description="Null: Handrail itself.")

    @classmethod
    def of(cls, attendance: Attendance, **more: Any) -> Self:
        """What is known."""
        same = {
            name: getattr(attendance, name) for name in AttendanceRead.model_fields.keys() - {"notice", *more}
        }
        return cls.model_validate({**same, "notice": _notice(attendance), **more})

    @classmethod
    def unknown(cls, session_id: UUID, patient_id: UUID, **more: Any) -> Self:
        """Of somebody who is expected, and of whom nothing is known."""
        nothing = dict.fromkeys(AttendanceRead.model_fields)
        known = {"session_id": session_id, "patient_id": patient_id, "status": "expected"}
        return cls.model_validate({**nothing, "minutes": 0, "away": [], "revision": 0, **known, **more})

    @classmethod
    def seated(cls, session_id: UUID, seat: Seat, **more: Any) -> Self:
        """What is known of somebody in a roster."""
        if seat.attendance is None:
            return cls.unknown(session_id, seat.patient_id, **more)
        return cls.of(seat.attendance, **more)


def _notice(attendance: Attendance) -> NoticeRead | None:
    if attendance.notice_kind is None:
        return None
    return NoticeRead.model_validate(
        {
            "kind": attendance.notice_kind,
            "reason": attendance.notice_reason,
            "at": attendance.notice_at,
            "is_open": attendance.status == "expected",
            "excused_by": attendance.excused_by,
        }
    )


class RosterEntry(AttendanceRead):
    """One line of a roster."""

    model_config = ConfigDict(json_schema_extra=None)

    patient_name: str
    is_expected: bool = Field(description="No: they came all the same, or are expected no more.")


class Roster(BaseModel):
    """Everybody who is expected in a session, or of whom something is known, by family name."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROSTER]})

    session_id: UUID
    items: list[RosterEntry]

    @classmethod
    def of(cls, session_id: UUID, seats: Sequence[Seat]) -> Self:
        """A roster as it was found."""
        items = [
            RosterEntry.seated(session_id, seat, patient_name=seat.name, is_expected=seat.is_expected)
            for seat in seats
        ]
        return cls(session_id=session_id, items=items)


class AttendanceBody(Body):
    """What staff write down of somebody.

    `attended`, `arrived`, `late` and `left_early` all say that they were there: which of them it was, the
    times decide. A time that is left out stays as it is known; null, and one that is not known, is the
    session's own.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [ATTENDANCE_BODY, {"status": "excused"}]})

    status: Recorded = Field("attended", description="May be left out where a time is given.")
    arrived_at: Moment | None = None
    left_at: Moment | None = None
    reason: Text | None = Field(None, description="Why it is so, or why it is changed.")
    source: Literal["staff", "telehealth"] = Field(
        "staff", description="`telehealth`: as the telehealth platform reports it."
    )
    revision: Annotated[Whole, Field(ge=0)] | None = Field(
        None, description="What was read: when somebody has changed it since, it is refused (409)."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.model_fields_set.isdisjoint({"status", "arrived_at", "left_at"}):
            raise PydanticCustomError("status_missing", "neither a status nor a time")
        return self

    def said(self) -> Said:
        """The status, and the times as far as they were sent."""
        times: dict[str, Time] = {
            name: getattr(self, name) for name in {"arrived_at", "left_at"} & self.model_fields_set
        }
        return Said(self.status, **times)


class RosterItemBody(AttendanceBody):
    """The same, of one patient in a roster: who is merely named in it was there."""

    model_config = ConfigDict(json_schema_extra=None)

    patient_id: Annotated[UUID, Field(strict=False)]

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        return self


class RosterBody(Body):
    """Who was there. One line that cannot be has all of them refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROSTER_BODY]})

    items: Annotated[list[RosterItemBody], Field(min_length=1, max_length=MOST_ITEMS)]


class RosterResult(AttendanceRead):
    """What is known of somebody now."""

    model_config = ConfigDict(json_schema_extra=None)

    changed: bool = Field(description="Whether this has changed it.")


class RosterReply(BaseModel):
    """One result for each line, in their order."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROSTER_REPLY]})

    items: list[RosterResult]


class AttendanceEntryRead(BaseModel):
    """One state that an attendance was in: by whom, when, and why."""

    revision: int
    at: datetime = Field(description="When it was recorded.")
    status: Status
    arrived_at: datetime | None
    left_at: datetime | None
    minutes: int
    away: list[Away]
    source: Source
    changed_by: UUID | None
    author_name: str | None = Field(description="Null: the patient, or Handrail itself.")
    reason: str | None = Field(description="To a patient only what they said themselves.")

    @classmethod
    def of(cls, entry: Any, reader_id: UUID | None) -> Self:
        """A row of the history; with a reader, the words of others are left out."""
        same = {
            name: getattr(entry, name) for name in AttendanceEntryRead.model_fields.keys() - {"at", "reason"}
        }
        is_open = reader_id is None or entry.changed_by == reader_id
        return cls(**same, at=entry.received_at, reason=entry.reason if is_open else None)


class AttendanceDetail(AttendanceRead):
    """What is known of one patient in one session, and every state before it, the first first."""

    model_config = ConfigDict(json_schema_extra={"examples": [DETAIL]})

    history: list[AttendanceEntryRead]


class SessionRef(BaseModel):
    """A session, as far as it matters to who was there."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    local_date: date


class PatientAttendance(AttendanceRead):
    """What is known of a patient in one session, and which session that is."""

    model_config = ConfigDict(json_schema_extra=None)

    treatment_session: SessionRef

    @classmethod
    def beside(cls, attendance: Attendance, treatment_session: TreatmentSession) -> Self:
        """Both as they were found."""
        return cls.of(attendance, treatment_session=SessionRef.model_validate(treatment_session))


class PatientAttendancePage(BaseModel):
    """A part of a patient's attendance, the latest session first."""

    model_config = ConfigDict(json_schema_extra={"examples": [PATIENT_PAGE]})

    items: list[PatientAttendance]
    next_cursor: str | None
