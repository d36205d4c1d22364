"""Deliveries to webhook endpoints as they travel."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.schemas.fields import Body, Moment

DeliveryStatus = Literal["waiting", "delivered", "parked"]

_DELIVERY: Final[JsonDict] = {
    "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f11",
    "message_id": "msg_019ab0f27c007d3a9b1e0f5a3c6d8f11",
    "type": "alert.opened",
    "alert_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f13",
    "patient_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f14",
    "sequence": 1,
    "position": 4711,
    "occurred_at": "2026-11-23T13:00:02Z",
    "status": "waiting",
    "code": "failed",
    "attempts": 1,
    "round": 1,
    "created_at": "2026-11-23T13:00:02Z",
    "due_at": "2026-11-23T13:00:08Z",
    "settled_at": None,
}
_ATTEMPT: Final[JsonDict] = {
    "round": 1,
    "number": 1,
    "at": "2026-11-23T13:00:03Z",
    "delivered": False,
    "code": "failed",
    "answer": 500,
    "milliseconds": 41,
}


class WebhookDeliveryRead(BaseModel):
    """One message to one endpoint, and how far it has come."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_DELIVERY]})

    id: UUID
    message_id: str = Field(description="The `webhook-id`, the same at every attempt and replay.")
    type: str
    alert_id: UUID | None
    patient_id: UUID | None
    sequence: int | None
    position: int | None
    occurred_at: datetime
    status: DeliveryStatus
    code: str | None = Field(description="What became of the last attempt; null before the first.")
    attempts: int = Field(description="Of this round: a replay begins a new one.")
    round: int
    created_at: datetime
    due_at: datetime | None = Field(description="When it is tried next.")
    settled_at: datetime | None


class WebhookAttemptRead(BaseModel):
    """One attempt. Nothing of what the receiver said is kept but its status."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_ATTEMPT]})

    round: int
    number: int
    at: datetime
    delivered: bool
    code: str
    answer: int | None = Field(description="The HTTP status, if there was one.")
    milliseconds: int


class WebhookDeliveryDetail(WebhookDeliveryRead):
    """A delivery with all that was tried."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_DELIVERY, "tried": [_ATTEMPT]}]})

    tried: list[WebhookAttemptRead] = []


class WebhookDeliveryPage(BaseModel):
    """Deliveries, newest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_DELIVERY], "next_cursor": None}]})

    items: list[WebhookDeliveryRead]
    next_cursor: str | None


class ReplayBody(Body):
    """What is to be sent again: these, or what happened from one moment to another, or all in a status.

    All that is given must hold; without anything it is what was parked.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"from": "2026-11-20T00:00:00Z", "to": "2026-11-23T00:00:00Z", "status": "parked"}]
        }
    )

    delivery_ids: (
        Annotated[list[Annotated[UUID, Field(strict=False)]], Field(min_length=1, max_length=500)] | None
    ) = None
    since: Moment | None = Field(None, alias="from")
    until: Moment | None = Field(None, alias="to")
    status: Literal["delivered", "parked"] | None = None

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.since and self.until and self.until <= self.since:
            raise PydanticCustomError("order", "It ends before it begins.")
        return self


class ReplayRead(BaseModel):
    """How many are on their way again."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"count": 42, "more": False}]})

    count: int
    more: bool = Field(description="There may be more than are taken at once: ask again.")
