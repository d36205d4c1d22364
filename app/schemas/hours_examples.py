"""Ana's hours, what her payer requires, and her group tonight, as the OpenAPI document shows them."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CLARA, EVENING_IOP

RULE = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e60"
TONIGHT = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e61"

MEDICARE: JsonDict = {
    "id": None,
    "code": "medicare-iop",
    "payer": "medicare",
    "name": "Medicare intensive outpatient program",
    "level_of_care": "2.1",
    "minimum_age": None,
    "maximum_age": None,
    "first_day": "2024-01-01",
    "last_day": None,
    "minimum_hours": 9,
    "maximum_hours": None,
    "daily_minimum_minutes": None,
    "minimum_days": None,
    "evidence": "published",
    "citation": "Medicare intensive outpatient services since 1 January 2024: at least 9 hours a week "
    "(42 CFR 410.44, 424.24; NGS, CGS, Noridian)",
    "created_at": None,
    "created_by": None,
}
PAYER_RULE_BODY: JsonDict = {
    "payer": "blue_river",
    "name": "Blue River Health Plan",
    "level_of_care": "2.1",
    "minimum_age": 18,
    "first_day": "2026-01-01",
    "minimum_hours": 9,
    "maximum_hours": 15,
    "daily_minimum_minutes": 180,
    "minimum_days": 3,
    "citation": "Provider manual 2026, section 4.2",
}
PAYER_RULE: JsonDict = {
    **PAYER_RULE_BODY,
    "id": RULE,
    "code": None,
    "maximum_age": None,
    "last_day": None,
    "evidence": None,
    "created_at": "2025-12-15T14:00:00Z",
    "created_by": CLARA,
}
REQUIRED: JsonDict = {
    "minimum_hours": 9,
    "maximum_hours": 19,
    "daily_minimum_minutes": None,
    "minimum_days": None,
    "source": "Medicare intensive outpatient program",
    "maximum_source": "Evening IOP",
    "all": [
        {
            "kind": "payer",
            "name": "Medicare intensive outpatient program",
            "minimum_hours": 9,
            "maximum_hours": None,
            "daily_minimum_minutes": None,
            "minimum_days": None,
            "evidence": "published",
            "citation": MEDICARE["citation"],
        },
        {
            "kind": "program",
            "name": "Evening IOP",
            "minimum_hours": 9,
            "maximum_hours": 19,
            "daily_minimum_minutes": None,
            "minimum_days": None,
            "evidence": None,
            "citation": "The program's own hours",
        },
    ],
}


def _day(date: str, attended: int, scheduled: int) -> JsonDict:
    return {
        "date": date,
        "attended_minutes": attended,
        "scheduled_minutes": scheduled,
        "short_of_daily_minimum": None,
    }


WEEK: JsonDict = {
    "week_of": "2026-11-23",
    "attended_minutes": 180,
    "scheduled_minutes": 540,
    "missed_minutes": 0,
    "made_up_minutes": 0,
    "projected_minutes": 540,
    "treatment_days": 1,
    "days": [
        _day("2026-11-23", 180, 180),
        _day("2026-11-24", 0, 0),
        _day("2026-11-25", 0, 180),
        _day("2026-11-26", 0, 0),
        _day("2026-11-27", 0, 180),
        _day("2026-11-28", 0, 0),
        _day("2026-11-29", 0, 0),
    ],
    "required": REQUIRED,
    "sentence": "Two more groups reach nine hours.",
}
ATTENDANCE_NOW: JsonDict = {
    "program_id": EVENING_IOP,
    "days": 14,
    "missing": [
        {
            "session_id": TONIGHT,
            "patient_id": ANA,
            "patient_name": "Ana Example",
            "phone": "+1 212 555 0100",
            "minutes_since_start": 20,
            "status": None,
            "notice": None,
        }
    ],
    "today": [
        {
            "id": TONIGHT,
            "kind": "group",
            "title": "Evening group",
            "starts_at": "2026-11-23T23:00:00Z",
            "ends_at": "2026-11-24T02:00:00Z",
            "is_running": True,
            "capacity": 12,
            "expected": 8,
            "present": 6,
            "excused": 1,
            "missing": 1,
        }
    ],
    "patients": [
        {
            "patient_id": ANA,
            "patient_name": "Ana Example",
            "attended_minutes": 720,
            "scheduled_minutes": 1080,
            "minutes_rate": 0.667,
            "sessions_attended": 4,
            "sessions_expected": 6,
            "sessions_rate": 0.667,
            "engagement": {
                "asked": 24,
                "done": 11,
                "share": 0.458,
                "is_low": True,
                "check_ins": {"asked": 14, "done": 5},
                "attendance": {"asked": 6, "done": 4},
                "instruments": {"asked": 4, "done": 2},
            },
        }
    ],
}
