"""The burden of a program's rules as it travels."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.queries.burden import Asked, RuleBurden, Surveys
from app.rules.yardsticks import YARDSTICKS, noisy_because
from app.schemas.burden_example import BURDEN

Severity = Literal["critical", "urgent", "high", "routine"]
Share = Annotated[float | None, Field(description="Of 1. Null: there was nothing to divide by.")]


class QuantilesRead(BaseModel):
    """Half of the durations are at most the median, nine tenths at most p90."""

    model_config = ConfigDict(from_attributes=True)

    median: float
    p90: float


class RuleBurdenRead(BaseModel):
    """What one rule cost, and what came of it."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    severity: Severity
    alerts: int
    open: int = Field(description="Not resolved yet, acknowledged or not.")
    acted_on: int = Field(
        description="Resolved with an outcome that shows an action (contacted, safety_plan_reviewed, "
        "care_plan_changed, higher_level_of_care, emergency_services); or unresolved, and noted on or "
        "assigned after it was acknowledged."
    )
    acted_on_share: Share
    minutes_to_acknowledge: QuantilesRead | None = Field(
        description="From opening to the first acknowledgement, or to the resolution where nobody "
        "acknowledged before. Null: nobody has."
    )
    minutes_to_resolve: QuantilesRead | None = Field(description="From opening. Null: none is resolved.")
    share_of_all: Share
    noisy: bool
    noisy_because: str | None = Field(
        description="At least 10 alerts, and fewer acted on than in PROMPT-Care; in a sentence."
    )

    @classmethod
    def of(cls, found: RuleBurden, total: int) -> Self:
        """One rule among so many alerts."""
        because = noisy_because(found.alerts, found.acted_on)
        return cls.model_validate(
            {
                **found._asdict(),
                "acted_on_share": _share(found.acted_on, found.alerts),
                "share_of_all": _share(found.alerts, total),
                "noisy": because is not None,
                "noisy_because": because,
            }
        )


class YardstickRead(BaseModel):
    """What others have published of one of these measures."""

    model_config = ConfigDict(from_attributes=True)

    measure: Literal["surveys_alerting_share", "acted_on_share"]
    value: float
    source: str


class BurdenRead(BaseModel):
    """What the rules of some programs cost their care teams. Nobody is named."""

    model_config = ConfigDict(json_schema_extra={"examples": [BURDEN]}, validate_by_name=True)

    program_ids: list[UUID]
    first_day: date = Field(alias="from")
    last_day: date = Field(alias="to")
    check_ins: int
    assessments: int
    alerts: int
    alerts_per_100_surveys: float | None = Field(
        description="Alerts opened per 100 check-ins and assessments; those that absence opened among them."
    )
    surveys_alerting_share: Share = Field(
        description="Of check-ins and assessments, those that opened or repeated an alert."
    )
    acted_on_share: Share
    by_rule: list[RuleBurdenRead] = Field(description="The most frequent first.")
    yardsticks: list[YardstickRead]

    @classmethod
    def of(cls, asked: Asked, surveys: Surveys, rules: Sequence[RuleBurden]) -> Self:
        """What was found, as it travels."""
        answers, alerts = surveys.check_ins + surveys.assessments, sum(each.alerts for each in rules)
        return cls(
            program_ids=list(asked.program_ids), first_day=asked.first_day, last_day=asked.last_day,
            check_ins=surveys.check_ins, assessments=surveys.assessments, alerts=alerts,
            alerts_per_100_surveys=round(100 * alerts / answers, 2) if answers else None,
            surveys_alerting_share=_share(surveys.alerting, answers),
            acted_on_share=_share(sum(each.acted_on for each in rules), alerts),
            by_rule=[RuleBurdenRead.of(each, alerts) for each in rules],
            yardsticks=[YardstickRead.model_validate(each) for each in YARDSTICKS],
        )  # fmt: skip


def _share(part: int, of: int) -> float | None:
    return round(part / of, 3) if of else None
