"""Calls of any platform that signs by Standard Webhooks: `docs/telehealth.md` says how they look."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from app.telehealth.told import Genuine, Key, Kind, Moment, Told, Unreadable, Who, call_hash, name_of
from app.webhooks import signature

KINDS: Final[Mapping[str, Kind]] = {
    "session.started": "started",
    "session.ended": "ended",
    "participant.joined": "joined",
    "participant.left": "left",
    "participant.no_show": "no_show",
}
_OF_SOMEBODY: Final = {"joined", "left", "no_show"}


class _Data(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    meeting_id: Key
    participant_id: Key | None = None
    connection_id: Key | None = None
    name: str | None = None


class _Call(BaseModel):
    model_config = ConfigDict(hide_input_in_errors=True)

    timestamp: Moment
    data: _Data


def verify(secrets: Sequence[str], headers: Mapping[str, str], raw: bytes, now: datetime) -> Genuine | None:
    """Which call this is; None when none of the secrets signed these bytes just now."""
    verified = signature.verify(secrets, headers, raw, now)
    if verified is None:
        return None
    said = verified.message_id.encode(), str(verified.timestamp).encode()
    return Genuine(verified.message_id, call_hash(*said, raw))


def read(value: object) -> Told | None:
    """What it says; None for an event that is none of ours. Raises `Unreadable`."""
    kind = (
        KINDS.get(value["type"]) if isinstance(value, dict) and isinstance(value.get("type"), str) else None
    )
    if kind is None:
        return None
    try:
        call = _Call.model_validate(value)
    except ValidationError:
        raise Unreadable from None
    who, data = None, call.data
    if kind in _OF_SOMEBODY:
        if data.participant_id is None:
            raise Unreadable
        who = Who(data.participant_id, name_of(data.name))
    return Told(kind, call.timestamp, data.meeting_id, who, data.connection_id)
