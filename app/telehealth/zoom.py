"""Calls of Zoom.

Signed is `v0:{timestamp}:{raw body}` by HMAC-SHA256 under the app's secret token. Source: Zoom's developer
documentation, "Using webhooks". An event has no id: its body is one.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from hmac import new as hmac
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from app.telehealth.told import (
    Challenge,
    Genuine,
    Kind,
    Moment,
    Told,
    Unreadable,
    Who,
    call_hash,
    name_of,
)
from app.webhooks.signature import TOLERANCE

VALIDATION: Final = "endpoint.url_validation"
KINDS: Final[Mapping[str, Kind]] = {
    "meeting.started": "started",
    "meeting.ended": "ended",
    "meeting.participant_joined": "joined",
    "meeting.participant_left": "left",
}
_TIMESTAMP: Final = re.compile(r"[0-9]{1,12}", re.ASCII)
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
# Whoever may choose what is signed could have anything signed: a token has no `:`, as every event has.
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)


def _nothing(value: object) -> object:
    return None if value == "" else value


_Text = Annotated[str | None, BeforeValidator(_nothing)]
_Time = Annotated[Moment | None, BeforeValidator(_nothing)]
_FORGIVING = ConfigDict(coerce_numbers_to_str=True, hide_input_in_errors=True)


class _Participant(BaseModel):
    model_config = _FORGIVING

    user_id: _Text = None
    user_name: _Text = None
    id: _Text = None
    participant_user_id: _Text = None
    participant_uuid: _Text = None
    registrant_id: _Text = None
    customer_key: _Text = None
    join_time: _Time = None
    leave_time: _Time = None


class _Meeting(BaseModel):
    model_config = _FORGIVING

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    uuid: _Text = None
    start_time: _Time = None
    end_time: _Time = None
    participant: _Participant | None = None


class _Payload(BaseModel):
    object: _Meeting


class _Call(BaseModel):
    payload: _Payload


def verify(secrets: Sequence[str], headers: Mapping[str, str], raw: bytes, now: datetime) -> Genuine | None:
    """Which call this is; None when none of the secrets signed these bytes just now."""
    timestamp, given = headers.get("x-zm-request-timestamp", ""), headers.get("x-zm-signature", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _SIGNATURE.fullmatch(given):
        return None
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE.total_seconds():
        return None
    signed = b"v0:" + timestamp.encode() + b":" + raw
    # In the same time whichever it is: nothing ends at the first.
    matches = [compare_digest("v0=" + _hmac(secret, signed), given) for secret in secrets]
    return Genuine(None, call_hash(timestamp.encode(), raw)) if any(matches) else None


def read(value: object) -> Told | Challenge | None:
    """What it says; None for an event that is none of ours. Raises `Unreadable`."""
    name = value.get("event") if isinstance(value, dict) else None
    if name == VALIDATION:
        return _challenge(value)
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        return None
    try:
        meeting = _Call.model_validate(value).payload.object
    except ValidationError:
        raise Unreadable from None
    if kind in {"started", "ended"}:
        return Told(kind, _known(meeting.start_time if kind == "started" else meeting.end_time), meeting.id)
    who = meeting.participant
    if who is None:
        raise Unreadable
    at = _known(who.join_time if kind == "joined" else who.leave_time)
    return Told(kind, at, meeting.id, _who(meeting, who), _connection(meeting, who))


def answer(secret: str, challenge: Challenge) -> dict[str, str]:
    """What shows Zoom that we know the secret."""
    return {
        "plainToken": challenge.plain_token,
        "encryptedToken": _hmac(secret, challenge.plain_token.encode()),
    }


def _challenge(value: object) -> Challenge:
    payload = value.get("payload") if isinstance(value, dict) else None
    token = payload.get("plainToken") if isinstance(payload, dict) else None
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise Unreadable
    return Challenge(token)


def _who(meeting: _Meeting, who: _Participant) -> Who:
    """By our own id; else by whatever is the same when they come again, and last by this meeting's number.

    The others are marked as what they are: none of them can be mistaken for an id that we gave.
    """
    for mark, key in (
        ("", who.customer_key),
        ("registrant:", who.registrant_id),
        ("user:", who.participant_user_id or who.id),
        (f"once:{meeting.uuid}:", who.user_id or who.participant_uuid),
    ):
        if key:
            return Who((mark + key)[:200], name_of(who.user_name))
    raise Unreadable


def _connection(meeting: _Meeting, who: _Participant) -> str | None:
    """Zoom numbers somebody anew whenever they join."""
    number = who.user_id or who.participant_uuid
    return f"{meeting.uuid}/{number}"[:200] if number else None


def _known(moment: datetime | None) -> datetime:
    if moment is None:
        raise Unreadable
    return moment


def _hmac(secret: str, signed: bytes) -> str:
    return hmac(secret.encode(), signed, sha256).hexdigest()
