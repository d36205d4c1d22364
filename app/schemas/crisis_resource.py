"""The answer of those who help in a crisis, as it travels."""

from pydantic import BaseModel, Field

from app.schemas.help import CrisisResource


class CrisisResources(BaseModel):
    """Whom to call or text now."""

    country: str = Field(examples=["US"])
    message: str = Field(examples=["If you are in danger now, call 911."])
    resources: list[CrisisResource]
