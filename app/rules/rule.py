"""A rule: a condition with a severity, a sentence for the care team and its evidence. And sets of them."""

from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.rules.conditions import Condition, WholeNumber, leaves, signals_of, tells_of_absence
from app.rules.unfit import unfit
from app.rules.wording import check_placeholders

RULE_ERROR = "rule_error"
MOST_RULES = 100

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

    grade: Grade = Field(title="Grade", description="From published down to our own design choice")
    citation: Line = Field(description="Where it is written, or why we chose so")


class Rule(_Frozen):
    """What is watched for, how pressing it is, and how to tell the care team.

    `sentence` may use the placeholders that its condition fills (`wording.placeholders`); when it is empty
    the condition speaks for itself. `floor` marks the rules that are code: whatever a stored rule says of
    itself, `floor.in_force` decides.
    """

    code: RuleCode = Field(description="Stays when the rule changes: alerts and versions go by it")
    title: Annotated[Line, Field(min_length=1, max_length=120)] = Field(description="As a list shows it")
    severity: Severity = Field(title="Severity", description="How soon somebody must answer")
    answer_within_minutes: Annotated[int, Field(strict=True, ge=1, le=7 * 24 * 60), WholeNumber] | None = (
        Field(None, description="Sooner or later than the severity says")
    )
    enabled: bool = Field(True, strict=True, description="Off, it is kept and finds nothing")
    floor: bool = Field(False, strict=True, description="Of the safety floor, which nobody changes")
    condition: Condition = Field(title="Condition", description="When it holds")
    sentence: Line = Field(
        "", description="One plain sentence for the care team, without blame; empty, the condition tells"
    )
    evidence: RuleEvidence = Field(title="Evidence", description="What it rests on")
    next_step: Line = Field("", description="What to do about it")

    @model_validator(mode="after")
    def _sentence_can_be_filled(self) -> Self:
        check_placeholders(self.sentence, self.condition)
        return self


def is_about_absence(rule: Rule) -> bool:
    """Whether the passing of time may make it hold. A stored rule that could not be read again is not."""
    return isinstance(rule.condition, BaseModel) and any(map(tells_of_absence, leaves(rule.condition)))


class RuleSet(_Frozen):
    """The rules of a program in one version."""

    version: Annotated[int, Field(ge=0)]
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)]

    @cached_property
    def signals(self) -> frozenset[str]:
        """What its rules read, switched on or off; the floor's signals are not among them.

        A stored rule that could not be read again has no condition to ask.
        """
        conditions = [rule.condition for rule in self.rules if isinstance(rule.condition, BaseModel)]
        return frozenset(signal for condition in conditions for signal in signals_of(condition))

    @cached_property
    def about_absence(self) -> tuple[Rule, ...]:
        """The rules that the passing of time may make hold, as far as they are switched on."""
        return tuple(rule for rule in self.rules if rule.enabled and is_about_absence(rule))

    @cached_property
    def projects(self) -> bool:
        """Whether one of the rules that are switched on adds to a total what is still planned."""
        tests = (
            leaf
            for rule in self.rules
            if rule.enabled and isinstance(rule.condition, BaseModel)
            for leaf in leaves(rule.condition)
        )
        return any(leaf.kind == "total" and leaf.project for leaf in tests)

    @model_validator(mode="after")
    def _codes_are_distinct(self) -> Self:
        seen: set[str] = set()
        for place, rule in enumerate(self.rules):
            if rule.code in seen:
                raise unfit("twice", "rules", place, "code")
            if is_rule_error(rule.code):
                raise unfit("reserved_code", "rules", place, "code")
            seen.add(rule.code)
        return self
