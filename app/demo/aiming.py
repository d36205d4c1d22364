"""The goals of the demonstration as they are kept, with signatures, progress and reviews."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from app.database import Db
from app.demo import rows
from app.demo.aims import AIMS, Aim
from app.demo.cast import Organization, Patient, id_at, id_of
from app.demo.past import ON_THE_WAY
from app.demo.rows import Row
from app.ladders.wall import moment_of
from app.models import Goal, GoalProgress, GoalReview, GoalSignature, GoalVersion
from app.services.answers import fingerprint

_NOTED_AT, _MET_AT = time(7, 15), time(14)
_DAY: Final = timedelta(days=1)


class Agreed:
    """One goal as rows. It was written, and signed, on the day before it starts."""

    def __init__(
        self, organization: Organization, patient: Patient, aim: Aim, zone: ZoneInfo, now: datetime
    ) -> None:
        self.patient, self._aim, self._zone = patient, aim, zone
        self._today = now.astimezone(zone).date()
        self._starts_on = self._today - aim.days_ago * _DAY
        self._terms = aim.terms(self._starts_on)
        self._at = self._moment(-1, _MET_AT)
        self.id = id_at(self._at, "goal", patient.key)
        self._counselor = id_of("staff", patient.counselor)
        self._whose = {"organization_id": organization.id, "patient_id": id_of("patient", patient.key)}

    @property
    def looked_at(self) -> Sequence[datetime]:
        """When the sweep looked at it, of late: at midnight. A draft stands still."""
        days = (self._aim.days_ago - 1, self._aim.days_ago) if self._aim.is_agreed else ()
        return [self._moment(day, time()) for day in days]

    def row(self) -> Row:
        """The goal itself, as it stood before that."""
        is_agreed, every = self._aim.is_agreed, self._terms.review_every_days
        review_on = self._starts_on + (len(self._reviewed()) + 1) * every * _DAY if every else None
        last = self._moment(max(self._aim.done, default=-1), _NOTED_AT)
        return dict(
            **self._whose, id=self.id, program_id=id_of("program", self.patient.program), version=1,
            agreed_version=1 if is_agreed else None, status=self._aim.status if is_agreed else "draft",
            status_since=last if self._aim.status == "achieved" else self._at,
            look_at=self.looked_at[0] if is_agreed else None, review_on=review_on if is_agreed else None,
            closed_at=None, closed_by=None, close_reason=None, created_at=self._at,
            created_by=self._counselor, row_version=1,
        )  # fmt: skip

    def version(self) -> Row:
        """Its only wording."""
        return dict(
            **self._whose, goal_id=self.id, number=1, terms=self._terms.model_dump(mode="json"), reason=None,
            author_id=self._counselor, at=self._at,
        )  # fmt: skip

    def signatures(self) -> Iterator[Row]:
        """Who has signed it, on one evening."""
        for number, signed_as in enumerate(self._aim.signed, 1):
            signer = self._whose["patient_id"] if signed_as == "patient" else self._counselor
            at = self._at + number * timedelta(minutes=5)
            yield dict(
                **self._whose, goal_id=self.id, version=1, signed_as=signed_as, signer_id=signer, at=at
            )

    def progress(self) -> Iterator[Row]:
        """What the patient noted, each in the morning of its day."""
        for day, value in self._aim.done.items():
            at, zone = self._moment(day, _NOTED_AT), self._zone.key
            yield dict(
                **self._whose, id=id_at(at, "progress", self.patient.key), goal_id=self.id, occurred_at=at,
                filed_at=at, local_date=self._starts_on + day * _DAY, time_zone=zone,
                received_at=at + ON_THE_WAY, value=value, note=None, author_id=self._whose["patient_id"],
                fingerprint=fingerprint(at, zone, value, None), withdrawn_at=None,
            )  # fmt: skip

    def reviews(self) -> Iterator[Row]:
        """When patient and counselor looked at it together."""
        every = self._terms.review_every_days or 0
        for day in self._reviewed():
            at = self._moment(day, _MET_AT)
            yield dict(
                **self._whose, id=id_at(at, "review", self.patient.key), goal_id=self.id, at=at,
                by=self._counselor, note=None, next_review_on=self._starts_on + (day + every) * _DAY,
            )  # fmt: skip

    def _reviewed(self) -> Sequence[int]:
        """On which of its days it was looked at."""
        every = self._terms.review_every_days
        days = range(every, self._aim.days_ago, every) if every and self._aim.is_agreed else ()
        return days[:-1] if self._aim.is_overdue else days

    def _moment(self, day: int, at: time) -> datetime:
        """A time on one of its days, counted from 0."""
        return moment_of(self._starts_on + day * _DAY, at, self._zone)


def agreed(organization: Organization, now: datetime) -> Sequence[Agreed]:
    """The goals of an organization's patients."""
    zones = {program.key: ZoneInfo(program.time_zone) for program in organization.programs}
    patients = {patient.key: patient for patient in organization.patients}
    mine = [(aim, patients[aim.patient]) for aim in AIMS if aim.patient in patients]
    return [Agreed(organization, patient, aim, zones[patient.program], now) for aim, patient in mine]


async def write(db: Db, goals: Sequence[Agreed]) -> None:
    """Keep them."""
    await rows.insert(db, Goal, [goal.row() for goal in goals])
    await rows.insert(db, GoalVersion, [goal.version() for goal in goals])
    await rows.insert(db, GoalSignature, [row for goal in goals for row in goal.signatures()])
    await rows.insert(db, GoalProgress, [row for goal in goals for row in goal.progress()])
    await rows.insert(db, GoalReview, [row for goal in goals for row in goal.reviews()])
