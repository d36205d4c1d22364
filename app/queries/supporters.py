"""Supporters, as far as the actor may see them. One who was let go is kept, and is not shown."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select

from app.access import Actor, Role, visible
from app.database import Db
from app.errors import NotFound, PreconditionFailed
from app.models import Credential, Patient, Supporter


class Known(NamedTuple):
    """A supporter, and whether they have taken up their code."""

    supporter: Supporter
    has_joined: bool


class StoodBy(NamedTuple):
    """A supporter, and whom they stand by."""

    supporter: Supporter
    patient: Patient


async def of_patient(db: Db, actor: Actor, patient_id: UUID) -> Sequence[Known]:
    """A patient's supporters, the first first."""
    statement = (
        select(Supporter, _HAS_JOINED)
        .where(visible(Supporter, actor), _CURRENT, Supporter.patient_id == patient_id)
        .order_by(Supporter.id)
    )
    return [Known._make(row) for row in await db.execute(statement)]


async def find(db: Db, actor: Actor, patient_id: UUID, supporter_id: UUID) -> Known:
    """One supporter. Raises `NotFound`."""
    row = (
        await db.execute(
            select(Supporter, _HAS_JOINED).where(_one(actor, patient_id, supporter_id), _CURRENT)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return Known._make(row)


async def to_change(
    db: Db, actor: Actor, patient_id: UUID, supporter_id: UUID, version: int | None = None
) -> Supporter:
    """One supporter, locked until the commit, in this version unless it is None; also one who was let go.

    Raises `NotFound` and `PreconditionFailed`.
    """
    supporter: Supporter | None = await db.scalar(
        select(Supporter).where(_one(actor, patient_id, supporter_id)).with_for_update(key_share=True)
    )
    if supporter is None or (version is not None and supporter.ended_at is not None):
        raise NotFound
    if version is not None and supporter.row_version != version:
        raise PreconditionFailed
    return supporter


async def stood_by(db: Db, actor: Actor) -> StoodBy:
    """The supporter who is asking, and their patient. Raises `NotFound` once they were let go."""
    row = (
        await db.execute(
            select(Supporter, Patient)
            .join(
                Patient,
                and_(
                    Patient.organization_id == Supporter.organization_id, Patient.id == Supporter.patient_id
                ),
            )
            .where(visible(Supporter, actor), _CURRENT, Supporter.id == actor.id)
        )
    ).one_or_none()
    if row is None:
        raise NotFound
    return StoodBy._make(row)


async def locale_of(db: Db, actor: Actor) -> str | None:
    """The language of the supporter who is asking; None for anybody else, and once they were let go."""
    if actor.role is not Role.SUPPORTER:
        return None
    locale: str | None = await db.scalar(
        select(Supporter.locale).where(visible(Supporter, actor), Supporter.id == actor.id)
    )
    return locale


def _one(actor: Actor, patient_id: UUID, supporter_id: UUID) -> ColumnElement[bool]:
    return and_(visible(Supporter, actor), Supporter.patient_id == patient_id, Supporter.id == supporter_id)


_CURRENT = Supporter.ended_at.is_(None)
_HAS_JOINED = exists().where(
    Credential.organization_id == Supporter.organization_id, Credential.supporter_id == Supporter.id
)
