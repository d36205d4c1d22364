"""One alert of the older history, from its finding to its end."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from uuid_utils.compat import uuid7

from app.demo import care, hours
from app.demo.cast import Organization, Patient, id_of
from app.demo.contacts import CHANNEL
from app.ladders.calendar import WorkCalendar
from app.ladders.due import due_at
from app.ladders.ladder import Tell
from app.models import Alert, AlertEntry, AlertOccurrence, Page, PageAttempt
from app.models.alert import PAGING
from app.rules.replay import Found

ON_THE_WAY: Final = timedelta(seconds=3)
"""From writing a page to the pager's answer."""


class Story:
    """An alert that a care team heard of, took up and closed before `until`."""

    def __init__(
        self, organization: Organization, patient: Patient, first: Found, calendar: WorkCalendar,
        until: datetime, chance: Random,
    ) -> None:  # fmt: skip
        rule = first.finding.rule
        self._patient, self._calendar, self._chance = patient, calendar, chance
        self._ladder = hours.ladder(patient.program, rule.severity)
        self.alert = Alert.opened(
            first.finding, organization_id=organization.id, patient_id=id_of("patient", patient.key),
            program_id=id_of("program", patient.program), due_at=self._due_at(first), ladder=self._ladder,
            now=first.at,
        )  # fmt: skip
        self.occurrences = [AlertOccurrence.of(self.alert, first.finding, first.source, first.at)]
        self.entries = [AlertEntry.about(self.alert, "opened", first.at)]
        told_at = self._told_at(first.at)
        heard = self._calendar.digest_from(told_at) if self._ladder.digest else told_at
        if heard >= until:
            told_at = heard = first.at
        self._tell(told_at, heard)
        self._times = care.times(rule.severity, heard, until, None, chance)
        if self._times.closed is None or self._times.closed >= until:
            self._times = care.times(rule.severity, heard, until, "resolved", chance)

    def is_over(self, found: Found) -> bool:
        """Whether the care team was through with it by then; what is pressing is never added to it later."""
        taken_up, closed = self._times
        assert taken_up is not None
        assert closed is not None
        is_over = closed <= found.at or (self.alert.severity in PAGING and taken_up <= found.at)
        if is_over:
            self._times = care.Times(taken_up, min(closed, found.at))
        return is_over

    def repeat(self, found: Found) -> None:
        """It was found once more."""
        self.alert.found_again(found.finding, due_at=self._due_at(found), ladder=self._ladder, now=found.at)
        self.occurrences.append(AlertOccurrence.of(self.alert, found.finding, found.source, found.at))
        self.entries.append(AlertEntry.about(self.alert, "repeated", found.at))

    def close(self) -> None:
        """The patient's counselor acknowledged it, and resolved it."""
        taken_up, closed = self._times
        assert taken_up is not None
        assert closed is not None
        counselor = id_of("staff", self._patient.counselor)
        outcome, note = care.outcome(self.alert.rule, self._chance)
        self.alert.acknowledge(counselor, taken_up)
        self.entries.append(AlertEntry.about(self.alert, "acknowledged", taken_up, by=counselor))
        self.alert.resolve(counselor, outcome, self.alert.occurrences, closed)
        self.entries.append(
            AlertEntry.about(self.alert, "resolved", closed, by=counselor, outcome=outcome, text=note)
        )

    def _tell(self, told_at: datetime, heard: datetime) -> None:
        """The first step: the primary counselor, before whom nobody else had to be told."""
        alert, reached = self.alert, heard + ON_THE_WAY
        alert.step = 1
        self.entries.append(AlertEntry.about(alert, "told", told_at, step=0, tell=Tell.PRIMARY))
        self.page = Page(
            organization_id=alert.organization_id, id=uuid7(), alert_id=alert.id,
            patient_id=alert.patient_id, cycle=1, step=0, tell=Tell.PRIMARY,
            recipient_id=id_of("staff", self._patient.counselor), channel=CHANNEL, severity=alert.severity,
            digest=self._ladder.digest, status="sent", created_at=told_at, due_at=heard, attempts=1,
            settled_at=reached,
        )  # fmt: skip
        self.attempt = PageAttempt(
            organization_id=alert.organization_id, page_id=self.page.id, number=1, at=reached, delivered=True,
            code="sent",
        )  # fmt: skip

    def _told_at(self, found: datetime) -> datetime:
        ladder = self._ladder
        return self._calendar.allowed_from(
            found, quiet_hours=ladder.quiet_hours, working_days=ladder.working_days
        )

    def _due_at(self, found: Found) -> datetime:
        rule = found.finding.rule
        return due_at(rule.severity, found.at, self._calendar, rule.answer_within_minutes)
