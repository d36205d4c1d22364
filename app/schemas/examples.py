"""Ana and her clinic, as the OpenAPI document shows them: one story, so that its examples fit together."""

from pydantic.config import JsonDict

from app.sentences import sentence

ALERT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e20"
CHECK_IN = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"
ANA = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e22"
EVENING_IOP = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e23"
CLARA = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e24"
NOTE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e25"
ASSESSMENT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e26"
ENROLLMENT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e27"
PHONE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e28"
KEY = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e29"
OPENING = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2b"
REQUEST = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2a"
TELLING = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e30"
SCHEDULE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2d"
LEAVE_OF_ABSENCE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e2f"

PATIENT: JsonDict = {
    "id": ANA,
    "given_name": "Ana",
    "family_name": "Example",
    "born_on": "1991-04-02",
    "sex": "female",
    "phone": "+1 212 555 0100",
    "locale": "en",
    "time_zone": "America/New_York",
    "created_at": "2026-10-05T14:00:00Z",
    "row_version": 1,
}

STAFF_MEMBER: JsonDict = {
    "id": CLARA,
    "name": "Clara Example",
    "role": "counselor",
    "email": "clara@riverside.example",
    "phone": "+1 212 555 0101",
    "locale": "en",
    "time_zone": "America/New_York",
    "active": True,
    "program_ids": [EVENING_IOP],
    "created_at": "2026-09-01T14:00:00Z",
    "row_version": 1,
}

CARE_TEAM: JsonDict = {
    "items": [
        {
            "staff_member_id": CLARA,
            "name": "Clara Example",
            "role": "counselor",
            "active": True,
            "function": "primary_counselor",
            "since": "2026-10-05T14:00:00Z",
        }
    ]
}

CALENDAR: JsonDict = {
    "working_days": [0, 1, 2, 3, 4],
    "quiet_from": "20:00",
    "quiet_until": "08:00",
    "holidays": {"country": "US", "subdivision": "NY"},
    "closed_on": ["2026-12-24"],
    "check_in_days": [0, 1, 2, 3, 4, 5, 6],
    "remind_at": "19:00",
    "digest_at": "08:30",
}

ATTENDANCE_POLICY: JsonDict = {
    "no_show_after_minutes": 30,
    "late_after_minutes": 10,
    "left_early_minutes": 10,
    "excused_notice_hours": 48,
    "excused_kinds": ["work", "family", "illness", "medical", "legal", "bereavement"],
    "make_up_days": 7,
    "arrival_opens_minutes": 15,
}

PROGRAM_BODY: JsonDict = {
    "name": "Evening IOP",
    "level_of_care": "2.1",
    "population": "adults",
    "minimum_weekly_hours": 9,
    "maximum_weekly_hours": 19,
    "time_zone": "America/New_York",
    "questions": [
        {
            "code": "steps_walked",
            "kind": "number",
            "minimum": 0,
            "maximum": 100000,
            "label": {"en": "Steps today", "es": "Pasos de hoy"},
        }
    ],
    "calendar": CALENDAR,
    "cadence": [{"instrument": "phq-9", "every_days": 7}, {"instrument": "gad-7", "every_days": 7}],
    "attendance_policy": ATTENDANCE_POLICY,
    "on_call_schedule_id": SCHEDULE,
}

PROGRAM: JsonDict = {
    "id": EVENING_IOP,
    **PROGRAM_BODY,
    "week_starts_on": 0,
    "sentences": {},
    "rule_set_version": 1,
    "created_at": "2026-09-01T14:00:00Z",
    "row_version": 1,
}

LEAVE_BODY: JsonDict = {"from": "2026-12-21", "back_on": "2026-12-28"}

LEAVE: JsonDict = {
    "id": LEAVE_OF_ABSENCE,
    "starts_at": "2026-12-21T05:00:00Z",
    "ends_at": "2026-12-28T05:00:00Z",
}

STAY: JsonDict = {
    "id": ENROLLMENT,
    "patient_id": ANA,
    "program_id": EVENING_IOP,
    "starts_on": "2026-10-05",
    "ends_on": None,
    "status": "active",
    "payer": "medicare",
    "leaves": [LEAVE],
    "created_at": "2026-10-05T14:00:00Z",
    "row_version": 2,
}

DEVICE: JsonDict = {
    "id": PHONE,
    "name": "Ana's phone",
    "created_at": "2026-10-05T15:00:00Z",
    "last_seen_at": "2026-11-23T12:58:00Z",
    "is_this": True,
}

JWKS: JsonDict = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "kid": KEY,
            "alg": "ES256",
            "use": "sig",
        }
    ]
}

LIFELINE: JsonDict = {
    "name": "988 Suicide and Crisis Lifeline: call, text or chat",
    "call": "988",
    "text": "988",
    "chat": "https://988lifeline.org/chat",
    "url": "https://988lifeline.org",
    "hours": "Day and night, every day",
}
EMERGENCY: JsonDict = {
    "name": "Emergency: you are in danger now",
    "call": "911",
    "text": None,
    "chat": None,
    "url": None,
    "hours": "Day and night, every day",
}
DANGER_NOW = sentence("danger.call", "en", number="911")

CRISIS_RESOURCES: JsonDict = {
    "country": "US",
    "message": DANGER_NOW,
    "resources": [LIFELINE, EMERGENCY],
}

HELP: JsonDict = {
    "message": f"{sentence('help.urgent', 'en')} {DANGER_NOW}",
    "resources": [LIFELINE, EMERGENCY],
    "safety_plan": None,
}

INSTRUMENT: JsonDict = {
    "code": "phq-9",
    "version": "1.0.0",
    "title": "Patient Health Questionnaire-9",
    "languages": ["en"],
    "has_text": True,
    "recall_days": 14,
    "cadence": "At intake, every one or two weeks, at discharge",
    "licence": {
        "tier": 1,
        "holder": "Pfizer Inc.",
        "terms": "No permission required to reproduce, translate, display or distribute; keep the notice",
    },
}

BOOTSTRAP: JsonDict = {
    "server_time": "2026-11-23T12:58:00Z",
    "me": {
        "id": ANA,
        "name": "Ana Example",
        "role": "patient",
        "locale": "en",
        "time_zone": "America/New_York",
    },
    "program": {
        "id": EVENING_IOP,
        "name": "Evening IOP",
        "level_of_care": "2.1",
        "population": "adults",
        "minimum_weekly_hours": 9,
        "maximum_weekly_hours": 19,
        "time_zone": "America/New_York",
    },
    "enrollment": {"id": ENROLLMENT, "status": "active", "starts_on": "2026-10-05", "ends_on": None},
    "programs": [],
    "due": {
        "check_in": {"local_date": "2026-11-23", "done": False},
        "instruments": [{"instrument": "phq-9", "due_on": "2026-11-22", "overdue_days": 1}],
    },
    "reminders": [
        {
            "at": "2026-11-24T00:00:00Z",
            "day": "2026-11-23",
            "kind": "check_in",
            "sentence": sentence("reminder.check_in", "en"),
        }
    ],
    "check_in_questions": [
        {
            "code": "craving",
            "kind": "scale",
            "label": "Urge to use",
            "question": "How strong is your wish to drink or use right now? 0 is none at all. 10 is as "
            "strong as it gets.",
            "minimum": 0,
            "maximum": 10,
            "options": [],
            "own": False,
        },
        {
            "code": "steps_walked",
            "kind": "number",
            "label": "Steps today",
            "question": "Steps today",
            "minimum": 0,
            "maximum": 100000,
            "options": [],
            "own": True,
        },
    ],
    "instruments": [
        {
            "code": "phq-9",
            "version": "1.0.0",
            "title": "Patient Health Questionnaire-9",
            "has_text": True,
        }
    ],
    "crisis_resources": [LIFELINE, EMERGENCY],
}
