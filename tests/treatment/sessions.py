"""Sessions as rows, for tests that are about who comes to them: planned ahead, and to be reckoned."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.models import SeriesPlace, SessionSeries, TreatmentSession
from app.treatment.attendance import no_show_at
from app.treatment.minutes import Span
from app.treatment.policy import USUAL
from tests.people import Clinic

NEW_YORK = "America/New_York"
CODE = "402913"
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Timetable:
    """Where and when the sessions of one program take place."""

    engine: AsyncEngine
    organization_id: UUID
    program_id: UUID
    zone: str = NEW_YORK

    @classmethod
    def of(cls, clinic: Clinic) -> "Timetable":
        """Of Riverside's evening program."""
        return cls(clinic.app.state.engine, clinic.organization_id, clinic.program_id)

    @classmethod
    def of_nobody(cls) -> "Timetable":
        """For its clock alone."""
        return cls(None, UUID(int=0), UUID(int=0))  # type: ignore[arg-type]  # it plans nothing

    def moment(self, day: date, clock: str) -> datetime:
        """When the clock on the wall shows this."""
        hour, minute = map(int, clock.split(":"))
        wall = datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo(self.zone))
        return wall.astimezone(ZoneInfo("UTC"))

    async def group(
        self, starts_at: datetime, minutes: int = 180, *, places: tuple[UUID, ...] = (),
        waiting: tuple[UUID, ...] = (), everybody: bool = False, kind: str = "group",
        capacity: int | None = 12, created_at: datetime | None = None, title: str = "Evening group",
    ) -> UUID:  # fmt: skip
        """One session, planned a month ahead, in which those are expected who have a place. Its id."""
        series_id, session_id = uuid7(), uuid7()
        wall = starts_at.astimezone(ZoneInfo(self.zone))
        span = Span(starts_at, starts_at + timedelta(minutes=minutes))
        created_at = created_at or starts_at - MONTH
        common = {
            "organization_id": self.organization_id, "program_id": self.program_id, "kind": kind,
            "title": title, "time_zone": self.zone, "capacity": capacity, "room": "Room 2",
            "telehealth_url": None, "facilitator_ids": [], "created_at": created_at,
        }  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await db.add(
                SessionSeries(
                    id=series_id, starts_local=wall.replace(tzinfo=None), minutes=minutes, recurrence=None,
                    last_day=None, audience="program" if everybody else "places",
                    planned_until=wall.date(), extend_at=None, created_by=uuid7(), **common,
                ),
                TreatmentSession(
                    id=session_id, series_id=series_id, slot=wall.replace(tzinfo=None),
                    starts_at=span.start, ends_at=span.end, local_date=wall.date(), arrival_code=CODE,
                    is_exception=False, status="planned", cancelled_at=None, cancelled_by=None,
                    cancel_reason=None, reckon_at=no_show_at(span, USUAL), **common,
                ),
            )  # fmt: skip
            for patient_id in (*places, *waiting):
                await db.add(
                    _place(db.organization_id, series_id, patient_id, created_at, patient_id in places)
                )
        return session_id


def _place(
    organization_id: UUID | None, series_id: UUID, patient_id: UUID, now: datetime, is_placed: bool
) -> SeriesPlace:
    return SeriesPlace(
        organization_id=organization_id, id=uuid7(), series_id=series_id, patient_id=patient_id,
        status="placed" if is_placed else "waiting", first_day=now.date() - MONTH, left_on=None,
        asked_at=now, asked_by=patient_id, placed_at=now if is_placed else None,
    )  # fmt: skip
