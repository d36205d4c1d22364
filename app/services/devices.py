"""Devices that stay signed in, by refresh tokens that are good once."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from secrets import token_bytes
from typing import Self
from uuid import UUID

from uuid_utils.compat import uuid7

from app.access import Actor, Permission
from app.database import Db
from app.models import Device, RefreshToken
from app.queries import audit
from app.queries import devices as stored
from app.queries.credentials import Holder

GRACE = timedelta(seconds=30)
UNNAMED = "Unnamed device"
_PREFIX = "hr_"
_BYTES = 16 + 16 + 32


@dataclass(frozen=True, slots=True)
class Presented:
    """A refresh token, taken apart: where to find it, and what proves it."""

    organization_id: UUID
    token_id: UUID
    secret: bytes

    @classmethod
    def new(cls, organization_id: UUID, token_id: UUID) -> Self:
        """With a fresh secret."""
        return cls(organization_id, token_id, token_bytes(32))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for what is no refresh token of ours."""
        try:
            parts = urlsafe_b64decode(text.removeprefix(_PREFIX) + "==")
        except ValueError:
            return None
        if len(parts) != _BYTES:
            return None
        presented = cls(UUID(bytes=parts[:16]), UUID(bytes=parts[16:32]), parts[32:])
        return presented if presented.text() == text else None

    def text(self) -> str:
        """What the device keeps."""
        parts = self.organization_id.bytes + self.token_id.bytes + self.secret
        return _PREFIX + urlsafe_b64encode(parts).decode().rstrip("=")

    def hash(self) -> bytes:
        """What we keep. The secret is 256 random bits: a plain hash is enough."""
        return sha256(self.secret).digest()


async def open_device(
    db: Db, holder: Holder, name: str | None, now: datetime, *, lives: timedelta
) -> tuple[UUID, str]:
    """A new device of somebody who has just signed in, and its first refresh token."""
    device = Device(
        organization_id=holder.organization_id, id=uuid7(), credential_id=holder.credential_id,
        name=name or UNNAMED, created_at=now, last_seen_at=now,
    )  # fmt: skip
    await db.add(device)
    presented = await _issue(db, device, now, lives)
    return device.id, presented.text()


async def rotate(
    db: Db, device: Device, presented: Presented, now: datetime, *, lives: timedelta
) -> str | None:
    """Exchange a refresh token of this device (locked) for the next one; None is a refusal.

    A token that was used before revokes the device, because one of the two who had it is a thief (RFC 9700,
    4.14.2), and so does a wrong secret for a token that exists: the one secret that was there is another's
    by now. The caller commits that, although it refuses.

    One exception: a reply can be lost on its way, and a phone must not be signed out by a tunnel. Until
    `GRACE` after its use a token may be used again if the one that replaced it was not used yet. It then gets
    a new secret, so that the lost one is worthless, and a device never has more than one good token.
    """
    if device.revoked_at is not None:
        return None
    token = await stored.refresh_token(db, presented.token_id)
    if not compare_digest(token.secret_hash, presented.hash()):
        device.revoked_at = now
        return None
    if token.used_at is None:
        return await _exchange(db, device, token, now, lives) if now < token.expires_at else None
    successor = await _lost(db, token, now)
    if successor is None:
        device.revoked_at = now
        return None
    fresh = Presented.new(successor.organization_id, successor.id)
    successor.secret_hash, device.last_seen_at = fresh.hash(), now
    return fresh.text()


def proves(token: RefreshToken, presented: Presented) -> bool:
    """Whether the secret is the token's."""
    return compare_digest(token.secret_hash, presented.hash())


async def sign_out(db: Db, actor: Actor, device_id: UUID, now: datetime) -> None:
    """Revoke one of the actor's own devices; again is fine. Its access tokens live on for their few minutes.

    Raises `NotFound` for a device of somebody else.
    """
    device = await stored.own(db, actor, device_id)
    device.revoked_at = device.revoked_at or now
    audit.record(db, actor, now, Permission.DEVICE_MANAGE, of="device", id=device.id)


async def _exchange(db: Db, device: Device, token: RefreshToken, now: datetime, lives: timedelta) -> str:
    presented = await _issue(db, device, now, lives)
    token.used_at, token.replaced_by_id = now, presented.token_id
    device.last_seen_at = now
    return presented.text()


async def _lost(db: Db, token: RefreshToken, now: datetime) -> RefreshToken | None:
    """The token that replaced this one, if its reply may have been lost a moment ago."""
    if token.used_at is None or token.replaced_by_id is None or now - token.used_at > GRACE:
        return None
    successor = await stored.refresh_token(db, token.replaced_by_id)
    return successor if successor.used_at is None else None


async def _issue(db: Db, device: Device, now: datetime, lives: timedelta) -> Presented:
    presented = Presented.new(device.organization_id, uuid7())
    await db.add(
        RefreshToken(
            organization_id=device.organization_id, id=presented.token_id, device_id=device.id,
            secret_hash=presented.hash(), issued_at=now, expires_at=now + lives,
        )
    )  # fmt: skip
    return presented
