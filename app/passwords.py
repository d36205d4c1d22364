"""Passwords, kept as Argon2id hashes (RFC 9106).

Each hash or check costs some 20 ms of processor and the memory it is set to: call it in a thread, not on the
event loop.
"""

from base64 import b64encode
from unicodedata import normalize

import argon2
from argon2.exceptions import VerifyMismatchError

# OWASP Password Storage Cheat Sheet: Argon2id with at least 19 MiB, 2 passes, 1 lane.
MIN_MEMORY_KIB = 19_456
MIN_PASSES = 2
MIN_LANES = 1
_SALT_BYTES = 16
_HASH_BYTES = 32


class Passwords:
    """A hasher with its costs: memory in KiB, passes over it, parallel lanes.

    Raises ValueError for costs under OWASP's minimum.
    """

    def __init__(
        self, *, memory_kib: int = MIN_MEMORY_KIB, passes: int = MIN_PASSES, lanes: int = MIN_LANES
    ) -> None:
        if memory_kib < MIN_MEMORY_KIB or passes < MIN_PASSES or lanes < MIN_LANES:
            raise ValueError("password hashing would be weaker than OWASP's minimum")
        self._argon2 = argon2.PasswordHasher(
            memory_cost=memory_kib,
            time_cost=passes,
            parallelism=lanes,
            salt_len=_SALT_BYTES,
            hash_len=_HASH_BYTES,
        )
        self._dummy = _dummy_hash(memory_kib, passes, lanes)

    def hash(self, password: str) -> str:
        """The hash to store, with its own salt and costs in it."""
        return self._argon2.hash(_encoded(password))

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether `password` is the one that was hashed.

        None, for an account that does not exist, takes the same time and is False. Raises
        argon2's InvalidHashError or VerificationError when what was stored is no Argon2 hash.
        """
        try:
            self._argon2.verify(self._dummy if hashed is None else hashed, _encoded(password))
        except VerifyMismatchError:
            return False
        return hashed is not None

    def needs_rehash(self, hashed: str) -> bool:
        """Whether `hashed` was made with other costs than these; ask after a successful `verify`."""
        return self._argon2.check_needs_rehash(hashed)


def _encoded(password: str) -> bytes:
    """One spelling for what people type: phones differ in how they compose ñ (NIST SP 800-63B, 5.1.1.2)."""
    return normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _dummy_hash(memory_kib: int, passes: int, lanes: int) -> str:
    """A hash that no password has, as costly to check as a real one."""
    salt, digest = (b64encode(bytes(size)).rstrip(b"=").decode() for size in (_SALT_BYTES, _HASH_BYTES))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"
