"""The answer of those who help in a crisis, as it travels."""

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.examples import CRISIS_RESOURCES
from app.schemas.help import CrisisResource


class CrisisResources(BaseModel):
    """Whom to call or text now."""

    model_config = ConfigDict(json_schema_extra={"examples": [CRISIS_RESOURCES]})

    country: str = Field(examples=["US"])
    message: str = Field(examples=["If you are in danger now, call 911."])
    resources: list[CrisisResource]
