"""What machines read about the service."""

from typing import Literal

from pydantic import BaseModel, Field


class Liveness(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether requests may be sent here."""

    status: Literal["ok", "unavailable"]
    faults: list[str] = Field(description="What is wrong, by name.", examples=[["database_away"]])
