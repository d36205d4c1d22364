import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from app.token_keys import KeyRing
from app.tokens import Claims, TokenRefused, issue, verify
from tests.tokens.forging import AUDIENCE, ISSUED, ISSUER, MEMBERS, NOW, Forge

ANA = Claims(
    issuer=ISSUER,
    audience=AUDIENCE,
    subject=UUID("01900000-0000-7000-8000-0000000000a1"),
    organization_id=UUID("01900000-0000-7000-8000-0000000000a3"),
    kind="patient",
    role="patient",
    scope=("check_in:write", "goal:read"),
    credential_id=UUID("01900000-0000-7000-8000-0000000000a4"),
    device_id=UUID("01900000-0000-7000-8000-0000000000a5"),
    token_id=UUID("01900000-0000-7000-8000-0000000000a2"),
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
)
CLARA = replace(ANA, kind="staff", role="counselor", scope=(), device_id=None)


def read(ring: KeyRing, token: str | bytes, *, now: datetime = NOW, leeway_seconds: int = 0) -> Claims:
    return verify(ring, token, issuer=ISSUER, audience=AUDIENCE, now=now, leeway_seconds=leeway_seconds)


def part(token: str, index: int) -> bytes:
    return urlsafe_b64decode(token.split(".")[index] + "==")


@pytest.mark.parametrize(
    "claims",
    [ANA, CLARA, *(replace(CLARA, kind=each, role=each) for each in ("supporter", "integration"))],
)
def test_what_was_issued_is_read_back(ring: KeyRing, claims: Claims) -> None:
    token = issue(ring, claims)
    assert read(ring, token) == claims
    assert read(ring, token.encode()) == claims


def test_a_token_made_without_our_code_is_read_to_its_last_claim(ring: KeyRing, forge: Forge) -> None:
    assert read(ring, forge.signed()) == ANA


def test_the_members_on_the_wire_are_those_of_the_standard(ring: KeyRing) -> None:
    token = issue(ring, ANA)
    assert json.loads(part(token, 0)) == {"alg": "ES256", "kid": ring.signing.kid, "typ": "at+jwt"}
    assert json.loads(part(token, 1)) == MEMBERS


def test_another_library_verifies_the_token_with_the_published_key(ring: KeyRing) -> None:
    content, _, signature = issue(ring, ANA).rpartition(".")
    (published,) = ring.jwks()["keys"]
    x, y = (int.from_bytes(urlsafe_b64decode(published[name] + "=="), "big") for name in ("x", "y"))
    key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    raw = urlsafe_b64decode(signature + "==")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    key.verify(encode_dss_signature(r, s), content.encode(), ec.ECDSA(SHA256()))


def test_times_are_cut_to_seconds_and_come_back_in_utc(ring: KeyRing) -> None:
    chicago = timezone(timedelta(hours=-6))
    issued = NOW.astimezone(chicago) + timedelta(milliseconds=900)
    claims = read(
        ring,
        issue(ring, replace(ANA, issued_at=issued, expires_at=issued + timedelta(minutes=10))),
        now=issued,
    )
    assert claims.issued_at == NOW
    assert claims.expires_at == NOW + timedelta(minutes=10)
    assert claims.expires_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("seconds", "leeway", "reason"),
    [
        (-1, 0, "not_yet"),
        (0, 0, None),
        (599, 0, None),
        (600, 0, "expired"),
        (-31, 30, "not_yet"),
        (-30, 30, None),
        (629, 30, None),
        (630, 30, "expired"),
    ],
)
def test_a_token_lives_from_its_issue_to_its_expiry(
    ring: KeyRing, seconds: int, leeway: int, reason: str | None
) -> None:
    token = issue(ring, ANA)
    now = NOW + timedelta(seconds=seconds)
    if reason is None:
        assert read(ring, token, now=now, leeway_seconds=leeway) == ANA
        return
    with pytest.raises(TokenRefused) as refusal:
        read(ring, token, now=now, leeway_seconds=leeway)
    assert refusal.value.reason == reason


def test_leeway_does_not_lengthen_what_may_be_issued(ring: KeyRing, forge: Forge) -> None:
    with pytest.raises(TokenRefused, match="lifetime"):
        read(ring, forge.with_claims(exp=ISSUED + 601), leeway_seconds=60)


def test_a_ring_refuses_what_another_ring_signed(ring: KeyRing, folder: Path) -> None:
    token = issue(KeyRing.load(folder, generate=True), ANA)
    with pytest.raises(TokenRefused, match="unknown_key"):
        read(ring, token)


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": NOW + timedelta(minutes=10, seconds=1)},
        {"expires_at": NOW},
        {"expires_at": NOW + timedelta(milliseconds=400)},
        {"issued_at": NOW.replace(tzinfo=None)},
        {"expires_at": (NOW + timedelta(minutes=1)).replace(tzinfo=None)},
        {"issuer": ""},
        {"audience": ""},
        {"kind": "root"},
        {"role": "Care Team"},
        {"scope": ("goal:read goal:write",)},
        {"scope": ("",)},
        {"scope": ("goal:réad",)},
        {"scope": tuple(f"program_{number}:read" for number in range(600))},
        {"subject": "ana"},
        {"device_id": ""},
    ],
    ids=lambda changes: ascii(changes)[:60],
)
def test_nothing_is_issued_that_would_be_refused(ring: KeyRing, changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"claims|zone|scope|long"):
        issue(ring, replace(ANA, **changes))


def test_a_now_without_a_zone_is_our_own_mistake_and_not_the_tokens(ring: KeyRing) -> None:
    with pytest.raises(ValueError, match="zone"):
        read(ring, issue(ring, ANA), now=NOW.replace(tzinfo=None))
