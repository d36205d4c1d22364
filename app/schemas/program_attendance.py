"""Who takes part in a program, as it travels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.models import TreatmentSession
from app.queries.program_attendance import Member, Seat
from app.schemas.hours_examples import ATTENDANCE_NOW
from app.treatment.engagement import Engagement, Share
from app.treatment.participation import Turnout

_MINUTE = 60


class Notice(BaseModel):
    """What somebody said ahead of an absence."""

    kind: str
    at: datetime
    is_open: bool = Field(description="Nobody, and no policy, has decided whether it is excused.")


class Missing(BaseModel):
    """Somebody who is expected in a session that is running, is not excused, and has not come."""

    session_id: UUID
    patient_id: UUID
    patient_name: str
    phone: str | None
    minutes_since_start: int
    status: Literal["expected", "unexcused"] | None = Field(
        description="What is recorded: nothing, that they are expected, or that they are a no-show by now."
    )
    notice: Notice | None

    @classmethod
    def of(cls, member: Member, seat: Seat, now: datetime) -> Self:
        """A member whose seat is empty."""
        said = None
        if seat.notice_kind is not None and seat.notice_at is not None:
            is_open = seat.part.status == "expected" and seat.excused_by is None
            said = Notice(kind=seat.notice_kind, at=seat.notice_at, is_open=is_open)
        return cls.model_validate(
            {
                "session_id": seat.session_id,
                "patient_id": member.patient_id,
                "patient_name": member.name,
                "phone": member.phone,
                "minutes_since_start": int((now - seat.part.span.start).total_seconds()) // _MINUTE,
                "status": seat.part.status,
                "notice": said,
            }
        )


class SessionNow(BaseModel):
    """A session that is running, or begins today, with how many are in it."""

    id: UUID
    kind: str
    title: str
    starts_at: datetime
    ends_at: datetime
    is_running: bool
    capacity: int | None
    expected: int
    present: int
    excused: int
    missing: int

    @classmethod
    def of(cls, treatment_session: TreatmentSession, turnout: Turnout, now: datetime) -> Self:
        """A session as of now."""
        columns = {name: getattr(treatment_session, name, None) for name in cls.model_fields}
        is_running = treatment_session.starts_at <= now
        return cls.model_validate({**columns, **turnout._asdict(), "is_running": is_running})


class ShareRead(BaseModel):
    """So many of these were asked for, and so many of them done."""

    asked: int
    done: int


class EngagementRead(BaseModel):
    """What somebody did of what they were asked for in 14 days."""

    asked: int
    done: int
    share: float | None = Field(description="0 to 1; null: nothing was asked for.")
    is_low: bool = Field(description="Less than half.")
    check_ins: ShareRead
    attendance: ShareRead = Field(description="Sessions that are over and were not cancelled.")
    instruments: ShareRead

    @classmethod
    def of(cls, engagement: Engagement) -> Self:
        """All kinds, each and together."""
        together = engagement.together
        kinds = {name: share._asdict() for name, share in engagement._asdict().items()}
        return cls.model_validate(
            {**together._asdict(), **kinds, "share": _rate(together), "is_low": engagement.is_low}
        )


class Participation(BaseModel):
    """How much one patient took part: in sessions that are over and were not cancelled."""

    patient_id: UUID
    patient_name: str
    attended_minutes: int = Field(description="Of the scheduled ones.")
    scheduled_minutes: int
    minutes_rate: float | None = Field(description="0 to 1; null: nothing was scheduled.")
    sessions_attended: int
    sessions_expected: int
    sessions_rate: float | None
    engagement: EngagementRead

    @classmethod
    def of(cls, member: Member, minutes: Share, came: Share, engagement: Engagement) -> Self:
        """One member."""
        return cls(
            patient_id=member.patient_id,
            patient_name=member.name,
            attended_minutes=minutes.done,
            scheduled_minutes=minutes.asked,
            minutes_rate=_rate(minutes),
            sessions_attended=came.done,
            sessions_expected=came.asked,
            sessions_rate=_rate(came),
            engagement=EngagementRead.of(engagement),
        )


class ProgramAttendance(BaseModel):
    """Who is missing now, what is on today, and who takes part how much."""

    model_config = ConfigDict(json_schema_extra={"examples": [ATTENDANCE_NOW]})

    program_id: UUID
    days: int = Field(description="So many days up to and with today, where the program is.")
    missing: Sequence[Missing] = Field(description="The longest waited for first.")
    today: Sequence[SessionNow] = Field(description="Running, or to begin today; the first first.")
    patients: Sequence[Participation] = Field(
        description="With a running stay; those who do the least of what they are asked for first."
    )


def _rate(share: Share) -> float | None:
    return None if share.rate is None else round(share.rate, 3)
