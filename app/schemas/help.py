"""What a reply brings to somebody who may be in danger."""

from pydantic import BaseModel, ConfigDict, Field

from app.schemas.safety_plan import SafetyPlanInHelp


class CrisisResource(BaseModel):
    """One place to turn to. `call` and `text` begin with the number to dial."""

    model_config = ConfigDict(from_attributes=True)

    name: str = Field(examples=["988 Suicide & Crisis Lifeline"])
    call: str | None = Field(examples=["988"])
    text: str | None = Field(examples=["988"])
    chat: str | None = Field(
        description="Where one can write with somebody at once.", examples=["https://988lifeline.org/chat"]
    )
    url: str | None
    hours: str | None = Field(examples=["Day and night"])


class Help(BaseModel):
    """Plain words of what happens now, whom to call, and the person's own safety plan."""

    model_config = ConfigDict(from_attributes=True)

    message: str
    resources: list[CrisisResource]
    safety_plan: SafetyPlanInHelp | None = Field(
        None,
        description="The patient's own plan, once they have written one; never in somebody else's reply.",
    )
