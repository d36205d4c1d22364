"""Gateways as they travel."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from app.schemas.fields import Body

GatewayChannel = Literal["email", "sms", "crisis_service"]
"""What goes out through it: e-mail, SMS; or the notice to the outside crisis service."""

Address = Annotated[
    str,
    StringConstraints(strict=True, min_length=1, max_length=2048, pattern=r"^[ -~]+$"),
    Field(description="Kept sealed. No reply shows it.", examples=["+12125550142"]),
]
"""An address that pages go to or through, in printable ASCII."""

_GATEWAY: JsonDict = {
    "channel": "email",
    "hint": "mailtos://smtp.riverside.example…",
    "changed_at": "2026-11-02T15:00:00Z",
}


class GatewayBody(Body):
    """A mail server or an SMS service without a recipient; or where a crisis service is reached."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "address": "mailtos://handrail:secret@smtp.riverside.example?from=handrail@riverside.example"
                }
            ]
        }
    )

    address: Address


class GatewayRead(BaseModel):
    """A gateway. Its address is a secret, and not shown."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_GATEWAY]})

    channel: GatewayChannel
    hint: str = Field(description="Enough of the address to know it by.")
    changed_at: datetime


class Gateways(BaseModel):
    """The organization's own gateways. Without one, mail and SMS go out through the server's own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_GATEWAY]}]})

    items: list[GatewayRead]
