"""Devices as they travel."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import DEVICE


class DeviceRead(BaseModel):
    """One device that somebody is signed in on."""

    id: UUID
    name: str = Field(examples=["Ana's phone"])
    created_at: datetime
    last_seen_at: datetime = Field(description="When it last signed in or refreshed its access token.")
    is_this: bool = Field(description="Whether it is the one that asks.")


class DeviceList(BaseModel):
    """The caller's devices, last seen first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [DEVICE]}]})

    items: list[DeviceRead]
