"""Escalation policies as they travel."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.ladders.ladder import Ladder
from app.schemas.alert import Severity
from app.schemas.answer_examples import LADDER
from app.schemas.ladder_examples import POLICY


class EscalationPolicyBody(Ladder):
    """Who is to be told, and after how long, of alerts of one severity that open from now on."""

    model_config = ConfigDict(title="EscalationPolicyBody", json_schema_extra={"examples": [LADDER]})


class EscalationPolicyRead(Ladder):
    """Who is told, and after how long, when an alert of this severity opens in the program."""

    model_config = ConfigDict(title="EscalationPolicyRead", json_schema_extra={"examples": [POLICY]})

    severity: Severity
    is_default: bool = Field(description="Whether this is Handrail's own ladder.")
    changed_at: datetime | None
    changed_by: UUID | None
    row_version: int = Field(
        description="What If-Match names. 0: the program has not written one yet, and Handrail's own holds."
    )


class EscalationPolicies(BaseModel):
    """A program's policy for each severity, the most pressing first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [POLICY]}]})

    items: list[EscalationPolicyRead]
