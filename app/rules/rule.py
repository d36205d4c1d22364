"""A rule: a condition with a severity, a sentence for the care team and its evidence. And sets of them."""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.rules.conditions import Condition, signals_of
from app.rules.wording import check_placeholders

RULE_ERROR = "rule_error"
END_OF_WORK = time(17)

Line = Annotated[str, Field(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*$")]
RuleCode = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+){0,3}$")]


def is_rule_error(code: str) -> bool:
    """Whether an alert's code tells of a rule that could not be evaluated: `rule_error.<rule>`."""
    return code.partition(".")[0] == RULE_ERROR


class Severity(StrEnum):
    """How soon somebody must answer: within 15 minutes, 60 minutes, 24 hours, or on the next working day."""

    CRITICAL = "critical"
    URGENT = "urgent"
    HIGH = "high"
    ROUTINE = "routine"


_MINUTES = {Severity.CRITICAL: 15, Severity.URGENT: 60, Severity.HIGH: 24 * 60}


def due_at(
    severity: Severity, opened_at: datetime, zone: ZoneInfo, answer_within_minutes: int | None = None
) -> datetime:
    """When an alert must be answered, in UTC.

    The rule's own minutes come first. Routine is due at 17:00 on the next weekday in `zone`; holidays are not
    known.
    """
    minutes = answer_within_minutes or _MINUTES.get(severity)
    if minutes is not None:
        return opened_at.astimezone(UTC) + timedelta(minutes=minutes)
    day = opened_at.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() >= 5:
        day += timedelta(days=1)
    return datetime.combine(day, END_OF_WORK, zone).astimezone(UTC)


class Grade(StrEnum):
    """What a rule rests on: from a published cut-off down to our own design choice."""

    PUBLISHED = "published"
    COMMON_PRACTICE = "common-practice"
    MEASURED = "measured"
    REGULATORY = "regulatory"
    DESIGN = "design"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RuleEvidence(_Frozen):
    """Why a rule is as it is."""

    grade: Grade
    citation: Line


class Rule(_Frozen):
    """What is watched for, how pressing it is, and how to tell the care team.

    `sentence` may use the placeholders that its condition fills (`wording.placeholders`); when it is empty
    the condition speaks for itself. `floor` marks the rules that are code: whatever a stored rule says of
    itself, `floor.in_force` decides.
    """

    code: RuleCode
    title: Annotated[Line, Field(min_length=1, max_length=120)]
    severity: Severity
    answer_within_minutes: Annotated[int, Field(ge=1, le=7 * 24 * 60)] | None = Field(
        None, description="Sooner or later than the severity says"
    )
    enabled: bool = True
    floor: bool = False
    condition: Condition
    sentence: Line = Field("", description="One plain sentence for the care team, without blame")
    evidence: RuleEvidence
    next_step: Line = ""

    @model_validator(mode="after")
    def _sentence_can_be_filled(self) -> Self:
        check_placeholders(self.sentence, self.condition)
        return self


class RuleSet(_Frozen):
    """The rules of a program in one version."""

    version: Annotated[int, Field(ge=0)]
    rules: Annotated[tuple[Rule, ...], Field(max_length=100)]

    @cached_property
    def signals(self) -> frozenset[str]:
        """What its rules read, switched on or off; the floor's signals are not among them.

        A stored rule that could not be read again has no condition to ask.
        """
        conditions = [rule.condition for rule in self.rules if isinstance(rule.condition, BaseModel)]
        return frozenset(signal for condition in conditions for signal in signals_of(condition))

    @model_validator(mode="after")
    def _codes_are_distinct(self) -> Self:
        codes = [rule.code for rule in self.rules]
        if len(set(codes)) < len(codes):
            raise ValueError("two rules have the same code")
        if any(map(is_rule_error, codes)):
            raise ValueError(f"{RULE_ERROR} is not a rule's own code")
        return self
