"""The front desk of the demonstration: while it runs people come to their sessions, most of them in time.

Without it everybody would be missing from everything that was planned. Only the demonstration's own series
are seen to, whatever else a visitor plans.
"""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from app import clock
from app.access import Actor, Role
from app.database import Db, unit_of_work
from app.demo import rows
from app.demo.cast import ORGANIZATIONS, Organization, id_at, id_of
from app.demo.timetable import timetable
from app.models import Attendance, AttendanceEntry, TreatmentSession
from app.queries.rosters import expected_in
from app.services import rosters
from app.services.attendance_entries import blank
from app.services.rosters import Item
from app.treatment.minutes import Span, present
from app.treatment.recording import Said

log = structlog.get_logger()
LOOK_SECONDS: Final = 20.0
_EARLY, _MINUTES = timedelta(minutes=3), 12
_LONGEST: Final = timedelta(days=60)
_STAYS_AWAY: Final = 14
"""One in so many does not come."""


async def keep(engine: AsyncEngine) -> None:
    """Receive whoever comes, until cancelled. Whatever could not be written down is tried again."""
    while True:
        for organization in ORGANIZATIONS:
            try:
                await receive(engine, organization, clock.now())
            except Exception as failure:  # noqa: BLE001 - the database may be away, or a session be gone
                log.warning("desk_disturbed", code=type(failure).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def receive(engine: AsyncEngine, organization: Organization, now: datetime) -> None:
    """Write down who has come by now to the sessions that are under way."""
    async with unit_of_work(engine, organization.id) as db:
        running = [each for each in await _open(db, organization, now) if now < each.ends_at]
    for sitting in running:
        async with unit_of_work(engine, organization.id) as db:
            come = [
                Item(patient_id, Said("arrived", arrived_at))
                for patient_id in await _awaited(db, sitting.id)
                if not _stays_away(sitting.id, patient_id)
                and (arrived_at := _arrives_at(sitting, patient_id)) <= now
            ]
            if come:
                await rosters.record(db, _facilitator(organization, sitting), sitting.id, come, now)


async def catch_up(db: Db, organization: Organization, now: datetime) -> None:
    """Let everybody have been in the sessions that took place while the demonstration was not running."""
    known: list[Attendance] = []
    entries: list[AttendanceEntry] = []
    for sitting in await _open(db, organization, now):
        if sitting.ends_at <= now:
            attended = [_attended(sitting, each) for each in await _awaited(db, sitting.id)]
            known += attended
            entries += (_entry(sitting, each) for each in attended)
    await rows.insert_new(db, Attendance, known)
    await rows.insert_new(db, AttendanceEntry, entries)


async def _open(db: Db, organization: Organization, now: datetime) -> Sequence[TreatmentSession]:
    """The sessions that have begun, or almost, and in which somebody is still to be looked for."""
    series = [id_of("series", held.key) for held in timetable(organization, now.date())]
    statement = select(TreatmentSession).where(
        TreatmentSession.organization_id == organization.id,
        TreatmentSession.series_id.in_(series),
        TreatmentSession.status == "planned",
        TreatmentSession.reckon_at.is_not(None),
        TreatmentSession.starts_at.between(now - _LONGEST, now + _EARLY),
    )
    return (await db.scalars(statement.order_by(TreatmentSession.starts_at))).all()


async def _awaited(db: Db, session_id: UUID) -> Sequence[UUID]:
    """Who is expected in a session, and of whom nothing is known."""
    statement = select(Attendance.patient_id).where(
        Attendance.organization_id == db.organization_id, Attendance.session_id == session_id
    )
    known: Collection[UUID] = set(await db.scalars(statement))
    return [each for each in await expected_in(db, session_id) if each not in known]


def _fate(session_id: UUID, patient_id: UUID) -> int:
    return int.from_bytes(sha256(session_id.bytes + patient_id.bytes).digest()[:4], "big")


def _stays_away(session_id: UUID, patient_id: UUID) -> bool:
    return _fate(session_id, patient_id) % _STAYS_AWAY == 0


def _arrives_at(sitting: TreatmentSession, patient_id: UUID) -> datetime:
    minutes = _fate(sitting.id, patient_id) % _MINUTES
    return sitting.starts_at - _EARLY + timedelta(minutes=minutes)


def _facilitator(organization: Organization, sitting: TreatmentSession) -> Actor:
    staff = {str(id_of("staff", member.key)): member for member in organization.staff}
    member = staff[sitting.facilitator_ids[0]]
    key = member.key
    return Actor(organization.id, "staff", id_of("staff", key), Role(member.role), id_of("credential", key))


def _attended(sitting: TreatmentSession, patient_id: UUID) -> Attendance:
    came = blank(sitting, patient_id, sitting.ends_at)
    came.id = id_at(sitting.starts_at, "desk", str(sitting.id), str(patient_id))
    came.status, came.source, came.revision = "attended", "staff", 1
    came.arrived_at, came.left_at = sitting.starts_at, sitting.ends_at
    came.minutes = present(Span(sitting.starts_at, sitting.ends_at), came.arrived_at, came.left_at)
    came.changed_by = UUID(sitting.facilitator_ids[0])
    return came


def _entry(sitting: TreatmentSession, came: Attendance) -> AttendanceEntry:
    return AttendanceEntry(
        organization_id=came.organization_id, attendance_id=came.id, revision=came.revision,
        session_id=sitting.id, patient_id=came.patient_id, program_id=came.program_id,
        filed_at=sitting.starts_at, local_date=sitting.local_date, received_at=came.changed_at,
        status=came.status, arrived_at=came.arrived_at, left_at=came.left_at, minutes=came.minutes,
        away=came.away, source=came.source, changed_by=came.changed_by, reason=None,
    )  # fmt: skip
