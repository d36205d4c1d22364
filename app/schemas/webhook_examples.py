"""A county's intake that is told of alerts, as the OpenAPI document shows it."""

from collections.abc import Mapping
from typing import Final

from pydantic.config import JsonDict

from app.webhooks.catalogue import EVENTS, HANDED_OFF, TEST, EventType

ENDPOINT: Final = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f10"
DELIVERY: Final = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f11"
_ADMINISTRATOR = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f12"
_ALERT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f13"
_PATIENT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f14"
_HAND_OFF = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f15"
_AT = "2026-11-23T13:00:02.125Z"

ENDPOINT_BODY: Final[JsonDict] = {
    "url": "https://intake.riverside.example/handrail",
    "description": "The county's intake",
    "event_types": ["alert.acknowledged", "alert.opened", "alert.resolved"],
}
ENDPOINT_READ: Final[JsonDict] = {
    "id": ENDPOINT,
    "purpose": "events",
    **ENDPOINT_BODY,
    "program_ids": [],
    "status": "enabled",
    "disabled_at": None,
    "disabled_code": None,
    "failing_since": None,
    "secret_since": "2026-11-02T15:00:00Z",
    "previous_until": None,
    "created_at": "2026-11-02T15:00:00Z",
    "created_by": _ADMINISTRATOR,
    "row_version": 1,
}
ENDPOINT_WITH_SECRET: Final[JsonDict] = {
    **ENDPOINT_READ,
    "secret": "whsec_ZXhhbXBsZSBvbmx5OiBuZXZlciB1c2UgdGhpcyBvbmU=",
}


def message(type: EventType) -> JsonDict:
    """What a message of this type looks like."""
    return {"type": type.value, "timestamp": _AT, "data": _DATA.get(type, _EVENT)}


_EVENT: Final[JsonDict] = {"alert_id": _ALERT, "patient_id": _PATIENT, "sequence": 1, "position": 4711}
_DATA: Final[Mapping[EventType, JsonDict]] = {
    TEST: {},
    HANDED_OFF: {
        "hand_off_id": _HAND_OFF,
        "alert_id": _ALERT,
        "patient_id": _PATIENT,
        "answer_by": "2026-11-23T13:05:02.125Z",
        "answer_url": "https://handrail.riverside.example/v1/hand-offs/"
        f"019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f16/{_HAND_OFF}/answer",
    },
    **{each: {**_EVENT, "sequence": place} for place, each in enumerate(EVENTS, start=1)},
}
