"""Delete what has expired."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.database import Db
from app.models import IdempotencyKey, Invitation, RefreshToken, SignInAttempt, SignInName

KEYS_LIVE = timedelta(days=2)
TOKENS_LINGER = timedelta(days=7)
ATTEMPTS_LINGER = timedelta(days=1)
MOST_AT_ONCE = 5_000


async def expired(db: Db, now: datetime) -> None:
    """One organization's refresh tokens and invitations a week after their expiry, its request keys after two
    days; a bounded number at once, the rest next time."""
    for table, moment in (
        (RefreshToken, RefreshToken.expires_at < now - TOKENS_LINGER),
        (Invitation, Invitation.expires_at < now - TOKENS_LINGER),
    ):
        mine = table.organization_id == db.organization_id
        some = select(table.id).where(mine, moment).limit(MOST_AT_ONCE)
        gone = delete(table).where(mine, table.id.in_(some)).returning(table.secret_hash)
        hashes = (await db.scalars(gone)).all()
        if table is Invitation:  # the directory finds an invitation by the hash of its code
            await db.execute(delete(SignInName).where(SignInName.name_hash.in_(hashes)))
    await db.execute(
        delete(IdempotencyKey).where(
            IdempotencyKey.organization_id == db.organization_id, IdempotencyKey.created_at < now - KEYS_LIVE
        )
    )


async def sign_in_attempts(db: Db, now: datetime) -> None:
    """Failed sign-ins that count for nothing any more."""
    await db.execute(delete(SignInAttempt).where(SignInAttempt.last_at < now - ATTEMPTS_LINGER))
