"""What a goal says: its terms, of which a draft may lack any."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Area = Literal["sobriety", "mental_health", "life_skills", "family", "health", "other"]
Direction = Literal["increase", "decrease"]
Counts = Literal["sum", "latest", "days"]
FedBy = Literal["meetings_attended", "used", "session.attended", "session.minutes"]
"""What a goal may be read from, so that nobody enters it twice: two answers of check-ins, and attendance."""

Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-1e9, le=1e9)]
_CONTROL = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
Unit = Annotated[
    str,
    StringConstraints(
        strict=True,
        strip_whitespace=True,
        min_length=1,
        max_length=40,
        pattern=rf"^[^{_CONTROL}]*[^\s{_CONTROL}][^{_CONTROL}]*$",
    ),
    Field(examples=["meetings"]),
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Measure(_Part):
    """How a goal is counted: from the baseline to the target, in one unit."""

    unit: Unit | None = None
    baseline: Amount | None = Field(None, description="Where it starts, before any entry.")
    target: Amount | None = Field(None, description="Where it is reached.")
    direction: Direction | None = None
    counts: Counts | None = Field(
        None,
        description="`sum`: entries add up. `latest`: the last entry is the value. `days`: each day with an"
        " entry above 0 is one. Left out, it is `latest` when the number is to go down, else `days` for"
        " something daily, else `sum`. What feeds a goal is counted in its own way, whatever stands here.",
    )


class Once(_Part):
    """One thing, by the due date."""

    kind: Literal["once"]


class Daily(_Part):
    """Every day."""

    kind: Literal["daily"]


class Weekly(_Part):
    """So many times in each week; weeks are counted from the day on which the goal starts."""

    kind: Literal["weekly"]
    times: Annotated[int, Field(ge=1, le=50)]


class ByDate(_Part):
    """Whenever it suits, evenly up to the due date."""

    kind: Literal["by_date"]


REVIEW_EVERY_DAYS = 14
"""How often a goal is reviewed when nothing is said of it: a design choice [D]."""

Cadence = Annotated[Once | Daily | Weekly | ByDate, Field(discriminator="kind")]


class Terms(BaseModel):
    """One wording of a goal; None is what it lacks. `starts_on` and `due_on` both belong to it.

    `relevance` is in the patient's words, `confidence` is 0 (not at all) to 10.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    area: Area | None = None
    statement: str | None = None
    measure: Measure | None = None
    relevance: str | None = None
    confidence: Annotated[int, Field(ge=0, le=10)] | None = None
    starts_on: date | None = None
    due_on: date | None = None
    cadence: Cadence | None = None
    fed_by: FedBy | None = None
    review_every_days: Annotated[int, Field(ge=1, le=90)] | None = None

    @property
    def counts(self) -> Counts:
        """How entries make up the value; what feeds a goal decides it, then what was said, then the rest."""
        if self.fed_by is not None:
            return "days" if self.fed_by == "used" else "sum"
        measure = self.measure or Measure()
        if measure.counts is not None:
            return measure.counts
        if measure.direction == "decrease":
            return "latest"
        return "days" if isinstance(self.cadence, Daily) else "sum"

    @property
    def reviewed_every(self) -> int:
        """How many days lie between two reviews."""
        return self.review_every_days or REVIEW_EVERY_DAYS

    def holds(self, day: date) -> bool:
        """Whether an entry of this day belongs to the goal: not before it starts, nor after it is due."""
        is_early = self.starts_on is not None and day < self.starts_on
        is_late = self.due_on is not None and day > self.due_on
        return not is_early and not is_late
