"""Rule sets as they travel."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.rules.rule import Rule
from app.schemas.answer_examples import RULE_SET


class RuleSetRead(BaseModel):
    """One version of a program's rules."""

    model_config = ConfigDict(json_schema_extra={"examples": [RULE_SET]})

    program_id: UUID
    version: int
    author: str | None = Field(description="Null: Handrail's own default pack.")
    author_id: UUID | None
    reason: str
    published_at: datetime
    rules: list[Rule] = Field(
        description="The safety floor first (`floor` is true: it cannot be changed), then the program's own."
    )
