"""A cry for help of Ana's and what followed it, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CLARA, DANGER_NOW, EMERGENCY, LIFELINE
from app.schemas.safety_plan_examples import PLAN_IN_HELP
from app.sentences import sentence

FLAG = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8f01"
ALERT = "019ab0f2-7c05-7aa1-8c11-5b1f0a2b9d44"
_TOLD = f"{sentence('saved.crisis_flag', 'en')} {sentence('help.critical', 'en')} {DANGER_NOW}"
_HELP: JsonDict = {"message": _TOLD, "resources": [LIFELINE, EMERGENCY], "safety_plan": PLAN_IN_HELP}

CRISIS_FLAG_BODY: JsonDict = {
    "id": FLAG,
    "occurred_at": "2026-11-23T13:58:10-05:00",
    "what": "I had a drink and I am scared of what comes next.",
    "where": "In my car, by the river",
    "reach_me": "Call, please do not text",
    "with_me": "Nobody",
}
CRISIS_FLAG_RECEIPT: JsonDict = {
    "id": FLAG,
    "status": "open",
    "help": {**_HELP, "safety_plan": None},
    "ignored": [],
}
CRISIS_FLAG_REPLY: JsonDict = {
    **CRISIS_FLAG_RECEIPT,
    "help": _HELP,
    "alert_id": ALERT,
    "care_team_told": True,
}
CRISIS_FLAG_STATUS: JsonDict = {
    "id": FLAG,
    "patient_id": ANA,
    "status": "acknowledged",
    "occurred_at": "2026-11-23T18:58:10Z",
    "received_at": "2026-11-23T18:58:11Z",
}
CRISIS_FLAG_READ: JsonDict = {
    **CRISIS_FLAG_STATUS,
    "local_date": "2026-11-23",
    "raised_by_kind": "patient",
    "acknowledged_at": "2026-11-23T19:02:00Z",
    "resolved_at": None,
    "seen": sentence("crisis.seen_by_counselor", "en", time="14:02"),
}
CONTACT_ATTEMPT_BODY: JsonDict = {"at": "2026-11-23T19:04:00Z", "way": "call", "outcome": "reached"}
CONTACT_ATTEMPT_READ: JsonDict = {
    **CONTACT_ATTEMPT_BODY,
    "id": "019ab0f2-7c09-7bb2-8d22-6c2f1b3cae55",
    "note": "Is driving home to her sister; we speak again at 20:00.",
    "staff_member": {"id": CLARA, "name": "Clara Example"},
    "recorded_at": "2026-11-23T19:10:00Z",
}
COMPLETION_BODY: JsonDict = {"outcome": "safety_plan_reviewed", "note": "Went through all seven steps."}
FOLLOW_UP_READ: JsonDict = {
    "id": "019ab0f2-7c0a-7cc3-8e33-7d302c4dbf66",
    "patient_id": ANA,
    "crisis_flag_id": FLAG,
    "assignee_id": CLARA,
    "status": "due",
    "due_from": "2026-11-24T19:30:00Z",
    "due_by": "2026-11-26T19:30:00Z",
    "overdue_at": None,
    "created_at": "2026-11-23T19:30:00Z",
    "done_at": None,
    "done_by": None,
    "outcome": None,
    "note": None,
}
FOLLOW_UP_ITEM: JsonDict = {**FOLLOW_UP_READ, "patient_name": "Ana Example"}
FOLLOW_UP_PAGE: JsonDict = {"items": [FOLLOW_UP_ITEM], "next_cursor": None}
CRISIS_FLAG_DETAIL: JsonDict = {
    **CRISIS_FLAG_READ,
    "alert_id": ALERT,
    "raised_by": ANA,
    "raised_by_name": "Ana Example",
    "raised_by_relation": None,
    "rule": None,
    "filed_at": "2026-11-23T18:58:10Z",
    "recorded_at": None,
    "what": CRISIS_FLAG_BODY["what"],
    "where": CRISIS_FLAG_BODY["where"],
    "reach_me": CRISIS_FLAG_BODY["reach_me"],
    "with_me": CRISIS_FLAG_BODY["with_me"],
    "token_expired": False,
    "acknowledged_by": CLARA,
    "resolved_by": None,
    "outcome": None,
    "contact_attempts": [CONTACT_ATTEMPT_READ],
    "follow_up": None,
}
CRISIS_FLAG_PAGE: JsonDict = {"items": [CRISIS_FLAG_READ], "next_cursor": None}
