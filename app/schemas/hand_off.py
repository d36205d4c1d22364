"""Hand-offs as they travel: what the care team reads, and what an outside crisis service answers."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.models import HandOff
from app.schemas.examples import ALERT
from app.schemas.fields import Body, Line, Uuid7

Answer = Literal["acknowledged", "declined"]
Standing = Literal["requested", "acknowledged", "declined", "without_effect", "expired"]

_ID = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e70"
_TIMES: JsonDict = {"answer_by": "2026-11-23T13:10:05Z", "answered_at": "2026-11-23T13:06:30Z"}
_READ: JsonDict = {
    "id": _ID,
    "alert_id": ALERT,
    "status": "acknowledged",
    "requested_at": "2026-11-23T13:05:05Z",
    **_TIMES,
    "answer": "acknowledged",
    "reference": "2026-4711",
}


class HandOffAnswerBody(Body):
    """Whether the crisis service has it. The signature does not cover the address: the id does."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"hand_off_id": _ID, "answer": "acknowledged", "reference": "2026-4711"}]
        }
    )

    hand_off_id: Annotated[Uuid7, Field(description="As it was sent, and as in the path.")]
    answer: Answer
    reference: Line | None = Field(
        None, description="The service's own case number. Nothing about a person: it is shown as it is."
    )


class HandOffAnswered(BaseModel):
    """How a hand-off stands after its answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"hand_off_id": _ID, "status": "acknowledged", **_TIMES}]}
    )

    hand_off_id: UUID
    status: Standing = Field(
        description="`without_effect`: kept, but the alert is not the service's: somebody else has it, or it"
        " happened again since. `expired`: kept, but it came after `answer_by`, and the ladder goes on."
    )
    answer_by: datetime
    answered_at: datetime

    @classmethod
    def of(cls, hand_off: HandOff, now: datetime) -> Self:
        """One that has its answer."""
        assert hand_off.answered_at is not None
        return cls(
            hand_off_id=hand_off.id, status=_standing(hand_off, now), answer_by=hand_off.answer_by,
            answered_at=hand_off.answered_at,
        )  # fmt: skip


class HandOffRead(BaseModel):
    """One request to the outside crisis service to take an alert on."""

    model_config = ConfigDict(json_schema_extra={"examples": [_READ]})

    id: UUID
    alert_id: UUID
    status: Standing = Field(
        description="`without_effect`: answered in time, but somebody else had the alert, or it had happened"
        " again. `expired`: no answer until `answer_by`; one may have come later."
    )
    requested_at: datetime
    answer_by: datetime = Field(description="Without an answer the ladder goes on then.")
    answer: Answer | None
    answered_at: datetime | None
    reference: str | None = Field(description="The service's own case number.")

    @classmethod
    def of(cls, hand_off: HandOff, now: datetime) -> Self:
        """As it stands at `now`."""
        return cls.model_validate({**hand_off.__dict__, "status": _standing(hand_off, now)})


class HandOffs(BaseModel):
    """The hand-offs of an alert, the newest 200, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_READ]}]})

    items: list[HandOffRead]


def _standing(hand_off: HandOff, now: datetime) -> Standing:
    found: Standing = hand_off.standing(now)  # type: ignore[assignment]  # its four words are these
    return found
