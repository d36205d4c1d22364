"""Backtests of rule sets as they travel."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.rules.backtest import ASSUMPTION, rules_of
from app.rules.replay import Compared
from app.rules.replay_tally import MOST_EXAMPLES, RuleCount, Tally, spread
from app.schemas.backtest_examples import BACKTEST, BACKTEST_BODY
from app.schemas.fields import Day
from app.schemas.rule_set import RuleSetDraft, Version

Rate = Annotated[float | None, Field(description="Null: there was nothing to divide by.")]


class BacktestBody(RuleSetDraft):
    """A draft of a program's rules, and the days on which to try it."""

    model_config = ConfigDict(json_schema_extra={"examples": [BACKTEST_BODY]})

    base_version: Version | None = Field(
        None, description="The version that was edited. When given, it must be the one in force."
    )
    first_day: Day = Field(alias="from", description="A day in the program's zone; at most 400 of them.")
    last_day: Day = Field(alias="to", description="This day is included, as far as it has gone.")


class FiguresRead(BaseModel):
    """How many answers were replayed, of whom, and the alerts that they opened."""

    check_ins: int
    assessments: int
    patients: int
    patient_weeks: float = Field(description="Weeks that these patients spent in the program.")
    alerts: int
    alerts_per_100_check_ins: Rate
    alerts_per_patient_week: Rate

    @classmethod
    def figures(cls, tally: Tally, alerts: int) -> dict[str, float | None]:
        """The members of these figures for so many alerts."""
        return {
            "check_ins": tally.check_ins,
            "assessments": tally.assessments,
            "patients": tally.patients,
            "patient_weeks": round(tally.patient_weeks, 1),
            "alerts": alerts,
            "alerts_per_100_check_ins": _rate(100 * alerts, tally.check_ins),
            "alerts_per_patient_week": _rate(alerts, tally.patient_weeks),
        }


class LiveFiguresRead(FiguresRead):
    """The same of the rules in force, replayed in the same way."""

    version: int


class RuleBacktestRead(BaseModel):
    """What one rule, known by its code, would have found."""

    code: str
    title: str
    alerts: int = Field(description="Of the draft.")
    patients: int = Field(description="Of how many patients.")
    alerts_per_100_check_ins: Rate
    live_alerts: int = Field(description="Of the rules in force.")
    also_live: int = Field(
        description="Of the draft's alerts, those with a counterpart: one of the same patient and rule, "
        "opened under the rules in force on the same day, or while the other was open."
    )
    only_draft: int = Field(description="Of the draft's alerts, those without a counterpart.")
    only_live: int = Field(description="Alerts of the rules in force that the draft would have missed.")
    earlier: int = Field(
        description="Episodes of which the draft's first alert comes before the first of the rules in force. "
        "An episode goes on until two days have passed in which no alert of the rule was open."
    )
    median_hours_earlier: float | None

    @classmethod
    def of(cls, code: str, title: str, count: RuleCount, check_ins: int) -> Self:
        """What was counted of a rule."""
        return cls(
            code=code, title=title, alerts=count.alerts, patients=count.patients,
            alerts_per_100_check_ins=_rate(100 * count.alerts, check_ins), live_alerts=count.live_alerts,
            also_live=count.also_live, only_draft=count.only_draft, only_live=count.only_live,
            earlier=count.earlier, median_hours_earlier=count.median_hours_earlier,
        )  # fmt: skip


class BacktestExampleRead(BaseModel):
    """An alert that makes the difference. It says neither who nor when."""

    model_config = ConfigDict(from_attributes=True)

    rule: str
    kind: Literal["only_draft", "only_live", "earlier"]
    stay_day: int | None = Field(description="1 is the first day of the stay.")
    comparison: str
    hours_earlier: float | None


class BacktestRead(FiguresRead):
    """What a draft would have done, beside the rules in force."""

    model_config = ConfigDict(json_schema_extra={"examples": [BACKTEST]})

    program_id: UUID
    live: LiveFiguresRead
    by_rule: list[RuleBacktestRead] = Field(
        description="The safety floor's rules and the draft's, then those that only the rules in force have."
    )
    examples: list[BacktestExampleRead] = Field(max_length=MOST_EXAMPLES)
    assumption: str
    took_seconds: float

    @classmethod
    def of(cls, program_id: UUID, rules: Compared, tally: Tally, seconds: float) -> Self:
        """What was counted, as it travels."""
        titles = rules_of(rules, tally)
        live = FiguresRead.figures(tally, tally.live_alerts) | {"version": rules.live.version}
        return cls.model_validate(
            {
                **FiguresRead.figures(tally, tally.alerts),
                "program_id": program_id,
                "live": live,
                "by_rule": [
                    RuleBacktestRead.of(code, title, tally.by_rule[code], tally.check_ins)
                    for code, title in titles.items()
                ],
                "examples": [
                    BacktestExampleRead.model_validate(each) for each in spread(tally, list(titles))
                ],
                "assumption": ASSUMPTION,
                "took_seconds": round(seconds, 2),
            }
        )


def _rate(part: float, of: float) -> float | None:
    return round(part / of, 2) if of else None
