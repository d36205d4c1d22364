"""Treatment sessions as rows, whatever may be planned by the API: each at a wall time of a place."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.models import Attendance, SeriesPlace, SessionSeries, TreatmentSession
from tests.people import Clinic, Person

ROOM, LINK = "Room 3; second floor", "https://meet.riverside.example/evening?of=1;2"


async def planned(
    clinic: Clinic, *starts: datetime, minutes: int = 180, audience: str = "program",
    led_by: Sequence[Person] = (), **changes: Any,
) -> list[UUID]:  # fmt: skip
    """A series of sessions that begin then, in the zone of the first one. Their ids."""
    zone = starts[0].tzinfo
    assert isinstance(zone, ZoneInfo)
    series_id, made = uuid7(), starts[0] - timedelta(days=30)
    tenant = {"organization_id": clinic.organization_id}
    shown: dict[str, Any] = {
        "program_id": clinic.program_id, "kind": "group", "title": "Relapse prevention",
        "time_zone": zone.key, "capacity": None, "room": ROOM, "telehealth_url": LINK, "created_at": made,
        "facilitator_ids": [str(each.id) for each in led_by],
    }  # fmt: skip
    series = SessionSeries(
        id=series_id, starts_local=starts[0].replace(tzinfo=None), minutes=minutes, recurrence=None,
        last_day=None, audience=audience, planned_until=starts[-1].date(), extend_at=None,
        created_by=clinic.sam.id, **tenant, **shown,
    )  # fmt: skip
    rows = []
    for starts_at in starts:
        values = {
            "slot": starts_at.replace(tzinfo=None), "starts_at": starts_at,
            "ends_at": starts_at.astimezone(UTC) + timedelta(minutes=minutes),
            "local_date": starts_at.date(), "arrival_code": "4711", "is_exception": False,
            "status": "planned", **shown, **changes,
        }  # fmt: skip
        rows.append(TreatmentSession(id=uuid7(), series_id=series_id, **tenant, **values))
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await db.add(series)
        await db.add(*rows)
    return [each.id for each in rows]


async def place(
    clinic: Clinic, session_id: UUID, person: Person, status: str = "placed", **dates: date | None
) -> None:
    """A place in the series of this session, or in its waiting list."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        one = await (await db.orm()).get_one(TreatmentSession, (clinic.organization_id, session_id))
        await db.add(
            SeriesPlace(
                organization_id=clinic.organization_id, id=uuid7(), series_id=one.series_id,
                patient_id=person.id, status=status, asked_at=now, asked_by=person.id,
                placed_at=None if status == "waiting" else now, **{"first_day": date(2026, 1, 5), **dates},
            )
        )  # fmt: skip


async def attends(
    clinic: Clinic, session_id: UUID, person: Person, status: str, changed_at: datetime, **more: Any
) -> UUID:
    """What is known of somebody in a session. Its id."""
    attendance = Attendance(
        organization_id=clinic.organization_id, id=uuid7(), session_id=session_id, patient_id=person.id,
        program_id=clinic.program_id, status=status, minutes=0, source="staff", wrong_codes=0, revision=1,
        changed_at=changed_at, **more,
    )  # fmt: skip
    async with unit_of_work(clinic.app.state.engine, clinic.organization_id) as db:
        await db.add(attendance)
    return attendance.id
