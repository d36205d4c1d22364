"""The feed as it travels, and its cursors."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.answer_examples import FEED_ITEM, FEED_PAGE

LATEST = "latest"


class FeedItem(BaseModel):
    """One thing that happened to an alert: ids only."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={"examples": [FEED_ITEM]},
    )

    position: int = Field(description="Rises with every event; gaps are what the reader may not see.")
    type: str
    alert_id: UUID
    patient_id: UUID
    occurred_at: datetime


class FeedPage(BaseModel):
    """What happened behind a cursor."""

    model_config = ConfigDict(json_schema_extra={"examples": [FEED_PAGE]})

    items: list[FeedItem]
    next: str = Field(description="Continue from here. Always there, also when nothing happened.")
    more: bool = Field(description="Whether there is more by now: ask again at once.")


def cursor_of(position: int) -> str:
    """The opaque cursor behind a position."""
    return urlsafe_b64encode(position.to_bytes(8, "big")).decode("ascii").rstrip("=")


def position_of(cursor: str) -> int | None:
    """The position of a cursor; None for a string that is not one."""
    try:
        eight = urlsafe_b64decode(cursor + "=")
    except ValueError:
        return None
    position = int.from_bytes(eight, "big", signed=True)
    return position if len(eight) == 8 and position >= 0 else None
