"""Webhook endpoints as they travel."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.schemas.fields import Body, Line, Uuid7, Whole
from app.schemas.webhook_examples import (
    DELIVERY,
    ENDPOINT_BODY,
    ENDPOINT_READ,
    ENDPOINT_WITH_SECRET,
)
from app.schemas.webhook_message import EventName


def _distinct(items: list[object]) -> list[object]:
    if len(set(items)) < len(items):
        raise PydanticCustomError("repeated", "something is named twice")
    return items


Url = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=2048, pattern=r"^[!-~]+$"),
    Field(
        description="https, to a host of the open internet; no user name, password or fragment.",
        examples=["https://intake.riverside.example/handrail"],
    ),
]
EventNames = Annotated[
    list[EventName],
    Field(
        max_length=20,
        description="Of what it is told: at least one; none for hand-offs.",
        json_schema_extra={"uniqueItems": True},
    ),
    AfterValidator(_distinct),
]
ProgramIds = Annotated[
    list[Annotated[UUID, Field(strict=False)]],
    Field(
        max_length=200, description="Of whose alerts. Empty: of all.", json_schema_extra={"uniqueItems": True}
    ),
    AfterValidator(_distinct),
]


class WebhookEndpointBody(Body):
    """A new endpoint."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENDPOINT_BODY]})

    id: Uuid7 | None = None
    purpose: Literal["events", "hand_off"] = Field(
        "events", description="`hand_off`: an outside crisis service; an organization has one at most."
    )
    url: Url
    description: Line | None = None
    event_types: EventNames = Field(default_factory=list)
    program_ids: ProgramIds = Field(default_factory=list)


class WebhookEndpointChange(Body):
    """What is to change; the rest stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"event_types": ["alert.opened"]}]})

    # A factory and no default: what is left out is not changed, and null is not a value of these.
    url: Url = Field(default_factory=str)
    description: Line | None = None
    event_types: EventNames = Field(default_factory=list)
    program_ids: ProgramIds = Field(default_factory=list)


class RotationBody(Body):
    """How long the old secret signs as well."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: Annotated[Whole, Field(ge=0, le=168)] = Field(
        24, description="0: at once only the new one, as when the old one has leaked."
    )


class WebhookTestBody(Body):
    """A test."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": DELIVERY}]})

    id: Uuid7 | None = None


class WebhookEndpointRead(BaseModel):
    """An endpoint. Its secret was shown when it was made."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [ENDPOINT_READ]})

    id: UUID
    purpose: Literal["events", "hand_off"]
    url: str
    description: str | None
    event_types: list[str]
    program_ids: list[UUID]
    status: Literal["enabled", "disabled"]
    disabled_at: datetime | None
    disabled_code: Literal["by_hand", "gone", "failing"] | None = Field(
        description="`gone`: it answered 410. `failing`: nothing but failures for five days."
    )
    failing_since: datetime | None = Field(description="The first failure since the last success.")
    secret_since: datetime = Field(description="When the secret was made that is in use.")
    previous_until: datetime | None = Field(description="Until when the secret before signs as well.")
    created_at: datetime
    created_by: UUID
    row_version: int = Field(description="What If-Match names.")


class WebhookEndpointMade(WebhookEndpointRead):
    """An endpoint with the secret that was just made."""

    model_config = ConfigDict(json_schema_extra={"examples": [ENDPOINT_WITH_SECRET]})

    secret: str | None = Field(
        description="Shown only here. Null when the same request comes again ten minutes later or more."
    )


class WebhookEndpointPage(BaseModel):
    """A page of endpoints."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"items": [ENDPOINT_READ], "next_cursor": None}]}
    )

    items: list[WebhookEndpointRead]
    next_cursor: str | None


class WebhookTestRead(BaseModel):
    """A test on its way; what became of it stands among the endpoint's deliveries."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"delivery_id": DELIVERY, "message_id": f"msg_{DELIVERY.replace('-', '')}"}]
        }
    )

    delivery_id: UUID
    message_id: str = Field(description="The `webhook-id` that it is sent with.")
