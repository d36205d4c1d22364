"""What is answered while the database is away."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import CHECK_IN
from app.schemas.help import Help


class KeptReply(BaseModel):
    """It is kept, and nobody needs to send it again. What comes of it shows when the database is back."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": CHECK_IN, "status": "kept", "help": None}]}
    )

    id: UUID = Field(description="Its own id: the one that was sent, if one was.")
    status: Literal["kept"] = "kept"
    help: Help | None = Field(
        description="There when an answer touched the safety floor, and for every crisis flag."
    )
