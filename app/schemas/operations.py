"""What machines read about the service."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict


class Liveness(BaseModel):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"]


class Oldest(BaseModel):
    """By severity, how long the oldest open alert has been open that nobody has acknowledged or snoozed."""

    critical: float | None = None
    urgent: float | None = None
    high: float | None = None
    routine: float | None = None


_WATCH: Final[JsonDict] = {
    "sweep_age_seconds": 7.2,
    "watch_age_seconds": 41.5,
    "ladder_lag_seconds": 0.0,
    "queue_depth": {"pages": 2},
    "oldest_unacknowledged_seconds": {"critical": None, "urgent": 312.4, "high": 5020.0, "routine": None},
}


class Watch(BaseModel):
    """How those are who watch. Nothing of it makes the service unready: `null` is not known."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WATCH]})

    sweep_age_seconds: float | None = Field(None, description="Since somebody last did what was due.")
    watch_age_seconds: float | None = Field(None, description="Since the watcher last looked at everything.")
    ladder_lag_seconds: float | None = Field(
        None, description="For how long the step of a ladder has been due, at the watcher's last look."
    )
    queue_depth: dict[str, int] | None = Field(
        None, description="Jobs that could be worked on now, by queue; a queue without any is not named."
    )
    oldest_unacknowledged_seconds: Oldest = Field(
        default_factory=Oldest, description="At the watcher's last look."
    )


class Readiness(BaseModel):
    """Whether requests may be sent here, and how those are who watch."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "faults": [], "watch": _WATCH}]}
    )

    status: Literal["ok", "unavailable"]
    faults: list[str] = Field(description="What is wrong, by name.", examples=[["database_away"]])
    watch: Watch
