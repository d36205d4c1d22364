"""Sign in: with a password, with a refresh token, or as an integration.

A sign-in is several units of work, each committed by itself, so these functions take `works`, which opens
one. An attempt has to stay counted and a stolen token's device revoked although the answer is a refusal,
and no connection is held while a password is hashed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from app import clock
from app.database import Db
from app.errors import BadRequest, HandrailError, TooMany, Unauthenticated
from app.queries import credentials as stored
from app.queries import devices as stored_devices
from app.queries import sign_in_attempts as attempts
from app.queries.credentials import Holder, Origin
from app.queries.sign_in_attempts import Subject
from app.sentences import negotiate, sentence
from app.services import devices
from app.services.credentials import PASSWORDS, hashed
from app.services.devices import Presented
from app.settings import Settings
from app.token_claims import Claims

Works = Callable[[UUID | None], AbstractAsyncContextManager[Db]]
"""Opens a unit of work of an organization, or of none, which commits when its block ends well."""

OAuthError = Literal["invalid_grant", "invalid_request", "invalid_scope", "unsupported_grant_type"]
REFUSAL_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Granted:
    """Who is signed in, on which device and with which refresh token: both None for an integration."""

    holder: Holder
    scope: tuple[str, ...]
    device_id: UUID | None = None
    refresh_token: str | None = None


class TokenRequestRefused(BadRequest):
    """A request that gets no token (400), with the `error` of RFC 6749, section 5.2, beside our code."""

    def __init__(self, error: OAuthError, message: str, code: str | None = None) -> None:
        super().__init__(code or error, message, extra={"error": error})


class ClientRefused(Unauthenticated):
    """These are not the id and secret of any client (401, `invalid_client` of RFC 6749, section 5.2)."""

    challenge = 'Basic realm="handrail"'

    def __init__(self, message: str) -> None:
        super().__init__("sign_in_refused", message)
        self.extra = {"error": "invalid_client"}


async def with_password(
    works: Works,
    origin: Origin,
    username: str,
    password: str,
    device_name: str | None,
    *,
    lives: timedelta,
    now: datetime,
) -> Granted:
    """Sign a person in on a new device, whose refresh tokens live so long each.

    Raises `TokenRequestRefused`, the same and as late for a wrong name as for a wrong password; `TooMany`.
    """
    refusal = TokenRequestRefused("invalid_grant", _say("sign_in.refused", origin), "sign_in_refused")
    holder = await _proven(works, origin, username, password, of_client=False, refusal=refusal, now=now)
    async with works(holder.organization_id) as db:
        device_id, token = await devices.open_device(db, holder, device_name, now, lives=lives)
        _welcome(db, holder, origin, username, now=now, device_id=device_id)
        return Granted(holder, (), device_id, token)


async def with_client_secret(
    works: Works, origin: Origin, client_id: str, client_secret: str, scope: str | None, *, now: datetime
) -> Granted:
    """Sign an integration in, for a part of its scope or the whole of it.

    Raises `ClientRefused`, `TooMany`, and `TokenRequestRefused` for more than its scope.
    """
    refusal = ClientRefused("No client has this id and secret.")
    holder = await _proven(works, origin, client_id, client_secret, of_client=True, refusal=refusal, now=now)
    wanted = tuple(dict.fromkeys((scope or "").split())) or holder.scope
    async with works(holder.organization_id) as db:
        _welcome(db, holder, origin, client_id, now=now)
    if not set(wanted) <= set(holder.scope):
        raise TokenRequestRefused("invalid_scope", "This client may not have all of these scopes.")
    return Granted(holder, wanted)


async def with_refresh_token(
    works: Works, origin: Origin, text: str, *, lives: timedelta, now: datetime
) -> Granted:
    """Exchange a refresh token for the next one; see `devices.rotate`. Raises `TokenRequestRefused`."""
    presented = Presented.read(text)
    if presented is not None:
        async with works(presented.organization_id) as db:
            granted = await _refreshed(db, origin, presented, now, lives)
        if granted is not None:
            return granted
    raise TokenRequestRefused(
        "invalid_grant", "This refresh token is not valid; sign in again.", "refresh_token_refused"
    )


async def revoke(works: Works, origin: Origin, text: str, now: datetime) -> None:
    """Sign out the device of a refresh token. What is no such token is as good as revoked (RFC 7009)."""
    presented = Presented.read(text)
    if presented is None:
        return
    async with works(presented.organization_id) as db:
        device = await stored_devices.lock_device_of(db, presented.token_id)
        if device is None or device.revoked_at is not None:
            return
        token = await stored_devices.refresh_token(db, presented.token_id)
        holder = await stored.holder(db, device.credential_id)
        if holder is not None and devices.proves(token, presented):
            device.revoked_at = now
            stored.record(db, holder, origin, now, "sign_out", of="device", id=device.id, device_id=device.id)


def claims_for(granted: Granted, settings: Settings, now: datetime) -> Claims:
    """What the access token of somebody who has just signed in says."""
    holder = granted.holder
    return Claims(
        issuer=settings.issuer, audience=settings.audience, subject=holder.id,
        organization_id=holder.organization_id, kind=holder.kind, role=holder.role, scope=granted.scope,
        credential_id=holder.credential_id, device_id=granted.device_id, token_id=uuid7(), issued_at=now,
        expires_at=now + timedelta(seconds=settings.access_token_seconds),
    )  # fmt: skip


@asynccontextmanager
async def evenly_late() -> AsyncIterator[None]:
    """Make every refusal of the block take the same time: how long it took says whether an account exists."""
    started = clock.stopwatch()
    try:
        yield
    except HandrailError:
        await asyncio.sleep(max(0.0, started + REFUSAL_SECONDS - clock.stopwatch()))
        raise


async def count_attempt(db: Db, origin: Origin, now: datetime, *subjects: Subject) -> None:
    """Count an attempt against these and against the address. Raises `TooMany` when one is blocked."""
    wait = await attempts.count(db, [*subjects, *_address(origin)], now)
    if wait is not None:
        raise TooMany(wait, "too_many_attempts", _say("sign_in.too_many", origin))


def forgive_attempt(db: Db, origin: Origin, *subjects: Subject) -> None:
    """Take the attempt back: it was good."""
    attempts.forgive(db, [*subjects, *_address(origin)])


def _address(origin: Origin) -> list[Subject]:
    return [] if origin.address is None else [attempts.address(origin.address)]


def _say(key: str, origin: Origin) -> str:
    return sentence(key, negotiate(None, origin.accept_language))


async def _proven(
    works: Works,
    origin: Origin,
    name: str,
    secret: str,
    *,
    of_client: bool,
    refusal: HandrailError,
    now: datetime,
) -> Holder:
    async with evenly_late():
        holder = await _holder(works, origin, name, now)
        known = holder if holder is not None and (holder.kind == "integration") is of_client else None
        is_right = await asyncio.to_thread(
            PASSWORDS.verify, None if known is None else known.secret_hash, secret
        )
        if known is not None and is_right and known.may_sign_in:
            return await _with_current_hash(works, known, secret)
        if holder is not None:
            async with works(holder.organization_id) as db:
                _record(db, holder, origin, now, outcome="refused")
        raise refusal


async def _holder(works: Works, origin: Origin, name: str, now: datetime) -> Holder | None:
    """Count the attempt, and find whose name it is."""
    digest = stored.name_hash(name)
    async with works(None) as db:
        await count_attempt(db, origin, now, attempts.account(digest))
        found = await stored.find_name(db, digest)
    if found is None:
        return None
    async with works(found.organization_id) as db:
        return await stored.holder(db, found.owner_id)


async def _with_current_hash(works: Works, holder: Holder, secret: str) -> Holder:
    if PASSWORDS.needs_rehash(holder.secret_hash):
        secret_hash = await hashed(secret)
        async with works(holder.organization_id) as db:
            await stored.replace_hash(db, holder, secret_hash)
    return holder


def _welcome(
    db: Db, holder: Holder, origin: Origin, name: str, *, now: datetime, device_id: UUID | None = None
) -> None:
    forgive_attempt(db, origin, attempts.account(stored.name_hash(name)))
    _record(db, holder, origin, now, device_id=device_id)


def _record(
    db: Db,
    holder: Holder,
    origin: Origin,
    now: datetime,
    *,
    device_id: UUID | None = None,
    outcome: str = "done",
) -> None:
    stored.record(
        db, holder, origin, now, "sign_in", of="credential", id=holder.credential_id, device_id=device_id,
        outcome=outcome,
    )  # fmt: skip


async def _refreshed(
    db: Db, origin: Origin, presented: Presented, now: datetime, lives: timedelta
) -> Granted | None:
    device = await stored_devices.lock_device_of(db, presented.token_id)
    holder = None if device is None else await stored.holder(db, device.credential_id)
    if device is None or holder is None:
        return None
    next_token = None
    if holder.may_sign_in:
        next_token = await devices.rotate(db, device, presented, now, lives=lives)
    if next_token is None:
        _record(db, holder, origin, now, device_id=device.id, outcome="refused")
        return None
    return Granted(holder, (), device.id, next_token)
