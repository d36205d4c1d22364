"""Who is told of Ana's alert, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.answer_examples import LADDER, SENTENCE
from app.schemas.examples import CLARA, EVENING_IOP, SCHEDULE

SAM = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2c"
OVERRIDE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2e"

POLICY: JsonDict = {
    **LADDER,
    "severity": "high",
    "is_default": True,
    "changed_at": None,
    "changed_by": None,
    "row_version": 0,
}

ROTATION: JsonDict = {"starts_on": "2026-10-05", "hand_over": "09:00", "members": [CLARA, SAM]}
SCHEDULE_BODY: JsonDict = {"name": "Evenings", "time_zone": "America/New_York", "rotation": ROTATION}
SCHEDULE_READ: JsonDict = {
    "id": SCHEDULE,
    **SCHEDULE_BODY,
    "created_at": "2026-09-28T14:00:00Z",
    "row_version": 1,
}
CLARA_REF: JsonDict = {"id": CLARA, "name": "Clara Example"}
SAM_REF: JsonDict = {"id": SAM, "name": "Sam Example"}
SHIFT: JsonDict = {
    "staff_member": CLARA_REF,
    "starts_at": "2026-11-16T14:00:00Z",
    "ends_at": "2026-11-23T14:00:00Z",
}
HOLE: JsonDict = {
    "reason": "no_contact_method",
    "staff_member": SAM_REF,
    "starts_at": "2026-11-23T14:00:00Z",
    "ends_at": "2026-11-30T14:00:00Z",
}
OVERRIDE_BODY: JsonDict = {
    "starts_at": "2026-11-26T09:00:00-05:00",
    "ends_at": "2026-11-27T09:00:00-05:00",
    "staff_member_id": CLARA,
}
OVERRIDE_READ: JsonDict = {
    "id": OVERRIDE,
    "staff_member": CLARA_REF,
    "starts_at": "2026-11-26T14:00:00Z",
    "ends_at": "2026-11-27T14:00:00Z",
    "created_by": SAM,
    "created_at": "2026-11-23T12:00:00Z",
}
ON_CALL_NOW: JsonDict = {
    "program": {"id": EVENING_IOP, "name": "Evening IOP"},
    "on_call_schedule_id": SCHEDULE,
    "staff_member": CLARA_REF,
    "until": "2026-11-23T14:00:00Z",
}

_NOTHING: JsonDict = dict.fromkeys(
    ("cycle", "step", "tell", "recipient", "channel", "outcome", "author", "until", "text", "occurrence")
)
_FIRST_STEP: JsonDict = {**_NOTHING, "cycle": 1, "step": 0, "tell": "primary"}
_BY_MAIL: JsonDict = {**_FIRST_STEP, "recipient": CLARA_REF, "channel": "email"}
TIMELINE: JsonDict = {
    "items": [
        {**_NOTHING, "at": "2026-11-23T13:00:01Z", "kind": "found", "text": SENTENCE, "occurrence": 1},
        {**_NOTHING, "at": "2026-11-23T13:00:01Z", "kind": "opened", "cycle": 1},
        {**_FIRST_STEP, "at": "2026-11-23T13:00:01Z", "kind": "told"},
        {**_BY_MAIL, "at": "2026-11-23T13:00:01Z", "kind": "page_intended"},
        {**_BY_MAIL, "at": "2026-11-23T13:00:02Z", "kind": "page_attempted", "outcome": "delivered"},
        {**_BY_MAIL, "at": "2026-11-23T13:00:02Z", "kind": "page_sent"},
        {
            **_NOTHING,
            "at": "2026-11-23T13:20:00Z",
            "kind": "noted",
            "cycle": 1,
            "author": CLARA_REF,
            "text": "Left a message.",
        },
    ],
    "next": {"at": "2026-11-23T17:00:01Z", "does": "tell_next_step", "tell": "on_call"},
}
