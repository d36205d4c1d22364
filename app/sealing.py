"""Secrets at rest: sealed with AES-256-GCM under one key, and bound to the place that they are kept in."""

import os
import secrets
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
KEY_FILE = "sealing.key"
_VERSION = b"\x01"
_NONCE_BYTES = 12  # 96 random bits: NIST SP 800-38D, section 8.2.2, allows 2**32 seals under one key
_TAG_BYTES = 16


class Unsealable(Exception):
    """These bytes were not sealed with this key for this place, or were changed since."""


class SealingKeyError(Exception):
    """There is no usable key; the text names the file or the setting, never its content."""


class Sealer:
    """Seals short texts with one key of 32 bytes.

    `place` says where the sealed bytes are kept (`contact_method:<organization>:<id>`): bytes that somebody
    copied to another row do not open there.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise SealingKeyError(f"a sealing key has {KEY_BYTES} bytes")
        self._cipher = AESGCM(key)

    @classmethod
    def load(cls, configured: str | None, folder: Path, *, generate: bool) -> Self:
        """The sealer of the `configured` key (base64), else of the key file in `folder`.

        With `generate`, a key file that is not there is made; any number of processes may do so at once and
        agree on the key. Raises SealingKeyError without a usable key, OSError for what cannot be read.
        """
        if configured is not None:
            return cls(_decoded(configured, "HANDRAIL_SEALING_KEY"))
        path = folder / KEY_FILE
        if generate and not path.exists():
            _make_key(path)
        if not path.exists():
            raise SealingKeyError(f"{path} is not there; put it there or set HANDRAIL_SEALING_KEY")
        return cls(_decoded(path.read_text(encoding="ascii", errors="replace"), str(path)))

    def seal(self, plain: str, *, place: str) -> bytes:
        """Version, nonce, ciphertext and tag: never the same bytes twice."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain.encode(), _bound_to(place))

    def unseal(self, sealed: bytes, *, place: str) -> str:
        """What was sealed for this place. Raises Unsealable for anything else."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        if version != _VERSION or len(rest) < _TAG_BYTES:
            raise Unsealable
        try:
            return self._cipher.decrypt(nonce, rest, _bound_to(place)).decode()
        except InvalidTag as error:
            raise Unsealable from error


def _decoded(text: str, source: str) -> bytes:
    try:
        key = b64decode(text.strip(), validate=True)
    except ValueError:  # binascii's own is one
        key = b""
    if len(key) != KEY_BYTES:
        raise SealingKeyError(f"{source} is not the base64 of {KEY_BYTES} bytes")
    return key


def _bound_to(place: str) -> bytes:
    return _VERSION + place.encode()


def _make_key(path: Path) -> None:
    """Write a key file whole or not at all. The first process to link its own is right, the others follow."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.chmod(0o700)
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(8)}.unfinished")
    file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as stream:
            stream.write(b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(unfinished, path)
        except FileExistsError:  # somebody was faster
            return
    finally:
        unfinished.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
