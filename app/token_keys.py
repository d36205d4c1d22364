"""The key files that sign access tokens: one P-256 private key a file, PEM, named by its key id."""

import fcntl
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from uuid_utils import uuid7

ALGORITHM = "ES256"  # of every key here: P-256 (RFC 7518, section 3.4)
_COORDINATE_BYTES = 32
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class KeyRingError(Exception):
    """The folder holds no usable set of keys; the text names the folder or file, never its content."""


@dataclass(frozen=True, slots=True, eq=False)
class TokenKey:
    """One key pair. Compared by identity: a key that was read again is another key."""

    kid: str
    private: ec.EllipticCurvePrivateKey
    public: ec.EllipticCurvePublicKey

    def jwk(self) -> dict[str, str]:
        """The public half as a JSON Web Key (RFC 7517)."""
        point = self.public.public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _coordinate(point.x),
            "y": _coordinate(point.y),
            "kid": self.kid,
            "alg": ALGORITHM,
            "use": "sig",
        }


class KeyRing:
    """The keys of one folder: the last by name signs, all of them verify."""

    def __init__(self, folder: Path, keys: Mapping[str, TokenKey]) -> None:
        self.folder = folder
        self.keys = keys

    @classmethod
    def load(cls, folder: Path, *, generate: bool) -> Self:
        """Read the keys of `folder`; with `generate`, make the first one when there is none.

        Any number of processes may do this at once and agree on the key. Raises KeyRingError for a folder
        without keys or with a file that is not one, OSError for what cannot be read or written.
        """
        if generate and not _key_files(folder):
            _make_private(folder)
            with _locked(folder):
                if not _key_files(folder):  # nobody was faster
                    _write_key(folder)
        return cls(folder, _read_keys(folder))

    @property
    def signing(self) -> TokenKey:
        """The newest key."""
        return self.keys[max(self.keys)]

    def reload(self) -> None:
        """Read the folder again. Raises as `load`, and then keeps what it had."""
        self.keys = _read_keys(self.folder)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public keys as a JSON Web Key Set, oldest first."""
        return {"keys": [self.keys[kid].jwk() for kid in sorted(self.keys)]}


def add_key(folder: Path) -> str:
    """Write a new key beside the others and return its kid. It signs after the next `reload`."""
    _make_private(folder)
    with _locked(folder):
        return _write_key(folder)


def _coordinate(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes(_COORDINATE_BYTES, "big")).rstrip(b"=").decode("ascii")


def _key_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.pem") if path.is_file())


def _read_keys(folder: Path) -> dict[str, TokenKey]:
    keys = {path.stem: _read_key(path) for path in _key_files(folder)}
    if not keys:
        raise KeyRingError(f"{folder} holds no key (*.pem)")
    return keys


def _read_key(path: Path) -> TokenKey:
    if not _KID.fullmatch(path.stem):
        raise KeyRingError(f"{path}: the name may hold letters, digits, - and _ only")
    private = _private_key(path)
    if private is None:
        raise KeyRingError(f"{path} is not an unencrypted P-256 private key in PEM")
    return TokenKey(path.stem, private, private.public_key())


def _private_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    content = path.read_bytes()
    try:
        key = load_pem_private_key(content, password=None)
    except Exception:  # noqa: BLE001 - a broken file raises one of many kinds, and the caller says it all
        return None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; it ends with the process, however that ends."""
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _write_key(folder: Path) -> str:
    """Write a key under a name that sorts by time. Readers see the whole file or none."""
    kid = str(uuid7())
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    unfinished = folder / f"{kid}.unfinished"
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(pem)
        stream.flush()
        os.fsync(stream.fileno())
    unfinished.rename(folder / f"{kid}.pem")
    _sync(folder)
    return kid


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
