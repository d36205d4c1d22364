"""Tokens made by hand, with `cryptography` and not with the code under test."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384

from app.token_keys import KeyRing, TokenKey

ISSUER = "https://handrail.example"
AUDIENCE = "handrail-api"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ISSUED = int(NOW.timestamp())
ABSENT = object()
MEMBERS: dict[str, object] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "01900000-0000-7000-8000-0000000000a1",
    "jti": "01900000-0000-7000-8000-0000000000a2",
    "iat": ISSUED,
    "exp": ISSUED + 600,
    "scope": "check_in:write goal:read",
    "organization_id": "01900000-0000-7000-8000-0000000000a3",
    "kind": "patient",
    "role": "patient",
    "credential_id": "01900000-0000-7000-8000-0000000000a4",
    "device_id": "01900000-0000-7000-8000-0000000000a5",
}


def encode(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def as_json(value: object) -> bytes:
    """JSON bytes; bytes are taken as they are, so that a test may write what no encoder would."""
    return value if isinstance(value, bytes) else json.dumps(value).encode()


def raw(der: bytes, size: int = 32) -> bytes:
    """A DER signature as r and s side by side (RFC 7518, section 3.4)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(size, "big") + s.to_bytes(size, "big")


@dataclass(frozen=True)
class Forge:
    """Someone who knows the format, and, unlike an attacker, the key."""

    ring: KeyRing

    @property
    def key(self) -> TokenKey:
        return self.ring.signing

    def header(self, **changes: object) -> dict[str, object]:
        return changed({"alg": "ES256", "kid": self.key.kid, "typ": "at+jwt"}, changes)

    def members(self, **changes: object) -> dict[str, object]:
        return changed(MEMBERS, changes)

    def signed(self, header: object = None, members: object = None) -> str:
        """A token with the right signature over whatever it is given."""
        content = self.content(header, members)
        return f"{content}.{encode(self.signature(content))}"

    def content(self, header: object = None, members: object = None) -> str:
        header = self.header() if header is None else header
        members = self.members() if members is None else members
        return f"{encode(as_json(header))}.{encode(as_json(members))}"

    def signature(self, content: str) -> bytes:
        return raw(self.der_signature(content))

    def der_signature(self, content: str) -> bytes:
        return self.key.private.sign(content.encode(), ec.ECDSA(SHA256()))

    def with_header(self, **changes: object) -> str:
        return self.signed(header=self.header(**changes))

    def with_claims(self, **changes: object) -> str:
        return self.signed(members=self.members(**changes))

    def with_text(self, member: str, text: str) -> str:
        """A token whose claim `member` is the JSON text `text`, valid or not."""
        others = json.dumps(self.members(**{member: ABSENT}))
        return self.signed(members=f'{others[:-1]}, "{member}": {text}}}'.encode())

    def hmac_signed(self, algorithm: str, secret: bytes) -> str:
        content = self.content(self.header(alg=algorithm))
        return f"{content}.{encode(hmac.digest(secret, content.encode(), hashlib.sha256))}"

    def rsa_signed(self) -> str:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        content = self.content(self.header(alg="RS256"))
        return f"{content}.{encode(key.sign(content.encode(), padding.PKCS1v15(), SHA256()))}"

    def p384_signed(self) -> str:
        key = ec.generate_private_key(ec.SECP384R1())
        content = self.content(self.header(alg="ES384"))
        return f"{content}.{encode(raw(key.sign(content.encode(), ec.ECDSA(SHA384())), 48))}"

    def stranger_signed(self, **header: object) -> str:
        key = ec.generate_private_key(ec.SECP256R1())
        content = self.content(self.header(**header))
        return f"{content}.{encode(raw(key.sign(content.encode(), ec.ECDSA(SHA256()))))}"


def changed(good: dict[str, object], changes: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**good, **changes}.items() if value is not ABSENT}
