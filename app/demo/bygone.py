"""The alerts of the older history: what the rules found then, and what the care team did about it.

The findings are the evaluator's own, each over what was known at its moment. What became of the alerts is
invented, and is written all at once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from random import Random
from uuid import UUID

from sqlalchemy import update
from uuid_utils.compat import uuid7

from app.database import Db
from app.demo import rows
from app.demo.cast import Organization, Patient
from app.demo.story import Story
from app.ladders.calendar import WorkCalendar
from app.models import Alert, AlertEntry, AlertOccurrence, Event, FeedHead, Page, PageAttempt
from app.rules.replay import Found


class Bygone:
    """The older alerts of one organization. All are resolved before `until`."""

    def __init__(self, organization: Organization, until: datetime) -> None:
        self._organization = organization
        self._until = until
        self._chance = Random(f"{organization.key}/bygone/{until.date()}")  # noqa: S311 - invented care, no secret
        self._stories: list[Story] = []

    def add(self, patient: Patient, found: Iterable[Found], calendar: WorkCalendar) -> None:
        """What was found about a patient before `until`, in order."""
        standing: dict[str, Story] = {}
        for each in found:
            rule = each.finding.rule.code
            if rule in standing and not standing[rule].is_over(each):
                standing[rule].repeat(each)
                continue
            standing[rule] = Story(self._organization, patient, each, calendar, self._until, self._chance)
            self._stories.append(standing[rule])

    async def write(self, db: Db) -> None:
        """Keep it all, and tell the feed. Nothing else has happened in the organization yet."""
        for story in self._stories:
            story.close()
        entries = sorted((entry for story in self._stories for entry in story.entries), key=lambda e: e.at)
        for entry in entries:  # a log is read in the order of its ids
            entry.id = uuid7()
        await rows.insert_new(db, Alert, (story.alert for story in self._stories))
        await rows.insert_new(
            db, AlertOccurrence, (each for story in self._stories for each in story.occurrences)
        )
        await rows.insert_new(db, AlertEntry, entries)
        await rows.insert_new(db, Page, (story.page for story in self._stories))
        await rows.insert_new(db, PageAttempt, (story.attempt for story in self._stories))
        await self._tell_the_feed(db, entries)

    async def _tell_the_feed(self, db: Db, entries: Sequence[AlertEntry]) -> None:
        patients = {story.alert.id: story.alert.patient_id for story in self._stories}
        happened = [entry for entry in entries if entry.kind != "told"]
        so_far = Counter[UUID]()
        events = []
        for position, entry in enumerate(happened, 1):
            so_far[entry.alert_id] += 1
            event = Event(
                organization_id=self._organization.id, position=position, type=f"alert.{entry.kind}",
                alert_id=entry.alert_id, sequence=so_far[entry.alert_id],
                patient_id=patients[entry.alert_id], occurred_at=entry.at,
            )  # fmt: skip
            events.append(event)
        await rows.insert_new(db, Event, events)
        head = FeedHead.organization_id == self._organization.id
        await db.execute(update(FeedHead).where(head).values(position=len(events)))
