"""Riverside's evening group at a telehealth platform, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CLARA

INTEGRATION = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f01"
SOMEBODY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f02"
GIVEN = "5f0c1d9a7be24c3f8a6e0d2b4c9f1e37"

INTEGRATION_BODY: JsonDict = {"id": INTEGRATION, "platform": "generic", "name": "Video rooms"}
ZOOM_BODY: JsonDict = {"platform": "zoom", "name": "Zoom", "secret": "dE2sXcVb7nM1kLpOiUyTrQ"}
INTEGRATION_READ: JsonDict = {
    "id": INTEGRATION,
    "platform": "generic",
    "name": "Video rooms",
    "enabled": True,
    "disabled_at": None,
    "previous_until": None,
    "created_at": "2026-11-02T15:00:00Z",
    "created_by": CLARA,
    "row_version": 1,
}
INTEGRATION_MADE: JsonDict = {
    **INTEGRATION_READ,
    "secret": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrs=",
}
MEETING: JsonDict = {
    "meeting_id": "evening-group",
    "session_id": None,
    "session_series_id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f03",
    "created_at": "2026-11-02T15:05:00Z",
}
GIVEN_ID: JsonDict = {"patient_id": ANA, "participant_id": GIVEN}
PRESENT: JsonDict = {
    "id": SOMEBODY,
    "integration_id": INTEGRATION,
    "shown_name": "Ana E.",
    "patient_id": None,
    "matched_at": None,
    "arrived_at": "2026-11-23T22:58:00Z",
    "left_at": "2026-11-24T02:00:00Z",
    "minutes": 170,
    "away": [{"left_at": "2026-11-23T23:30:00Z", "back_at": "2026-11-23T23:40:00Z"}],
}
EVENT: JsonDict = {
    "type": "participant.joined",
    "timestamp": "2026-11-23T22:58:03Z",
    "data": {
        "meeting_id": "evening-group",
        "participant_id": GIVEN,
        "connection_id": "c-81",
        "name": "Ana E.",
    },
}
