"""Accounts at telehealth platforms, and which of their meetings is which session."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, LiteralString, NamedTuple
from uuid import UUID

from sqlalchemy import select

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import TelehealthIntegration, TelehealthMeeting
from app.queries import credentials

_MARK: Final = b"telehealth integration\0"
_COUNTED: Final[LiteralString] = """
    select exists (
      select 1 from telehealth_event e
      join telehealth_participant p on p.organization_id = e.organization_id and p.id = e.participant_id
      join attendance_entry a on a.organization_id = e.organization_id and a.patient_id = p.patient_id
        and a.source = 'telehealth'
      join treatment_session s on s.organization_id = a.organization_id and s.id = a.session_id
      where e.organization_id = %(org)s and e.integration_id = %(integration)s and e.meeting_id = %(meeting)s
        and (s.id = %(session)s or s.series_id = %(series)s))
"""


class Bound(NamedTuple):
    """What a meeting is: a session, or every session of a series."""

    treatment_session_id: UUID | None
    session_series_id: UUID | None


async def announce(db: Db, integration_id: UUID) -> None:
    """Let calls that name this integration find their organization, as a sign-in name does."""
    await credentials.take_name(db, _name(integration_id), integration_id)


async def organization_of(db: Db, integration_id: UUID) -> UUID | None:
    """Whose integration this is, in any organization."""
    found = await credentials.find_name(db, _name(integration_id))
    return found.organization_id if found else None


async def called(db: Db, integration_id: UUID) -> TelehealthIntegration | None:
    """The integration that a call names, whoever calls."""
    statement = select(TelehealthIntegration).where(
        TelehealthIntegration.organization_id == db.organization_id,
        TelehealthIntegration.id == integration_id,
    )
    found: TelehealthIntegration | None = await db.scalar(statement)
    return found


async def listed(db: Db, actor: Actor) -> Sequence[TelehealthIntegration]:
    """The organization's integrations, the oldest first."""
    statement = select(TelehealthIntegration).where(visible(TelehealthIntegration, actor))
    return (await db.scalars(statement.order_by(TelehealthIntegration.id))).all()


async def find(db: Db, actor: Actor, integration_id: UUID) -> TelehealthIntegration:
    """One of them. Raises `NotFound`."""
    mine = visible(TelehealthIntegration, actor), TelehealthIntegration.id == integration_id
    found: TelehealthIntegration | None = await db.scalar(select(TelehealthIntegration).where(*mine))
    if found is None:
        raise NotFound
    return found


async def to_change(db: Db, actor: Actor, integration_id: UUID, version: int) -> TelehealthIntegration:
    """One of them in this version, locked until the commit. Raises `NotFound`, `PreconditionFailed`."""
    mine = visible(TelehealthIntegration, actor), TelehealthIntegration.id == integration_id
    statement = select(TelehealthIntegration).where(*mine).with_for_update(key_share=True)
    found: TelehealthIntegration | None = await db.scalar(statement)
    if found is None:
        raise NotFound
    if found.row_version != version:
        raise PreconditionFailed
    return found


async def meetings(db: Db, integration_id: UUID) -> Sequence[TelehealthMeeting]:
    """The meetings of an integration that are known, by their ids."""
    statement = (
        select(TelehealthMeeting)
        .where(
            TelehealthMeeting.organization_id == db.organization_id,
            TelehealthMeeting.integration_id == integration_id,
        )
        .order_by(TelehealthMeeting.meeting_id)
    )
    return (await db.scalars(statement)).all()


async def meeting(db: Db, integration_id: UUID, meeting_id: str) -> TelehealthMeeting | None:
    """One of them, if it is known, locked until the commit."""
    statement = (
        select(TelehealthMeeting)
        .where(
            TelehealthMeeting.organization_id == db.organization_id,
            TelehealthMeeting.integration_id == integration_id,
            TelehealthMeeting.meeting_id == meeting_id,
        )
        .with_for_update()
    )
    found: TelehealthMeeting | None = await db.scalar(statement)
    return found


async def has_counted(db: Db, meeting: TelehealthMeeting) -> bool:
    """Whether somebody's attendance follows what was told of a meeting, as what it is now."""
    values = {
        "org": db.organization_id, "integration": meeting.integration_id, "meeting": meeting.meeting_id,
        "session": meeting.treatment_session_id, "series": meeting.session_series_id,
    }  # fmt: skip
    row = await (await (await db.driver()).execute(_COUNTED, values)).fetchone()
    assert row is not None
    return bool(row[0])


def _name(integration_id: UUID) -> bytes:
    return sha256(_MARK + integration_id.bytes).digest()
