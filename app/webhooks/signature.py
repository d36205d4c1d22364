"""Signatures of Standard Webhooks, version 1: of what goes out, and of calls that come in.

Signed are `<webhook-id>.<webhook-timestamp>.<raw body>` by HMAC-SHA256, under a secret that is written as
`whsec_` and the base64 of 24 to 64 bytes. Source: standardwebhooks.com, specification 1.0.0.
"""

import re
import secrets as randomness
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Final, NamedTuple

TOLERANCE: Final = timedelta(seconds=300)
"""How old, or how far ahead, the time of a call that comes in may be."""

_PREFIX: Final = "whsec_"
_KEY_BYTES: Final = 32
_ID = re.compile(r"[!-\-/-~]{1,255}", re.ASCII)  # no dot: it parts what is signed, and may not be moved
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE = re.compile(r"v1,([A-Za-z0-9+/]{43}=)", re.ASCII)
_MOST_SIGNATURES: Final = 16


class Verified(NamedTuple):
    """What a call that is genuine says of itself. `timestamp` is in seconds since 1970."""

    message_id: str
    timestamp: int


def new_secret() -> str:
    """A secret of 32 random bytes."""
    return _PREFIX + b64encode(randomness.token_bytes(_KEY_BYTES)).decode("ascii")


def headers(secrets: Sequence[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent at `now`, signed under each of these secrets.

    Raises `ValueError` for a secret that is none.
    """
    timestamp = str(int(now.timestamp()))
    signatures = (_signature(each, message_id, timestamp, body) for each in secrets)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{b64encode(each).decode('ascii')}" for each in signatures),
    }


def verify(secrets: Sequence[str], headers: Mapping[str, str], raw: bytes, now: datetime) -> Verified | None:
    """What a call says of itself when one of these secrets signed these raw bytes within `TOLERANCE` of
    `now`; else None, whatever is wrong with it.

    `headers` knows its names in lower case, or in any (Starlette's). It does not know a call that came
    before: whoever applies calls remembers their `message_id`. Raises `ValueError` for a secret that is none.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(message_id) or not _TIMESTAMP.fullmatch(timestamp):
        return None
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        return None
    expected = [_signature(each, message_id, timestamp, raw) for each in secrets]
    if not _one_matches(expected, _signatures(headers.get("webhook-signature", ""))):
        return None
    return Verified(message_id, int(timestamp))


def _signatures(header: str) -> Iterable[bytes]:
    """The signatures of version 1; those of others are for others."""
    for each in header.split(" ", _MOST_SIGNATURES)[:_MOST_SIGNATURES]:
        if found := _SIGNATURE.fullmatch(each):
            yield b64decode(found[1])


def _one_matches(expected: Sequence[bytes], given: Iterable[bytes]) -> bool:
    """In the same time whichever it is: nothing ends at the first."""
    matches = [compare_digest(one, other) for other in given for one in expected]
    return any(matches)


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    return hmac(_key(secret), f"{message_id}.{timestamp}.".encode() + body, sha256).digest()


def _key(secret: str) -> bytes:
    key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    if not 24 <= len(key) <= 64:
        raise ValueError("a webhook secret has 24 to 64 bytes")
    return key
