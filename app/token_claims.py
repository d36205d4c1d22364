"""What an access token says: the claims, as JSON members and as one typed value."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID

MAX_LIFETIME = timedelta(minutes=10)

Kind = Literal["patient", "supporter", "staff", "integration"]
Reason = Literal[
    "malformed",
    "header",
    "unknown_key",
    "signature",
    "claims",
    "lifetime",
    "issuer",
    "audience",
    "expired",
    "not_yet",
]

_ROLE = re.compile(r"[a-z][a-z_]{0,39}")
_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6749, section 3.3
_CLAIM_MEMBERS = {
    *("iss", "aud", "sub", "jti", "iat", "exp", "scope"),
    *("organization_id", "kind", "role", "credential_id", "device_id"),
}


class TokenRefused(Exception):
    """The token proves nothing. `reason` is a short code for logs and metrics, not for the caller."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. Times are aware and, once read from a token, whole seconds in UTC."""

    issuer: str
    audience: str
    subject: UUID
    organization_id: UUID
    kind: Kind
    role: str
    scope: tuple[str, ...]
    credential_id: UUID
    device_id: UUID | None
    token_id: UUID
    issued_at: datetime
    expires_at: datetime


def claim_members(claims: Claims) -> dict[str, object]:
    """The claims as the token's JSON members. Raises ValueError for a time without a zone."""
    return {
        "iss": claims.issuer,
        "aud": claims.audience,
        "sub": str(claims.subject),
        "jti": str(claims.token_id),
        "iat": _whole_seconds(claims.issued_at),
        "exp": _whole_seconds(claims.expires_at),
        "scope": " ".join(claims.scope),
        "organization_id": str(claims.organization_id),
        "kind": claims.kind,
        "role": claims.role,
        "credential_id": str(claims.credential_id),
        "device_id": None if claims.device_id is None else str(claims.device_id),
    }


def read_claims(members: dict[str, object]) -> Claims:
    """The claims of JSON members: all of them there, none besides, each of its type.

    Raises TokenRefused, and OverflowError, OSError or ValueError for a time that no calendar has.
    """
    if members.keys() != _CLAIM_MEMBERS:
        raise TokenRefused("claims")
    device = members["device_id"]
    claims = Claims(
        issuer=_text(members["iss"]),
        audience=_text(members["aud"]),
        subject=_uuid(members["sub"]),
        organization_id=_uuid(members["organization_id"]),
        kind=_kind(members["kind"]),
        role=_role(members["role"]),
        scope=_scope(members["scope"]),
        credential_id=_uuid(members["credential_id"]),
        device_id=None if device is None else _uuid(device),
        token_id=_uuid(members["jti"]),
        issued_at=_moment(members["iat"]),
        expires_at=_moment(members["exp"]),
    )
    if not timedelta(0) < claims.expires_at - claims.issued_at <= MAX_LIFETIME:
        raise TokenRefused("lifetime")
    return claims


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TokenRefused("claims")
    return value


def _uuid(value: object) -> UUID:
    text = _text(value)
    try:
        found = UUID(text)
    except ValueError:
        raise TokenRefused("claims") from None
    if str(found) != text:  # UUID() also takes braces, urn: and capitals
        raise TokenRefused("claims")
    return found


def _kind(value: object) -> Kind:
    kinds: tuple[Kind, ...] = get_args(Kind)
    for kind in kinds:
        if value == kind:
            return kind
    raise TokenRefused("claims")


def _role(value: object) -> str:
    text = _text(value)
    if not _ROLE.fullmatch(text):
        raise TokenRefused("claims")
    return text


def _scope(value: object) -> tuple[str, ...]:
    if value == "":
        return ()
    scopes = tuple(_text(value).split(" "))
    if not all(_SCOPE.fullmatch(scope) for scope in scopes):
        raise TokenRefused("claims")
    return scopes


def _moment(value: object) -> datetime:
    if type(value) is not int:  # a bool is an int to isinstance
        raise TokenRefused("claims")
    return datetime.fromtimestamp(value, UTC)


def _whole_seconds(moment: datetime) -> int:
    require_zone(moment)
    return int(moment.timestamp())


def require_zone(moment: datetime) -> None:
    """Raises ValueError for a time without a zone."""
    if moment.utcoffset() is None:
        raise ValueError("a time without a zone")
