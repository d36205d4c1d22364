"""Devices, and the refresh tokens that were handed to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, select, update

from app.access import Actor, visible
from app.database import Db
from app.errors import NotFound
from app.models import Device, RefreshToken


async def signed_in(db: Db, actor: Actor, now: datetime) -> Sequence[Device]:
    """The actor's own devices that can still get access tokens, last seen first."""
    usable = exists().where(
        RefreshToken.organization_id == Device.organization_id,
        RefreshToken.device_id == Device.id,
        RefreshToken.used_at.is_(None),
        RefreshToken.expires_at > now,
    )
    statement = (
        select(Device)
        .where(
            visible(Device, actor),
            Device.credential_id == actor.credential_id,
            Device.revoked_at.is_(None),
            usable,
        )
        .order_by(Device.last_seen_at.desc(), Device.id)
        .limit(200)
    )
    return (await db.scalars(statement)).all()


async def own(db: Db, actor: Actor, device_id: UUID) -> Device:
    """One of the actor's own devices. Raises `NotFound` for anybody else's."""
    device: Device | None = await db.scalar(
        select(Device).where(
            visible(Device, actor), Device.id == device_id, Device.credential_id == actor.credential_id
        )
    )
    if device is None:
        raise NotFound
    return device


async def lock_device_of(db: Db, token_id: UUID) -> Device | None:
    """The device that a refresh token was handed to, locked: its tokens are used one at a time."""
    device_id = (
        select(RefreshToken.device_id)
        .where(RefreshToken.organization_id == db.organization_id, RefreshToken.id == token_id)
        .scalar_subquery()
    )
    device: Device | None = await db.scalar(
        select(Device)
        .where(Device.organization_id == db.organization_id, Device.id == device_id)
        .with_for_update(key_share=True)
    )
    return device


async def refresh_token(db: Db, token_id: UUID) -> RefreshToken:
    """A refresh token that is known to be there. To be read after its device was locked."""
    found: RefreshToken = (
        await db.scalars(
            select(RefreshToken).where(
                RefreshToken.organization_id == db.organization_id, RefreshToken.id == token_id
            )
        )
    ).one()
    return found


async def revoke_all(db: Db, credential_id: UUID, now: datetime) -> None:
    """Sign a credential out everywhere."""
    await db.execute(
        update(Device)
        .where(
            Device.organization_id == db.organization_id,
            Device.credential_id == credential_id,
            Device.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
