"""What a receiver of webhooks gets, as the OpenAPI document describes it. `app.webhooks.body` makes it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

EventName = Literal[
    "alert.opened", "alert.repeated", "alert.reopened", "alert.acknowledged", "alert.assigned", "alert.noted",
    "alert.snoozed", "alert.woken", "alert.escalated", "alert.resolved",
]  # fmt: skip
"""What an endpoint of events chooses from."""


class AlertData(BaseModel):
    """Which alert, and where in the order of things. What it is about stands behind the ids."""

    alert_id: UUID
    patient_id: UUID
    sequence: int = Field(
        ge=1,
        description="Counts the events of this alert from 1, without gaps. A lower one than you have seen is"
        " old news; a missing one is on its way, or of a type that you do not subscribe to.",
    )
    position: int = Field(ge=1, description="Place in the organization's feed, as its items have it.")


class AlertMessage(BaseModel):
    """Something happened to an alert."""

    type: EventName
    timestamp: datetime = Field(description="When it happened; not when it was sent.")
    data: AlertData


class TestData(BaseModel):
    """Nothing: a test is about nobody."""


class TestMessage(BaseModel):
    """A test that an administrator asked for."""

    type: Literal["webhook.test"]
    timestamp: datetime
    data: TestData


class HandOffData(BaseModel):
    """Which alert is handed over, and where and until when to say that you have it."""

    hand_off_id: UUID
    alert_id: UUID
    patient_id: UUID
    answer_by: datetime = Field(description="Without an answer until then, others are told.")
    answer_url: str = Field(
        description="Where to POST `acknowledged` or `declined`, signed with the secret of this endpoint."
    )


class HandOffMessage(BaseModel):
    """An alert is handed over to an outside crisis service."""

    type: Literal["alert.handed_off"]
    timestamp: datetime
    data: HandOffData
