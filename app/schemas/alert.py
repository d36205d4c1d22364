"""Alerts as they travel."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticKnownError

from app.ladders.ladder import Ladder, Tell
from app.models import Alert, AlertOccurrence
from app.rules.evaluate import Evidence, explain
from app.rules.rule import Rule, RuleEvidence, is_rule_error
from app.schemas.answer_examples import ALERT_DETAIL, ALERT_PAGE, ALERT_READ, EXPLANATION
from app.schemas.fields import Body, Text, Uuid7, Whole

Status = Literal["open", "acknowledged", "resolved"]
Severity = Literal["critical", "urgent", "high", "routine"]
Conclusion = Literal[
    "contacted", "safety_plan_reviewed", "assessed_no_action", "care_plan_changed", "higher_level_of_care",
    "emergency_services", "unreachable", "duplicate", "not_clinical",
]  # fmt: skip
Outcome = Literal[Conclusion, "made_up", "corrected"]
"""What came of an alert. The last two are those of one that settled itself: nobody gives them."""
EntryKind = Literal[
    "opened", "repeated", "reopened", "acknowledged", "resolved", "assigned", "noted", "told", "skipped",
    "undelivered", "ended", "expired", "snoozed", "woken", "restored", "declined", "answered_late",
    "answered_in_vain",
]  # fmt: skip


def _not_blank(value: str) -> str:
    if not value:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return value


class AcknowledgementBody(Body):
    """Nothing needs to be said: somebody has it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class ResolutionBody(Body):
    """What came of an alert, and how much of it was seen."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"outcome": "contacted", "note": "Spoke by phone; safe.", "occurrences_seen": 1}]
        }
    )

    outcome: Conclusion
    note: Text | None = None
    occurrences_seen: Annotated[Whole, Field(ge=1, description="`occurrences` of the alert as it was read.")]


class AssignmentBody(Body):
    """Whose alert it is from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"assignee_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e24"}]}
    )

    assignee_id: Uuid7


class NoteBody(Body):
    """A note for the alert's log. The id makes it safe to send again."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e25", "text": "Left a message."}]
        }
    )

    id: Uuid7
    text: Annotated[Text, AfterValidator(_not_blank)]


class SnoozeBody(Body):
    """For how long nobody is to be told."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"minutes": 120}]})

    minutes: Annotated[Whole, Field(ge=1, le=24 * 60)]


class AlertRead(BaseModel):
    """Work for the care team about one patient and one rule."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [ALERT_READ]})

    id: UUID
    patient_id: UUID
    patient_name: str
    program_id: UUID | None
    rule: str = Field(description="The rule's code.")
    rule_set_version: int = Field(description="The version that opened it.")
    severity: Severity
    floor: bool = Field(description="Raised by the safety floor, which nobody switches off.")
    status: Status
    title: str
    sentence: str = Field(description="The newest occurrence in one plain sentence.")
    opened_at: datetime
    due_at: datetime = Field(description="When somebody must have answered.")
    occurrences: int
    last_found_at: datetime
    assignee_id: UUID | None
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None = Field(
        description="Null in an acknowledged one: the outside crisis service has it."
    )
    resolved_at: datetime | None
    resolved_by: UUID | None = Field(
        description="Null in a resolved one: it settled itself, because what was missed was made up for"
        " (`made_up`), or the attendance was corrected (`corrected`)."
    )
    outcome: Outcome | None
    snoozed_until: datetime | None
    cycle: int = Field(description="How often people began to be told of it.")
    step: int = Field(description="The next step of its ladder, counted from 0 over the rounds.")
    next_at: datetime | None = Field(
        description="When Handrail next acts by itself: tells the next step, ends a snooze, or takes back an"
        " acknowledgement on which nothing followed. Null: not any more."
    )

    @classmethod
    def of(cls, alert: Alert, patient_name: str) -> Self:
        """An alert with its patient's name."""
        own = {**alert.__dict__, "patient_name": patient_name, "next_at": alert.timer_at}
        return cls.model_validate(own)


class AlertPage(BaseModel):
    """A part of a list of alerts."""

    model_config = ConfigDict(json_schema_extra={"examples": [ALERT_PAGE]})

    items: list[AlertRead]
    next_cursor: str | None


class AlertEntryRead(BaseModel):
    """One line of an alert's log. No author: the system itself, or the outside crisis service."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: EntryKind
    at: datetime
    author_id: UUID | None
    author_name: str | None
    assignee_id: UUID | None
    outcome: Outcome | None
    text: str | None
    cycle: int | None = Field(description="Null: from before there were ladders.")
    step: int | None = Field(description="The step of the ladder that was taken, failed or skipped.")
    tell: Tell | None = Field(description="Whom that step tells.")
    until: datetime | None = Field(description="When a snooze ends.")


class OccurrenceRead(BaseModel):
    """One finding on an alert."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    found_at: datetime
    sentence: str
    rule_set_version: int
    source_kind: str
    source_id: UUID
    source_revision: int


class AlertDetail(AlertRead):
    """An alert with its ladder, its log and its findings: the newest 200 of each, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [ALERT_DETAIL]})

    ladder: Ladder = Field(description="Who is told: as the program said when the alert opened.")
    log: list[AlertEntryRead] = []
    findings: list[OccurrenceRead] = []


class SourceRead(BaseModel):
    """The answer that a reading came from."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    id: UUID
    revision: int


class ReadingRead(BaseModel):
    """One value of one signal that the rule looked at."""

    model_config = ConfigDict(from_attributes=True)

    signal: str
    value: float | str
    at: datetime
    day: date
    received_at: datetime
    source: SourceRead
    decisive: bool = Field(False, description="Whether it decided the comparison.")


class Recomputed(BaseModel):
    """The same rule on the same evidence, evaluated again for this answer."""

    holds: bool
    same_sentence: bool


class ExplanationRead(BaseModel):
    """Why an alert was opened or repeated."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXPLANATION]})

    alert_id: UUID
    occurrence: int
    found_at: datetime
    rule_set_version: int
    rule: Rule | None = Field(description="The rule as it was then; null when it was the rule that failed.")
    sentence: str
    comparison: str
    as_of: datetime = Field(description="The moment as of which it was evaluated.")
    readings: list[ReadingRead]
    evidence: RuleEvidence
    next_step: str
    recomputed: Recomputed | None = Field(description="Null when the rule failed: there was no evidence.")

    @classmethod
    def of(cls, occurrence: AlertOccurrence) -> Self:
        """Read from what the occurrence keeps, and evaluated again."""
        definition, evidence = occurrence.definition, Evidence.from_json(occurrence.evidence)
        rule = None if is_rule_error(definition["code"]) else Rule.model_validate(definition)
        again = None if rule is None else _again(occurrence, rule, evidence)
        return cls(
            alert_id=occurrence.alert_id, occurrence=occurrence.number, found_at=occurrence.found_at,
            rule_set_version=occurrence.rule_set_version, rule=rule, sentence=occurrence.sentence,
            comparison=evidence.comparison, as_of=evidence.as_of, readings=_readings(evidence),
            evidence=RuleEvidence.model_validate(definition["evidence"]),
            next_step=definition["next_step"], recomputed=again,
        )  # fmt: skip


def _readings(evidence: Evidence) -> list[ReadingRead]:
    decisive = set(evidence.decisive)
    read: list[dict[str, Any]] = [
        {**each._asdict(), "decisive": each in decisive} for each in evidence.looked_at
    ]
    return [ReadingRead.model_validate(each) for each in read]


def _again(occurrence: AlertOccurrence, rule: Rule, evidence: Evidence) -> Recomputed:
    again = explain(rule, occurrence.rule_set_version, evidence, sentence=occurrence.sentence)
    return Recomputed(holds=again.holds, same_sentence=again.same_sentence)
