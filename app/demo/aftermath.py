"""What follows an alert of the last days: pages, steps of its ladder, and a care team that takes it up."""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from sqlalchemy import select

from app.access import Actor, Role
from app.database import Db
from app.demo import care
from app.demo.cast import Organization, Patient, id_of
from app.demo.scenes import Care
from app.demo.sequence import Act, Sequence
from app.demo.story import ON_THE_WAY
from app.models import Alert, Page, PageAttempt
from app.queries import alerts as stored
from app.rules.reading import Source
from app.services import alerts, ladders

LEFT_TO_THE_WORKER: Final = timedelta(minutes=1)
"""The sweep finds what fell due so lately: something happens while somebody looks."""


class Aftermath:
    """Of one organization."""

    def __init__(self, db: Db, organization: Organization, sequence: Sequence) -> None:
        self._db = db
        self._organization = organization
        self._sequence = sequence
        self._chance = Random(f"{organization.key}/{sequence.now.date()}")  # noqa: S311 - invented care, no secret

    async def expect(
        self, source: Source, patient: Patient, at: datetime, so_far: Care | None = None
    ) -> None:
        """The patient's counselor hears of what this brought to light, takes it up, and perhaps closes it."""
        for alert in await stored.opened_by(self._db, *source):
            pages = await self._waiting(alert)
            heard = min((page.due_at for page in pages), default=alert.timer_at or at)
            taken_up, closed = care.times(
                alert.severity, at if so_far else heard, self._sequence.now, so_far, self._chance
            )
            if taken_up is not None:
                self._sequence.at(taken_up, self._acknowledge(alert, alert.occurrences, patient))
            if closed is not None:
                self._sequence.at(closed, self._resolve(alert, alert.occurrences, patient))
            self._expect_time(alert, pages)

    def _expect_time(self, alert: Alert, pages: list[Page]) -> None:
        """What Handrail does by itself, unless somebody is faster."""
        for page in pages:
            self._sequence.at(page.due_at + ON_THE_WAY, self._deliver(page, alert))
        if alert.timer_at is not None and alert.timer_at <= self._sequence.now - LEFT_TO_THE_WORKER:
            self._sequence.at(alert.timer_at, self._ring(alert))

    def _deliver(self, page: Page, alert: Alert) -> Act:
        async def act(at: datetime) -> None:
            if page.status != "waiting":
                return
            is_wanted = alert.status == "open" and alert.snoozed_until is None
            page.status, page.settled_at, page.look_at = "sent" if is_wanted else "dropped", at, None
            if is_wanted:
                page.attempts = 1
                await self._db.add(
                    PageAttempt(
                        organization_id=page.organization_id, page_id=page.id, number=1, at=at,
                        delivered=True, code="sent",
                    )
                )  # fmt: skip
            await self._db.flush()

        return act

    def _ring(self, alert: Alert) -> Act:
        async def act(at: datetime) -> None:
            if await ladders.ring(self._db, alert.id, at):
                self._expect_time(alert, await self._waiting(alert))

        return act

    def _acknowledge(self, alert: Alert, seen: int, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            if alert.status == "open" and alert.occurrences == seen:
                await alerts.acknowledge(self._db, self.as_counselor(patient), alert.id, at)
                self._expect_time(alert, [])

        return act

    def _resolve(self, alert: Alert, seen: int, patient: Patient) -> Act:
        async def act(at: datetime) -> None:
            if alert.status == "resolved" or alert.occurrences != seen:
                return
            outcome, note = care.outcome(alert.rule, self._chance)
            await alerts.resolve(
                self._db, self.as_counselor(patient), alert.id, outcome=outcome, note=note,
                occurrences_seen=seen, now=at,
            )  # fmt: skip

        return act

    async def _waiting(self, alert: Alert) -> list[Page]:
        mine = Page.organization_id == alert.organization_id
        waiting = select(Page).where(mine, Page.alert_id == alert.id, Page.status == "waiting")
        return list(await self._db.scalars(waiting))

    def as_counselor(self, patient: Patient) -> Actor:
        """Who acts for this patient's team."""
        key = patient.counselor
        return Actor(
            self._organization.id, "staff", id_of("staff", key), Role.COUNSELOR, id_of("credential", key)
        )
