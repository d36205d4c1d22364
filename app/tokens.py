"""Access tokens: ES256 JSON Web Tokens of at most ten minutes (RFC 9068), and the guard that reads them.

The only module that imports `jose`, which by itself accepts a token without audience or expiry and raises
RecursionError on nested brackets. Nothing of a refused token reaches the exception that refuses it.
"""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import NamedTuple, NoReturn

from jose import jws
from jose.jwk import ECKey
from jose.utils import base64url_decode

from app.token_claims import Claims, Kind, TokenRefused, claim_members, read_claims, require_zone
from app.token_keys import ALGORITHM, KeyRing, TokenKey

__all__ = ["Claims", "KeyRing", "Kind", "TokenCache", "TokenRefused", "issue", "verify"]

MAX_BYTES = 8192
TYPE = "at+jwt"  # RFC 9068, section 2.1

# A signature is 64 bytes: 86 characters, and the last one carries 2 bits, so that it has one spelling only.
_SHAPE = re.compile(rb"([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]")
_NO_TIME = timedelta()
_HEADER_MEMBERS = {"alg", "kid", "typ"}


def issue(ring: KeyRing, claims: Claims) -> str:
    """Sign `claims` with the newest key; times are cut to whole seconds.

    Raises ValueError for claims that `verify` would refuse, such as a lifetime over ten minutes.
    """
    members = claim_members(claims)
    try:
        said = read_claims(members)
    except TokenRefused as refusal:
        raise ValueError(f"not a valid set of claims: {refusal.reason}") from None
    if said.scope != claims.scope:
        raise ValueError("a scope may not hold a space")
    key = ring.signing
    token = jws.sign(members, ECKey(key.private, ALGORITHM), {"kid": key.kid, "typ": TYPE}, ALGORITHM)
    if len(token) > MAX_BYTES:
        raise ValueError("the token would be too long")
    return token


def verify(
    ring: KeyRing, token: str | bytes, *, issuer: str, audience: str, now: datetime, leeway_seconds: int = 0,
    grace: timedelta = _NO_TIME,
) -> Claims:  # fmt: skip
    """Return the claims of a token of this issuer for this audience that is valid at `now` (aware).

    Also of one that was valid until `grace` ago, and is in order otherwise. Raises TokenRefused for every
    other token, and nothing else whatever the token is.
    """
    require_zone(now)
    try:
        claims = read_claims(_json_object(_signed_payload(ring, _ascii(token))))
        _check_parties(claims, issuer, audience)
        _check_time(claims, now, timedelta(seconds=leeway_seconds), grace)
        return claims
    except TokenRefused as refusal:
        reason = refusal.reason
    except Exception:  # noqa: BLE001 - jose, json and base64 have kinds of their own; RecursionError too
        reason = "malformed"
    raise TokenRefused(reason)  # outside of the handlers: the first exception may quote the token


class _Known(NamedTuple):
    keys: object
    claims: Claims


class TokenCache:
    """`verify` with a memory: a token that comes again costs a hash instead of a signature check.

    Keeps at most `capacity` accepted tokens, by SHA-256, until they expire; times are checked on every use,
    and a reload of the ring forgets everything. Refusals are never kept. Safe to share between threads.
    """

    def __init__(
        self, ring: KeyRing, *, issuer: str, audience: str, leeway_seconds: int = 0, capacity: int = 10_000
    ) -> None:
        self._ring = ring
        self._issuer = issuer
        self._audience = audience
        self._leeway = timedelta(seconds=leeway_seconds)
        self._leeway_seconds = leeway_seconds
        self._capacity = capacity
        self._known: dict[bytes, _Known] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def verify(self, token: str | bytes, *, now: datetime, grace: timedelta = _NO_TIME) -> Claims:
        """As `tokens.verify`: the claims, or TokenRefused. What has expired is not kept."""
        digest = sha256(_ascii(token)).digest()
        keys = self._ring.keys
        known = self._known.get(digest)
        if known and known.keys is keys and _is_current(known.claims, now, self._leeway):
            return known.claims
        claims = verify(
            self._ring,
            token,
            issuer=self._issuer,
            audience=self._audience,
            now=now,
            leeway_seconds=self._leeway_seconds,
            grace=grace,
        )
        if not self.is_expired(claims, now):
            self._keep(digest, _Known(keys, claims), now)
        return claims

    def is_expired(self, claims: Claims, now: datetime) -> bool:
        """Whether a token that was accepted was so by grace alone."""
        return now >= claims.expires_at + self._leeway

    def _keep(self, digest: bytes, known: _Known, now: datetime) -> None:
        with self._lock:
            self._known.pop(digest, None)
            while self._known:  # oldest first
                oldest = next(iter(self._known))
                expired = now >= self._known[oldest].claims.expires_at + self._leeway
                if not expired and len(self._known) < self._capacity:
                    break
                del self._known[oldest]
            self._known[digest] = known


def _ascii(token: str | bytes) -> bytes:
    if not isinstance(token, str | bytes) or len(token) > MAX_BYTES or not token.isascii():
        raise TokenRefused("malformed")
    return token.encode("ascii") if isinstance(token, str) else token


def _signed_payload(ring: KeyRing, token: bytes) -> bytes:
    """The payload, after its signature was found good under the key that the header names."""
    shape = _SHAPE.fullmatch(token)
    if shape is None:
        raise TokenRefused("malformed")
    key = _key_named(ring, _json_object(base64url_decode(shape[1])))
    try:
        return jws.verify(token, ECKey(key.public, ALGORITHM), [ALGORITHM])
    except Exception:  # noqa: BLE001 - whatever it is, the signature was not found good
        raise TokenRefused("signature") from None


def _key_named(ring: KeyRing, header: dict[str, object]) -> TokenKey:
    if header.keys() != _HEADER_MEMBERS or header["typ"] != TYPE or header["alg"] != ALGORITHM:
        raise TokenRefused("header")
    kid = header["kid"]
    key = ring.keys.get(kid) if isinstance(kid, str) else None
    if key is None:
        raise TokenRefused("unknown_key")
    return key


def _check_parties(claims: Claims, issuer: str, audience: str) -> None:
    if claims.issuer != issuer:
        raise TokenRefused("issuer")
    if claims.audience != audience:
        raise TokenRefused("audience")


def _check_time(claims: Claims, now: datetime, leeway: timedelta, grace: timedelta) -> None:
    if not _is_current(claims, now, leeway, grace):
        raise TokenRefused("expired" if now >= claims.expires_at + leeway else "not_yet")


def _is_current(claims: Claims, now: datetime, leeway: timedelta, grace: timedelta = _NO_TIME) -> bool:
    return claims.issued_at - leeway <= now < claims.expires_at + leeway + grace


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise TokenRefused("malformed")
    return members


def _refuse_number(_: str) -> NoReturn:
    raise TokenRefused("malformed")


_DECODE: Callable[[str], object] = json.JSONDecoder(
    object_pairs_hook=_distinct, parse_float=_refuse_number, parse_constant=_refuse_number
).decode


def _json_object(text: bytes) -> dict[str, object]:
    value = _DECODE(text.decode("utf-8"))
    if not isinstance(value, dict):
        raise TokenRefused("malformed")
    return value
