"""Work for the care team, opened by findings; and everything that happened to it."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from app.errors import Conflict, Unacceptable
from app.ladders.ladder import Ladder
from app.models.tables import Identified, Table, Tenanted, refers
from app.rules.evaluate import Finding
from app.rules.reading import Source

PAGING = {"critical", "urgent"}


class Alert(Identified, Table):
    """Work for the care team about one patient and one rule. At most one of the kind is unresolved.

    `ladder` is who is told, and when, as the program said when the alert opened. A `cycle` begins whenever it
    is climbed anew; `step` is the next one, counted over the rounds. `timer_at` is the next moment at which
    Handrail must act by itself: take that step, or end a snooze, or take back an acknowledgement on which
    nothing followed. Without it nothing is due: the alert is resolved, or its ladder has ended.
    """

    __tablename__ = "alert"
    __table_args__ = (
        refers("patient_id", "patient"),
        refers("program_id", "program"),
        refers("assignee_id", "staff_member", name="fk_alert_assignee"),
        CheckConstraint("status in ('open', 'acknowledged', 'resolved')", name="status"),
        CheckConstraint("severity in ('critical', 'urgent', 'high', 'routine')", name="severity"),
        Index(
            "uq_alert_unresolved",
            "organization_id",
            "patient_id",
            "rule",
            unique=True,
            postgresql_where=text("status <> 'resolved'"),
        ),
        Index(
            "ix_alert_due", "organization_id", "due_at", "id", postgresql_where=text("status <> 'resolved'")
        ),
        Index(
            "ix_alert_resolved",
            "organization_id",
            "resolved_at",
            "id",
            postgresql_where=text("status = 'resolved'"),
        ),
        Index(None, "organization_id", "patient_id", "opened_at"),
        Index("ix_alert_timer", "organization_id", "timer_at", postgresql_where=text("timer_at is not null")),
    )

    patient_id: Mapped[UUID]
    program_id: Mapped[UUID | None]
    rule: Mapped[str]
    rule_set_version: Mapped[int]
    severity: Mapped[str]
    floor: Mapped[bool]
    status: Mapped[str]
    title: Mapped[str]
    sentence: Mapped[str]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    occurrences: Mapped[int]
    last_found_at: Mapped[datetime]
    lived_at: Mapped[datetime]
    assignee_id: Mapped[UUID | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[UUID | None]
    outcome: Mapped[str | None]
    ladder: Mapped[dict[str, Any]]
    cycle: Mapped[int]
    step: Mapped[int]
    timer_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]

    @classmethod
    def opened(
        cls, finding: Finding, *, organization_id: UUID, patient_id: UUID, program_id: UUID | None,
        due_at: datetime, ladder: Ladder, now: datetime,
    ) -> Self:  # fmt: skip
        """A new alert for a finding; its ladder is to be climbed from now on."""
        return cls(
            organization_id=organization_id, id=uuid7(), patient_id=patient_id, program_id=program_id,
            rule=finding.rule.code, rule_set_version=finding.version, severity=finding.rule.severity,
            floor=finding.rule.floor, status="open", title=finding.rule.title, sentence=finding.sentence,
            opened_at=now, due_at=due_at, occurrences=1, last_found_at=now,
            lived_at=finding.evidence.lived_at, ladder=ladder.model_dump(mode="json"), cycle=1, step=0,
            timer_at=now,
        )  # fmt: skip

    def found_again(self, finding: Finding, *, due_at: datetime, ladder: Ladder, now: datetime) -> bool:
        """Count another occurrence. True when that took back an acknowledgement: it was given for less.

        What is now more or less pressing gets the ladder of its new severity. What is pressing is climbed
        anew from the foot of that one, and where nobody was being told: acknowledged, snoozed, or at its end.
        """
        self.occurrences += 1
        self.last_found_at = now
        has_new_ladder = False
        if (lived_at := finding.evidence.lived_at) >= self.lived_at:  # else it is late, and older news
            if has_new_ladder := self.severity != finding.rule.severity:
                self.ladder = ladder.model_dump(mode="json")
            self.lived_at, self.sentence, self.title = lived_at, finding.sentence, finding.rule.title
            self.severity, self.rule_set_version = finding.rule.severity, finding.version
            self.due_at = min(self.due_at, due_at)
        if finding.rule.severity not in PAGING:
            return False
        was_acknowledged = self.status == "acknowledged"
        rests = was_acknowledged or self.snoozed_until is not None or self.timer_at is None
        if rests or has_new_ladder:
            self.reopen(now)
        if was_acknowledged:
            self.due_at = due_at
        return was_acknowledged

    def acknowledge(self, by: UUID | None, now: datetime) -> bool:
        """Somebody has it, for as long as the ladder says. False when somebody had it already.

        Nobody of the staff is the outside crisis service. Raises `Conflict` once resolved.
        """
        self._refuse_resolved()
        if self.status == "acknowledged":
            return False
        self.status, self.acknowledged_by, self.acknowledged_at = "acknowledged", by, now
        self.assignee_id = self.assignee_id or by
        self.snoozed_until = None
        self.hold(now)
        return True

    def hold(self, now: datetime) -> None:
        """Something is being done about it: an acknowledgement holds from now on anew."""
        if self.status == "acknowledged" and self.snoozed_until is None:
            self.timer_at = now + timedelta(minutes=self.ladder["hold_minutes"])

    def snooze(self, until: datetime) -> None:
        """Let the ladder rest. Raises `Conflict` once resolved, and always when it is critical."""
        self._refuse_resolved()
        if self.severity == "critical":
            raise Conflict("never_snoozed", "A critical alert cannot be snoozed.")
        self.snoozed_until = self.timer_at = until

    def reopen(self, now: datetime) -> None:
        """Nobody has it any more: the ladder is climbed anew, from its foot."""
        self.status, self.acknowledged_at, self.acknowledged_by = "open", None, None
        self.cycle, self.step, self.timer_at, self.snoozed_until = self.cycle + 1, 0, now, None

    def resolve(self, by: UUID, outcome: str, occurrences_seen: int, now: datetime) -> None:
        """Close it, with what came of it. Raises `Conflict` when a newer occurrence was not seen,
        `Unacceptable` for more occurrences than there are."""
        self._refuse_resolved()
        if occurrences_seen > self.occurrences:
            raise Unacceptable.at("/occurrences_seen", "too_large", "There are not as many occurrences.")
        if occurrences_seen < self.occurrences:
            raise Conflict(
                "newer_occurrence",
                "There is a newer occurrence than you have seen; read the alert again.",
                {"occurrences": self.occurrences},
            )
        self.status, self.resolved_by, self.resolved_at, self.outcome = "resolved", by, now, outcome
        self.timer_at = self.snoozed_until = None

    def close(self, outcome: str, now: datetime) -> None:
        """It has settled itself, and nobody closed it. Raises `Conflict` once resolved."""
        self._refuse_resolved()
        self.status, self.resolved_by, self.resolved_at, self.outcome = "resolved", None, now, outcome
        self.timer_at = self.snoozed_until = None

    def assign(self, to: UUID) -> None:
        """Make it somebody's. Raises `Conflict` once resolved."""
        self._refuse_resolved()
        self.assignee_id = to

    def _refuse_resolved(self) -> None:
        if self.status == "resolved":
            raise Conflict("already_resolved", "This alert is resolved.")


class AlertOccurrence(Tenanted, Table):
    """One finding on an alert, with the evidence to recompute it. One answer finds each rule at most once."""

    __tablename__ = "alert_occurrence"
    __table_args__ = (
        refers("alert_id", "alert"),
        Index(
            "uq_alert_occurrence_source",
            "organization_id",
            "source_id",
            "source_kind",
            "source_revision",
            "rule",
            unique=True,
        ),
    )

    alert_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    rule: Mapped[str]
    rule_set_version: Mapped[int]
    definition: Mapped[dict[str, Any]]
    evidence: Mapped[dict[str, Any]]
    sentence: Mapped[str]
    source_kind: Mapped[str]
    source_id: Mapped[UUID]
    source_revision: Mapped[int]
    found_at: Mapped[datetime]

    @classmethod
    def of(cls, alert: Alert, finding: Finding, source: Source, now: datetime) -> Self:
        """The newest occurrence of `alert`: the finding, the rule as it then was, the answer behind it."""
        return cls(
            organization_id=alert.organization_id, alert_id=alert.id, number=alert.occurrences,
            rule=finding.rule.code, rule_set_version=finding.version,
            definition=finding.rule.model_dump(mode="json", warnings=False),
            evidence=finding.evidence.to_json(), sentence=finding.sentence, source_kind=source.kind,
            source_id=source.id, source_revision=source.revision, found_at=now,
        )  # fmt: skip


class AlertEntry(Identified, Table):
    """One line of an alert's log: what happened, by whom (nobody is the system), when, and their words."""

    __tablename__ = "alert_entry"
    __table_args__ = (
        refers("alert_id", "alert"),
        CheckConstraint(
            "kind in ('opened', 'repeated', 'reopened', 'acknowledged', 'resolved', 'assigned', 'noted',"
            " 'told', 'skipped', 'undelivered', 'ended', 'expired', 'snoozed', 'woken', 'restored',"
            " 'declined', 'answered_late', 'answered_in_vain')",
            name="kind",
        ),
        Index(None, "organization_id", "alert_id", "id"),
    )

    alert_id: Mapped[UUID]
    kind: Mapped[str]
    at: Mapped[datetime]
    author_id: Mapped[UUID | None]
    assignee_id: Mapped[UUID | None]
    outcome: Mapped[str | None]
    text: Mapped[str | None]
    cycle: Mapped[int | None]
    step: Mapped[int | None]
    tell: Mapped[str | None]
    until: Mapped[datetime | None]

    @classmethod
    def about(
        cls, alert: Alert, kind: str, now: datetime, *, by: UUID | None = None,
        assignee_id: UUID | None = None, outcome: str | None = None, text: str | None = None,
        step: int | None = None, tell: str | None = None, until: datetime | None = None,
    ) -> Self:  # fmt: skip
        """A line about `alert`; `by` nobody is the system itself."""
        return cls(
            organization_id=alert.organization_id, id=uuid7(), alert_id=alert.id, kind=kind, at=now,
            author_id=by, assignee_id=assignee_id, outcome=outcome, text=text, cycle=alert.cycle, step=step,
            tell=tell, until=until,
        )  # fmt: skip
