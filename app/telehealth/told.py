"""What a platform's call says, in words that are the same for every platform."""

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, StringConstraints

Kind = Literal["started", "ended", "joined", "left", "no_show"]

_MOMENT: Final = re.compile(
    r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)", re.ASCII
)


class Unreadable(Exception):
    """A genuine call about an event that we know, without what we need of it."""


class Genuine(NamedTuple):
    """A call that its sender has signed: their id of the event, if they gave one, and which call it was."""

    event_id: str | None
    call_hash: bytes


class Who(NamedTuple):
    """Somebody in a meeting. `key` is the id that we gave the platform, or another of the platform's own."""

    key: str
    shown_name: str | None


class Told(NamedTuple):
    """One event. `connection` tells a participant's connections apart, where the platform does."""

    kind: Kind
    at: datetime
    meeting_id: str
    who: Who | None = None
    connection: str | None = None


class Challenge(NamedTuple):
    """A platform that asks whether we know the secret."""

    plain_token: str


def content_hash(value: object) -> bytes:
    """The same for the same JSON, however it was written."""
    return sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).digest()


def call_hash(*parts: bytes) -> bytes:
    """The same for the same call, and for no other."""
    return sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).digest()


def _shaped(value: object) -> object:
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return value
    raise ValueError("not a moment")


def _utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_shaped), AfterValidator(_utc)]
"""RFC 3339 with an offset, in this century; in UTC."""

Key = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
"""An id of somebody else's."""


def name_of(shown: str | None) -> str | None:
    """What somebody calls themselves, on one line of at most 200 characters; None for nothing."""
    return " ".join((shown or "").split())[:200] or None
