"""The body of a message: type, time, ids and numbers. Nothing in it says what a person has or said.

The same arguments give the same bytes: a message is the same at every attempt and replay.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from app.webhooks.catalogue import HANDED_OFF, TEST


def event(
    type: str, at: datetime, *, alert_id: UUID, patient_id: UUID, sequence: int, position: int
) -> bytes:
    """The body of an event of the feed. `sequence` counts the events of this alert, from 1 and without
    gaps; `position` is the event's place in the feed of the whole organization."""
    ids = {"alert_id": str(alert_id), "patient_id": str(patient_id)}
    return _body(type, at, {**ids, "sequence": sequence, "position": position})


def test(at: datetime) -> bytes:
    """The body of a test: it is about nobody."""
    return _body(TEST, at, {})


def hand_off(
    at: datetime, *, hand_off_id: UUID, alert_id: UUID, patient_id: UUID, answer_by: datetime, answer_url: str
) -> bytes:
    """The body of a hand-off, to be answered at `answer_url` until `answer_by`."""
    data = {
        "hand_off_id": str(hand_off_id),
        "alert_id": str(alert_id),
        "patient_id": str(patient_id),
        "answer_by": _time(answer_by),
        "answer_url": answer_url,
    }
    return _body(HANDED_OFF, at, data)


def message_id(delivery_id: UUID) -> str:
    """The `webhook-id` of a delivery: the same at every attempt, so that a receiver knows it again."""
    return f"msg_{delivery_id.hex}"


def _body(type: str, at: datetime, data: Mapping[str, str | int]) -> bytes:
    message = {"type": str(type), "timestamp": _time(at), "data": data}
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
