"""What machines read about the service."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Liveness(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether requests may be sent here."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "faults": []}]})

    status: Literal["ok", "unavailable"]
    faults: list[str] = Field(description="What is wrong, by name.", examples=[["database_away"]])
