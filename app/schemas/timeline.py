"""The timeline of an alert as it travels."""

from datetime import datetime
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from app.ladders.ladder import Ladder, Tell
from app.models import Alert
from app.schemas.alert import EntryKind
from app.schemas.ladder_examples import TIMELINE
from app.schemas.on_call import StaffRef

PageKind = Literal["page_intended", "page_attempted", "page_sent", "page_failed", "page_dropped"]
Does = Literal["tell_next_step", "end_ladder", "end_snooze", "take_back_acknowledgement"]


class MomentRead(BaseModel):
    """One thing that happened: a line of the log, a finding, or what became of a page."""

    at: datetime
    kind: EntryKind | PageKind | Literal["found"]
    cycle: int | None = Field(description="The time that people were being told of it, from 1.")
    step: int | None = Field(description="The step of the ladder, counted from 0 over the rounds.")
    tell: Tell | None = Field(description="Whom the step tells.")
    recipient: StaffRef | None = Field(
        description="Who was paged, or was given the alert. Null with a channel: the outside crisis service."
    )
    channel: str | None = Field(description="By what the page goes. Addresses are not shown.")
    outcome: str | None = Field(description="Of a resolution, or of an attempt to deliver a page.")
    author: StaffRef | None = Field(description="Null: Handrail itself.")
    until: datetime | None = Field(description="When a snooze ends, or a page that waits is to go out.")
    text: str | None = Field(description="A note's, or the sentence of the finding.")
    occurrence: int | None = Field(description="Of a finding: its number.")


class Next(BaseModel):
    """What Handrail does next by itself, if nobody does anything."""

    at: datetime
    does: Does
    tell: Tell | None = Field(description="Who is told then; null when its ladder is at its end.")

    @classmethod
    def of(cls, alert: Alert) -> Self | None:
        """From the alert's timer; None when nothing will happen by itself."""
        if alert.timer_at is None:
            return None
        begins_anew = alert.snoozed_until is not None or alert.status == "acknowledged"
        step = Ladder.model_validate(alert.ladder).step(0 if begins_anew else alert.step)
        does: Does = "tell_next_step" if step else "end_ladder"
        if begins_anew:
            does = "end_snooze" if alert.snoozed_until else "take_back_acknowledgement"
        return cls(at=alert.timer_at, does=does, tell=step.tell if step else None)


class Timeline(BaseModel):
    """What happened to an alert, the newest 500, oldest first; and what comes next."""

    model_config = ConfigDict(json_schema_extra={"examples": [TIMELINE]})

    items: list[MomentRead]
    next: Next | None = Field(description="Null: nothing happens by itself any more.")
