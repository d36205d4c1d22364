"""How staff members are reached, as it travels."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.config import JsonDict, JsonValue
from pydantic_core import PydanticCustomError

from app.schemas.alert import Severity
from app.schemas.fields import Body
from app.schemas.gateway import Address

Channel = Literal["email", "sms", "chat", "pager"]
"""A way to reach somebody."""

Code = Literal[
    "sent", "refused", "timed_out", "failed", "unknown_service", "address_forbidden", "address_unusable",
    "no_address",
]  # fmt: skip


def _distinct(severities: list[Severity]) -> list[Severity]:
    if len(set(severities)) < len(severities):
        raise PydanticCustomError("repeated", "a severity is named twice")
    return severities


Severities = Annotated[
    list[Severity],
    Field(
        min_length=1,
        max_length=4,
        description="The alerts that are told of this way. One that no way is for goes all ways.",
        json_schema_extra={"uniqueItems": True},
    ),
    AfterValidator(_distinct),
]

_PRESSING: list[JsonValue] = ["critical", "urgent"]
_SENT: JsonDict = {
    "items": [
        {
            "channel": "chat",
            "address": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
            "severities": _PRESSING,
        },
        {"channel": "email", "address": None, "severities": [*_PRESSING, "high", "routine"]},
    ]
}
_KEPT: JsonDict = {
    "items": [
        {
            "channel": "chat",
            "hint": "slack://…",
            "severities": _PRESSING,
            "changed_at": "2026-11-02T15:00:00Z",
        },
        {
            "channel": "email",
            "hint": "c…@riverside.example",
            "severities": [*_PRESSING, "high", "routine"],
            "changed_at": "2026-11-02T15:00:00Z",
        },
    ]
}


class ContactMethodBody(Body):
    """One way to reach somebody."""

    channel: Channel
    address: Address | None = Field(
        None,
        description="An e-mail address, a telephone number with its country's code, or the apprise address of"
        " a chat or pager service. Null or left out: the one that is kept stays.",
    )
    severities: Severities


class ContactMethodsBody(Body):
    """All the ways to reach somebody, the one they like best first."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SENT]})

    items: list[ContactMethodBody] = Field(max_length=4)


class ContactMethodRead(BaseModel):
    """One way to reach somebody. The address itself is not shown."""

    model_config = ConfigDict(from_attributes=True)

    channel: Channel
    hint: str = Field(description="Enough of the address to know it by.")
    severities: list[Severity]
    changed_at: datetime


class ContactMethods(BaseModel):
    """All the ways to reach somebody, the one they like best first.

    Without any, they are written to at the e-mail address of their staff record, or texted.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_KEPT]})

    items: list[ContactMethodRead]


class Delivered(BaseModel):
    """What became of a test page."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"delivered": True, "code": "sent"}]})

    delivered: bool
    code: Code = Field(
        description="`refused`: somebody was reached and did not take it. `failed`: nobody was reached."
        " `no_address`: there is nothing to send to, or to send through."
    )
