"""Ana's Tuesday group, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CLARA, EVENING_IOP
from app.schemas.ladder_examples import CLARA_REF

SERIES = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e60"
TREATMENT_SESSION = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e61"
PLACE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e62"

_SAID: JsonDict = {
    "program_id": EVENING_IOP,
    "kind": "group",
    "title": "Relapse prevention",
    "starts_local": "2026-11-24T18:00",
    "time_zone": "America/New_York",
    "minutes": 180,
    "recurrence": "FREQ=WEEKLY;BYDAY=TU,TH",
    "last_day": None,
    "capacity": 12,
    "room": "Room 3",
    "telehealth_url": None,
}
SERIES_BODY: JsonDict = {**_SAID, "facilitator_ids": [CLARA]}
SERIES_READ: JsonDict = {
    "id": SERIES,
    **_SAID,
    "audience": "places",
    "facilitators": [CLARA_REF],
    "placed": 12,
    "waiting": 1,
    "remarks": [],
    "planned_until": "2027-05-24",
    "created_at": "2026-11-23T13:00:00Z",
    "row_version": 1,
}

_TUESDAY: JsonDict = {
    "id": TREATMENT_SESSION,
    "series_id": SERIES,
    "program_id": EVENING_IOP,
    "kind": "group",
    "title": "Relapse prevention",
    "starts_at": "2026-11-24T23:00:00Z",
    "ends_at": "2026-11-25T02:00:00Z",
    "time_zone": "America/New_York",
    "local_date": "2026-11-24",
    "room": "Room 3",
    "telehealth_url": None,
    "facilitators": [CLARA_REF],
    "capacity": 12,
    "status": "planned",
    "is_exception": False,
    "row_version": 1,
}
OWN_SESSION: JsonDict = {
    **_TUESDAY,
    "expected": None,
    "attendance": {
        "status": "late",
        "minutes": 160,
        "arrived_at": "2026-11-24T23:20:00Z",
        "left_at": "2026-11-25T02:00:00Z",
    },
}
SESSION_READ: JsonDict = {
    **_TUESDAY,
    "expected": 11,
    "attendance": None,
    "free_places": 1,
    "arrival_code": "042917",
    "cancelled_at": None,
    "cancel_reason": None,
}

PLACE_READ: JsonDict = {
    "id": PLACE,
    "series_id": SERIES,
    "patient_id": ANA,
    "status": "waiting",
    "position": 1,
    "first_day": None,
    "asked_at": "2026-11-23T13:00:00Z",
    "placed_at": None,
}
