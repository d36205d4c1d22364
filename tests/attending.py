"""Sessions and attendances as rows, each entry watched as whoever records one does it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from app.database import Db, unit_of_work
from app.models import (
    Attendance,
    AttendanceEntry,
    Goal,
    GoalStanding,
    HoursStanding,
    SeriesPlace,
    SessionSeries,
    TreatmentSession,
)
from app.rules.reading import Source
from app.services import happenings

ZONE = "America/New_York"


@dataclass(frozen=True)
class Room:
    """Where the sessions of one program take place."""

    engine: AsyncEngine
    organization_id: UUID
    program_id: UUID

    async def plan(
        self, starts_at: datetime, minutes: int = 180, *, zone: str = ZONE, places: tuple[UUID, ...] = (),
        everybody: bool = False,
    ) -> UUID:  # fmt: skip
        """One session: for those who have a place, or for everybody in the program. Its id."""
        series_id, session_id = uuid7(), uuid7()
        wall = starts_at.astimezone(ZoneInfo(zone))
        common = {
            "organization_id": self.organization_id, "program_id": self.program_id, "kind": "group",
            "title": "Evening group", "time_zone": zone, "capacity": 12, "room": None,
            "telehealth_url": None, "facilitator_ids": [], "created_at": starts_at - timedelta(days=30),
        }  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await db.add(
                SessionSeries(
                    id=series_id, starts_local=wall.replace(tzinfo=None), minutes=minutes, recurrence=None,
                    last_day=None, audience="program" if everybody else "places",
                    planned_until=wall.date(), extend_at=None, created_by=uuid7(), **common,
                ),
                TreatmentSession(
                    id=session_id, series_id=series_id, slot=wall.replace(tzinfo=None), starts_at=starts_at,
                    ends_at=starts_at + timedelta(minutes=minutes), local_date=wall.date(),
                    arrival_code="4711", is_exception=False, status="planned", cancelled_at=None,
                    cancelled_by=None, cancel_reason=None, reckon_at=None, **common,
                ),
            )  # fmt: skip
            for patient_id in places:
                await db.add(
                    SeriesPlace(
                        organization_id=self.organization_id, id=uuid7(), series_id=series_id,
                        patient_id=patient_id, status="placed", first_day=wall.date() - timedelta(days=400),
                        left_on=None, asked_at=starts_at, asked_by=uuid7(), placed_at=starts_at,
                    )
                )  # fmt: skip
        return session_id

    async def record(
        self, patient_id: UUID, session_id: UUID, status: str, now: datetime, minutes: int = 0
    ) -> Source:
        """The next state of an attendance, kept at this moment, and watched unless it is expected or the same
        as before."""
        async with unit_of_work(self.engine, self.organization_id) as db:
            entry, is_news = await self._written(db, patient_id, session_id, status, now, minutes)
            source = Source("attendance", entry.attendance_id, entry.revision)
            if is_news:
                await happenings.watch(db, patient_id, source, at=entry.filed_at, now=now)
        return source

    async def _written(
        self, db: Db, patient_id: UUID, session_id: UUID, status: str, now: datetime, minutes: int
    ) -> tuple[AttendanceEntry, bool]:
        cursor = await (await db.driver()).execute(
            "select s.starts_at, s.local_date, a.id, a.revision, a.status, a.minutes from treatment_session s"
            " left join attendance a on a.session_id = s.id and a.patient_id = %s where s.id = %s",
            (patient_id, session_id),
        )
        row = await cursor.fetchone()
        assert row is not None
        starts_at, day, attendance_id, revision, *before = row
        state = {"status": status, "minutes": minutes, "source": "staff", "left_at": None, "arrived_at": None}
        whose = {
            "organization_id": self.organization_id, "program_id": self.program_id,
            "session_id": session_id, "patient_id": patient_id, "changed_by": None,
        }  # fmt: skip
        if attendance_id is None:
            attendance_id, revision = uuid7(), 0
            await db.add(
                Attendance(
                    id=attendance_id, notice_kind=None, notice_reason=None, notice_at=None, excused_by=None,
                    makes_up_id=None, wrong_codes=0, revision=1, changed_at=now, **whose, **state,
                )
            )  # fmt: skip
        else:
            await (await db.driver()).execute(
                "update attendance set status = %s, minutes = %s, revision = revision + 1, changed_at = %s"
                " where id = %s",
                (status, minutes, now, attendance_id),
            )
        entry = AttendanceEntry(
            attendance_id=attendance_id, revision=revision + 1, filed_at=starts_at, local_date=day,
            received_at=now, reason=None, **whose, **state,
        )  # fmt: skip
        await db.add(entry)
        return entry, status != "expected" and before != [status, minutes]

    async def agree_on_a_goal(self, patient_id: UUID, now: datetime) -> UUID:
        """A goal on its way. Its id."""
        goal = Goal(
            organization_id=self.organization_id, id=uuid7(), patient_id=patient_id,
            program_id=self.program_id, version=1, agreed_version=1, status="on_track", status_since=now,
            look_at=None, review_on=None, closed_at=None, closed_by=None, close_reason=None, created_at=now,
            created_by=patient_id,
        )  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await db.add(goal)
        return goal.id

    async def goal_stands(self, patient_id: UUID, goal_id: UUID, now: datetime, *, behind: bool) -> Source:
        """That a goal fell behind, or caught up."""
        standing = GoalStanding(
            organization_id=self.organization_id, id=uuid7(), goal_id=goal_id, patient_id=patient_id,
            program_id=self.program_id, at=now, local_date=_day(now), behind=behind,
        )  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await db.add(standing)
            source = Source("goal", standing.id)
            await happenings.watch(db, patient_id, source, at=now, now=now)
        return source

    async def hours_stand(
        self, patient_id: UUID, enrollment_id: UUID, now: datetime, shortfall_minutes: int
    ) -> Source:
        """How a week stood against nine hours."""
        standing = HoursStanding(
            organization_id=self.organization_id, id=uuid7(), enrollment_id=enrollment_id,
            patient_id=patient_id, program_id=self.program_id,
            week_of=_day(now) - timedelta(days=_day(now).weekday()), at=now, local_date=_day(now),
            required_minutes=540, projected_minutes=540 - shortfall_minutes,
            shortfall_minutes=shortfall_minutes,
        )  # fmt: skip
        async with unit_of_work(self.engine, self.organization_id) as db:
            await db.add(standing)
            source = Source("hours", standing.id)
            await happenings.watch(db, patient_id, source, at=now, now=now)
        return source


def _day(now: datetime) -> date:
    return now.astimezone(ZoneInfo(ZONE)).date()
