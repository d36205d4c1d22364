"""Somebody as a telehealth platform knows them, and who that is here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, LiteralString
from uuid import UUID

from sqlalchemy import select
from uuid_utils.compat import uuid7

from app.database import Db
from app.errors import NotFound
from app.models import TelehealthParticipant
from app.telehealth.told import Who

# Whoever is new is made in the same statement. A name that is told later is better than none.
_MEET: Final[LiteralString] = """
    insert into telehealth_participant as p (organization_id, id, integration_id, participant_key, given,
      shown_name, created_at)
    values (%(org)s, %(id)s, %(integration)s, %(key)s, false, %(name)s, %(now)s)
    on conflict (organization_id, integration_id, participant_key) do update
      set shown_name = coalesce(p.shown_name, excluded.shown_name)
    returning id, patient_id
"""
_GIVE: Final[LiteralString] = """
    insert into telehealth_participant (organization_id, id, integration_id, participant_key, patient_id,
      given, created_at, matched_at, matched_by)
    values (%(org)s, %(id)s, %(integration)s, %(key)s, %(patient)s, true, %(now)s, %(now)s, %(by)s)
    on conflict do nothing
"""


async def meet(db: Db, integration_id: UUID, who: Who, now: datetime) -> tuple[UUID, UUID | None]:
    """The participant whom a platform tells of, and the patient whom they are, if that is known."""
    values = {
        "org": db.organization_id, "id": uuid7(), "integration": integration_id, "key": who.key,
        "name": who.shown_name, "now": now,
    }  # fmt: skip
    row = await (await (await db.driver()).execute(_MEET, values)).fetchone()
    assert row is not None
    return row[0], row[1]


async def give(
    db: Db, integration_id: UUID, patient_id: UUID, key: str, by: UUID, now: datetime
) -> TelehealthParticipant:
    """The id by which a platform is to know a patient: this one, unless they have one there."""
    values = {
        "org": db.organization_id, "id": uuid7(), "integration": integration_id, "key": key,
        "patient": patient_id, "by": by, "now": now,
    }  # fmt: skip
    await (await db.driver()).execute(_GIVE, values)
    statement = select(TelehealthParticipant).where(
        TelehealthParticipant.organization_id == db.organization_id,
        TelehealthParticipant.integration_id == integration_id,
        TelehealthParticipant.patient_id == patient_id,
        TelehealthParticipant.given,
    )
    found: TelehealthParticipant | None = await db.scalar(statement)
    assert found is not None
    return found


async def find(db: Db, participant_id: UUID, *, to_match: bool = False) -> TelehealthParticipant:
    """One of the organization's, locked until the commit when they are to be matched. Raises `NotFound`."""
    statement = select(TelehealthParticipant).where(
        TelehealthParticipant.organization_id == db.organization_id,
        TelehealthParticipant.id == participant_id,
    )
    if to_match:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    found: TelehealthParticipant | None = await db.scalar(statement)
    if found is None:
        raise NotFound
    return found


async def known(db: Db, participant_ids: list[UUID]) -> Mapping[UUID, TelehealthParticipant]:
    """Those of the organization's, by their ids."""
    statement = select(TelehealthParticipant).where(
        TelehealthParticipant.organization_id == db.organization_id,
        TelehealthParticipant.id.in_(participant_ids),
    )
    return {each.id: each for each in await db.scalars(statement)}
