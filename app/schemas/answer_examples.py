"""What Ana answered on one morning and what came of it, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.examples import (
    ALERT,
    ANA,
    ASSESSMENT,
    CHECK_IN,
    CLARA,
    EVENING_IOP,
    HELP,
    NOTE,
    OPENING,
    REQUEST,
    TELLING,
)
from app.schemas.safety_plan_examples import PLAN_IN_HELP

CHECK_IN_READ: JsonDict = {
    "id": CHECK_IN,
    "patient_id": ANA,
    "local_date": "2026-11-23",
    "time_zone": "America/New_York",
    "occurred_at": "2026-11-23T13:00:00Z",
    "recorded_at": None,
    "received_at": "2026-11-23T13:00:01Z",
    "answers": {"mood": 4, "craving": 9, "sleep_hours": 5.5, "used": False},
    "note": "Rough night, but I am here.",
}
CHECK_IN_REPLY: JsonDict = {**CHECK_IN_READ, "care_team_told": True, "help": None}
CHECK_IN_PAGE: JsonDict = {"items": [{**CHECK_IN_READ, "revisions": 0}], "next_cursor": None}
CHECK_IN_BATCH_REPLY: JsonDict = {
    "items": [
        {"id": CHECK_IN, "status": 201, "check_in": CHECK_IN_REPLY, "problem": None},
        {
            "id": None,
            "status": 422,
            "check_in": None,
            "problem": {
                "type": "about:blank",
                "title": "Unprocessable Content",
                "status": 422,
                "code": "unacceptable",
                "detail": "The request is not acceptable.",
                "errors": [
                    {
                        "in": "body",
                        "pointer": "/items/1/answers/craving",
                        "code": "too_large",
                        "detail": "At most 10.",
                    }
                ],
                "request_id": REQUEST,
            },
        },
    ]
}

PHQ_9_ANSWERS: JsonDict = {
    f"phq9-{item}": value for item, value in enumerate([2, 2, 1, 3, 1, 2, 1, 1, 1], start=1)
}
ASSESSMENT_READ: JsonDict = {
    "id": ASSESSMENT,
    "patient_id": ANA,
    "instrument": "phq-9",
    "version": "1.0.0",
    "local_date": "2026-11-23",
    "time_zone": "America/New_York",
    "occurred_at": "2026-11-23T13:05:00Z",
    "recorded_at": None,
    "received_at": "2026-11-23T13:05:01Z",
    "answers": PHQ_9_ANSWERS,
    "score": {
        "total": 14,
        "severity": "moderate",
        "subscales": {},
        "critical_items": ["phq9-9"],
        "unanswered": [],
        "reason": None,
        "flags": {"positive_screen_10": True, "mds_algorithm": True},
        "change": {"from_previous": 3, "from_baseline": -2, "reliable": False},
    },
}
ASSESSMENT_REPLY: JsonDict = {
    **ASSESSMENT_READ,
    "care_team_told": True,
    "help": {**HELP, "safety_plan": PLAN_IN_HELP},
}
ASSESSMENT_PAGE: JsonDict = {"items": [{**ASSESSMENT_READ, "revisions": 0}], "next_cursor": None}

CRAVING_HIGH: JsonDict = {
    "code": "craving.high",
    "title": "Strong craving",
    "severity": "high",
    "answer_within_minutes": 240,
    "enabled": True,
    "floor": False,
    "condition": {
        "kind": "any",
        "conditions": [
            {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8},
            {
                "kind": "count",
                "signal": "craving",
                "op": ">=",
                "value": 7,
                "at_least": 2,
                "window_days": 3,
                "per": "day",
            },
        ],
    },
    "sentence": "",
    "evidence": {"grade": "design", "citation": "No cut-off is published for one 0 to 10 question"},
    "next_step": "Call within four hours; go through the coping plan and who is near.",
}
CRISIS_FLAG: JsonDict = {
    "code": "si.crisis_flag",
    "title": "Crisis flag",
    "severity": "critical",
    "answer_within_minutes": None,
    "enabled": True,
    "floor": True,
    "condition": {"kind": "threshold", "signal": "crisis", "op": ">=", "value": 1},
    "sentence": "A crisis flag was raised on {day}.",
    "evidence": {"grade": "common-practice", "citation": "A call for help is answered at once"},
    "next_step": "Call the person now; 988 and 911 are already on their screen.",
}
RULE_SET: JsonDict = {
    "program_id": EVENING_IOP,
    "version": 1,
    "author": None,
    "author_id": None,
    "reason": "Handrail's default rules",
    "published_at": "2026-09-01T14:00:00Z",
    "rules": [CRISIS_FLAG, CRAVING_HIGH],
}

SENTENCE = "Craving was 9 on Nov 23, 2026; the rule asks for 8 or more."
ALERT_READ: JsonDict = {
    "id": ALERT,
    "patient_id": ANA,
    "patient_name": "Ana Example",
    "program_id": EVENING_IOP,
    "rule": "craving.high",
    "rule_set_version": 1,
    "severity": "high",
    "floor": False,
    "status": "open",
    "title": "Strong craving",
    "sentence": SENTENCE,
    "opened_at": "2026-11-23T13:00:01Z",
    "due_at": "2026-11-23T17:00:01Z",
    "occurrences": 1,
    "last_found_at": "2026-11-23T13:00:01Z",
    "assignee_id": None,
    "acknowledged_at": None,
    "acknowledged_by": None,
    "resolved_at": None,
    "resolved_by": None,
    "outcome": None,
    "snoozed_until": None,
    "cycle": 1,
    "step": 1,
    "next_at": "2026-11-23T17:00:01Z",
}
ALERT_PAGE: JsonDict = {"items": [ALERT_READ], "next_cursor": None}
LADDER: JsonDict = {
    "steps": [
        {"tell": "primary", "wait_minutes": 240},
        {"tell": "on_call", "wait_minutes": 240},
        {"tell": "supervisor", "wait_minutes": 480},
    ],
    "rounds": None,
    "hold_minutes": 1440,
    "quiet_hours": True,
    "working_days": False,
    "digest": False,
}
ENTRY: JsonDict = {
    "author_id": None,
    "author_name": None,
    "assignee_id": None,
    "outcome": None,
    "text": None,
    "cycle": 1,
    "step": None,
    "tell": None,
    "until": None,
}
ALERT_DETAIL: JsonDict = {
    **ALERT_READ,
    "ladder": LADDER,
    "log": [
        {**ENTRY, "id": OPENING, "kind": "opened", "at": "2026-11-23T13:00:01Z"},
        {**ENTRY, "id": TELLING, "kind": "told", "at": "2026-11-23T13:00:01Z", "step": 0, "tell": "primary"},
        {
            **ENTRY,
            "id": NOTE,
            "kind": "noted",
            "at": "2026-11-23T13:20:00Z",
            "author_id": CLARA,
            "author_name": "Clara Example",
            "text": "Left a message.",
        },
    ],
    "findings": [
        {
            "number": 1,
            "found_at": "2026-11-23T13:00:01Z",
            "sentence": SENTENCE,
            "rule_set_version": 1,
            "source_kind": "check_in",
            "source_id": CHECK_IN,
            "source_revision": 0,
        }
    ],
}
EXPLANATION: JsonDict = {
    "alert_id": ALERT,
    "occurrence": 1,
    "found_at": "2026-11-23T13:00:01Z",
    "rule_set_version": 1,
    "rule": CRAVING_HIGH,
    "sentence": SENTENCE,
    "comparison": SENTENCE,
    "as_of": "2026-11-23T13:00:01Z",
    "readings": [
        {
            "signal": "craving",
            "value": 9,
            "at": "2026-11-23T13:00:00Z",
            "day": "2026-11-23",
            "received_at": "2026-11-23T13:00:01Z",
            "source": {"kind": "check_in", "id": CHECK_IN, "revision": 0},
            "decisive": True,
        }
    ],
    "evidence": CRAVING_HIGH["evidence"],
    "next_step": CRAVING_HIGH["next_step"],
    "recomputed": {"holds": True, "same_sentence": True},
}

FEED_ITEM: JsonDict = {
    "position": 41,
    "type": "alert.opened",
    "alert_id": ALERT,
    "patient_id": ANA,
    "occurred_at": "2026-11-23T13:00:01Z",
}
FEED_PAGE: JsonDict = {"items": [FEED_ITEM], "next": "AAAAAAAAACk", "more": False}

CASELOAD_ITEM: JsonDict = {
    "patient_id": ANA,
    "patient_name": "Ana Example",
    "program": {"id": EVENING_IOP, "name": "Evening IOP"},
    "enrollment_status": "active",
    "enrolled_on": "2026-10-05",
    "primary_counselor": {"id": CLARA, "name": "Clara Example"},
    "open_alerts": {"critical": 0, "urgent": 0, "high": 1, "routine": 0},
    "acknowledged_alerts": {"critical": 0, "urgent": 0, "high": 0, "routine": 0},
    "next_due_at": "2026-11-23T17:00:01Z",
    "last_check_in": {
        "local_date": "2026-11-23",
        "mood": 4,
        "craving": 9,
        "answers": {"mood": 4, "craving": 9, "sleep_hours": 5.5, "used": False},
    },
    "streak": 12,
    "phq9": {"local_date": "2026-11-16", "total": 11, "severity": "moderate", "change": -5},
    "gad7": None,
    "follow_ups_due": 0,
}
CASELOAD_PAGE: JsonDict = {"items": [CASELOAD_ITEM], "next_cursor": None}
