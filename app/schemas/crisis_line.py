"""The organization's own crisis lines as they travel."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from app.schemas.fields import Body, Day, Line

WebAddress = Annotated[
    str,
    Field(strict=True, max_length=500, pattern=r"^https://[!-~]+$", examples=["https://riverside.example"]),
]

_LINE: JsonDict = {
    "name": "Riverside night line",
    "call": "+1 212 555 0199",
    "text": None,
    "chat": None,
    "url": None,
    "hours": "Every night, 20:00 to 08:00",
    "program_id": None,
    "valid_from": "2026-12-01",
    "valid_to": None,
}


class CrisisLine(Body):
    """One line of the organization, or of one of its programs, from one day to another, both included."""

    name: Line
    call: Line | None = None
    text: Line | None = None
    chat: WebAddress | None = None
    url: WebAddress | None = None
    hours: Line | None = None
    program_id: UUID | None = Field(None, strict=False, description="Only for this program's patients.")
    valid_from: Day | None = Field(None, description="From the beginning, if there is none.")
    valid_to: Day | None = Field(None, description="Until further notice, if there is none.")

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if not any((self.call, self.text, self.chat, self.url)):
            raise PydanticCustomError("no_way_to_reach", "neither a number nor an address")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise PydanticCustomError("order", "It ends before it begins.")
        return self


class CrisisLinesBody(Body):
    """All of them, in the order in which they are shown."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [_LINE]}]})

    items: Annotated[list[CrisisLine], Field(max_length=20)]


class CrisisLineRead(BaseModel):
    """One line as it is kept."""

    name: str
    call: str | None = None
    text: str | None = None
    chat: str | None = None
    url: str | None = None
    hours: str | None = None
    program_id: UUID | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class CrisisLines(BaseModel):
    """The organization's own lines: shown before those of its country."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"row_version": 2, "items": [_LINE]}]})

    row_version: int
    items: list[CrisisLineRead]
