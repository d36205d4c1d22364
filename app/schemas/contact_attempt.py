"""Contact attempts as they travel."""

from datetime import datetime
from typing import Annotated, Literal, Self, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.models import ContactAttempt
from app.schemas.crisis_flag_examples import CONTACT_ATTEMPT_BODY, CONTACT_ATTEMPT_READ
from app.schemas.fields import Body, Moment, Text, Uuid7
from app.schemas.on_call import StaffRef

Way = Literal["call", "text", "video", "in_person", "supporter", "welfare_check"]
Reach = Literal["reached", "left_message", "no_answer", "wrong_number"]


class ContactAttemptBody(Body):
    """One try to reach somebody after their cry for help."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTACT_ATTEMPT_BODY]})

    id: Uuid7 | None = None
    at: Annotated[Moment | None, Field(description="Left out: now.")] = None
    way: Way
    outcome: Reach
    note: Text | None = None


class ContactAttemptRead(BaseModel):
    """A kept contact attempt."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONTACT_ATTEMPT_READ]})

    id: UUID
    at: datetime
    way: Way
    outcome: Reach
    note: str | None
    staff_member: StaffRef
    recorded_at: datetime

    @classmethod
    def of(cls, attempt: ContactAttempt, staff_member: str) -> Self:
        """The row, with the name of who tried."""
        return cls(
            id=attempt.id, at=attempt.at, way=cast(Way, attempt.way), outcome=cast(Reach, attempt.outcome),
            note=attempt.note, staff_member=StaffRef(id=attempt.staff_member_id, name=staff_member),
            recorded_at=attempt.recorded_at,
        )  # fmt: skip
