"""Ana's sessions of a week in November, as the OpenAPI document shows them."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CLARA

MONDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e60"
THURSDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e61"
NOTICE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e62"
ON_MONDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e63"
ON_THURSDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e64"
WEDNESDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e65"
ON_WEDNESDAY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e66"

ATTENDANCE_BODY: JsonDict = {
    "status": "attended",
    "arrived_at": "2026-11-23T18:25:00-05:00",
    "left_at": "2026-11-23T21:00:00-05:00",
    "reason": "The train was late.",
}
ATTENDANCE: JsonDict = {
    "id": ON_MONDAY,
    "session_id": MONDAY,
    "patient_id": ANA,
    "status": "late",
    "arrived_at": "2026-11-23T23:25:00Z",
    "left_at": "2026-11-24T02:00:00Z",
    "minutes": 155,
    "away": [],
    "source": "staff",
    "notice": None,
    "makes_up_id": None,
    "revision": 2,
    "changed_at": "2026-11-24T02:05:00Z",
    "changed_by": CLARA,
}
ROSTER: JsonDict = {
    "session_id": MONDAY,
    "items": [{**ATTENDANCE, "patient_name": "Ana Example", "is_expected": True}],
}
ROSTER_BODY: JsonDict = {"items": [{"patient_id": ANA, "revision": 1, **ATTENDANCE_BODY}]}
ROSTER_REPLY: JsonDict = {"items": [{**ATTENDANCE, "changed": True}]}
DETAIL: JsonDict = {
    **ATTENDANCE,
    "history": [
        {
            "revision": 1,
            "at": "2026-11-23T23:30:00Z",
            "status": "unexcused",
            "arrived_at": None,
            "left_at": None,
            "minutes": 0,
            "away": [],
            "source": "system",
            "changed_by": None,
            "author_name": None,
            "reason": None,
        },
        {
            "revision": 2,
            "at": "2026-11-24T02:05:00Z",
            "status": "late",
            "arrived_at": "2026-11-23T23:25:00Z",
            "left_at": "2026-11-24T02:00:00Z",
            "minutes": 155,
            "away": [],
            "source": "staff",
            "changed_by": CLARA,
            "author_name": "Clara Example",
            "reason": "The train was late.",
        },
    ],
}
_GROUP: JsonDict = {
    "id": MONDAY,
    "kind": "group",
    "title": "Evening group",
    "starts_at": "2026-11-23T23:00:00Z",
    "ends_at": "2026-11-24T02:00:00Z",
    "local_date": "2026-11-23",
}
PATIENT_PAGE: JsonDict = {"items": [{**ATTENDANCE, "treatment_session": _GROUP}], "next_cursor": None}

ARRIVAL_BODY: JsonDict = {"code": "402913", "occurred_at": "2026-11-23T17:56:00-05:00"}
ARRIVAL: JsonDict = {
    **ATTENDANCE,
    "status": "arrived",
    "arrived_at": "2026-11-23T22:56:00Z",
    "left_at": None,
    "minutes": 0,
    "away": [],
    "source": "patient",
    "revision": 1,
    "changed_at": "2026-11-23T22:56:03Z",
    "changed_by": ANA,
    "is_late": False,
}
ABSENCE_BODY: JsonDict = {"id": NOTICE, "kind": "work", "reason": "A double shift on Wednesday."}
OPTION: JsonDict = {
    "id": THURSDAY,
    "starts_at": "2026-11-26T23:00:00Z",
    "ends_at": "2026-11-27T02:00:00Z",
    "kind": "group",
    "title": "Thursday group",
    "room": "Room 2",
    "places_left": 3,
}
ABSENCE: JsonDict = {
    **ARRIVAL,
    "id": ON_WEDNESDAY,
    "session_id": WEDNESDAY,
    "status": "excused",
    "arrived_at": None,
    "notice": {
        "kind": "work",
        "reason": "A double shift on Wednesday.",
        "at": "2026-11-23T13:00:00Z",
        "is_open": False,
        "excused_by": "policy",
    },
    "changed_at": "2026-11-23T13:00:00Z",
    "excused_by": "policy",
    "make_ups": [OPTION],
}
del ABSENCE["is_late"]
MAKE_UP_BODY: JsonDict = {"session_id": THURSDAY}
BOOKING: JsonDict = {
    **ATTENDANCE,
    "id": ON_THURSDAY,
    "session_id": THURSDAY,
    "status": "expected",
    "arrived_at": None,
    "left_at": None,
    "minutes": 0,
    "away": [],
    "source": "patient",
    "makes_up_id": ON_WEDNESDAY,
    "revision": 1,
    "changed_at": "2026-11-23T13:01:00Z",
    "changed_by": ANA,
    "treatment_session": {
        "id": THURSDAY,
        "kind": "group",
        "title": "Thursday group",
        "starts_at": "2026-11-26T23:00:00Z",
        "ends_at": "2026-11-27T02:00:00Z",
        "local_date": "2026-11-26",
    },
}
MAKE_UPS: JsonDict = {"items": [OPTION], "booked": None}
