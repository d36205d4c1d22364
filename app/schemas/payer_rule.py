"""What payers require of a week, as it travels."""

from datetime import date, datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.models import PayerRule
from app.schemas.fields import Body, Code, Day, Line, Uuid7, WholeNumber
from app.schemas.hours_examples import MEDICARE, PAYER_RULE, PAYER_RULE_BODY
from app.schemas.program import LevelOfCare, WeeklyHours
from app.treatment.requirement import HoursRule

Age = Annotated[int, Field(ge=0, le=120, description="Whole years on the day, included."), WholeNumber]
DailyMinutes = Annotated[int, Field(ge=1, le=1440), WholeNumber]
Days = Annotated[int, Field(ge=1, le=7), WholeNumber]
Payer = Annotated[Code, Field(description="Whom it is of: what a stay names.", examples=["medicare"])]


class PayerRuleBody(Body):
    """A new rule of a payer. It never changes; see `first_day` and `last_day`."""

    model_config = ConfigDict(json_schema_extra={"examples": [PAYER_RULE_BODY]})

    id: Uuid7 | None = None
    payer: Payer
    name: Line
    level_of_care: LevelOfCare
    minimum_age: Age | None = None
    maximum_age: Age | None = None
    first_day: Day = Field(
        description="From here on it takes the place of an earlier rule of this payer for the same level of "
        "care and ages, also of one that comes with Handrail."
    )
    last_day: Day | None = Field(
        None, description="After it nothing is required by this payer, unless a later rule says so."
    )
    minimum_hours: WeeklyHours
    maximum_hours: WeeklyHours | None = None
    daily_minimum_minutes: DailyMinutes | None = None
    minimum_days: Days | None = None
    citation: Line = Field(description="Where it stands.")


class PayerRuleRead(BaseModel):
    """A rule of a payer; or, without a payer, of a level of care for whoever pays."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [MEDICARE, PAYER_RULE]})

    id: UUID | None = Field(description="Null: it comes with Handrail.")
    code: str | None = Field(description="Of one that comes with Handrail.")
    payer: str | None
    name: str
    level_of_care: str
    minimum_age: int | None
    maximum_age: int | None
    first_day: date | None = Field(description="Null: its beginning is not on record.")
    last_day: date | None
    minimum_hours: float | None
    maximum_hours: float | None
    daily_minimum_minutes: int | None
    minimum_days: int | None
    evidence: Literal["published", "recalled"] | None = Field(
        description="`recalled`: check it before you rely on it. Null: the organization's own."
    )
    citation: str
    created_at: datetime | None
    created_by: UUID | None

    @classmethod
    def shipped(cls, rule: HoursRule) -> Self:
        """One that comes with Handrail."""
        nobody = {"id": None, "created_at": None, "created_by": None}
        return cls.model_validate({**rule.model_dump(), **nobody})

    @classmethod
    def own(cls, rule: PayerRule) -> Self:
        """One of the organization."""
        columns = {name: getattr(rule, name) for name in cls.model_fields.keys() - {"code", "evidence"}}
        return cls.model_validate({**columns, "code": None, "evidence": None})


class PayerRulePage(BaseModel):
    """The rules that come with Handrail, on the first page, and a page of the organization's own."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"shipped": [MEDICARE], "items": [PAYER_RULE], "next_cursor": None}]}
    )

    shipped: list[PayerRuleRead]
    items: list[PayerRuleRead] = Field(description="In the order in which they were added.")
    next_cursor: str | None
