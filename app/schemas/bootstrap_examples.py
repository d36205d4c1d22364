"""What Ana's app begins with, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas import examples
from app.schemas.safety_plan_examples import PLAN_MARK, PLAN_STEPS
from app.schemas.session_examples import TREATMENT_SESSION

BOOTSTRAP: JsonDict = {
    **examples.BOOTSTRAP,
    "treatment_sessions": [
        {
            "id": TREATMENT_SESSION,
            "kind": "group",
            "title": "Relapse prevention",
            "starts_at": "2026-11-24T23:00:00Z",
            "ends_at": "2026-11-25T02:00:00Z",
            "time_zone": "America/New_York",
            "room": "Room 3",
            "telehealth_url": None,
            "cancelled": False,
            "attendance": None,
        }
    ],
    "goals": [
        {
            "id": "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e71",
            "area": "mental_health",
            "statement": "Meditate for ten minutes every day",
            "measure": {
                "unit": "days", "baseline": 0, "target": 24, "direction": "increase", "counts": None,
            },
            "cadence": {"kind": "daily"},
            "due_on": "2026-12-06",
            "fed_by": None,
            "status": "on_track",
            "progress": {"value": 12, "expected": 12.86, "pace": "on_track"},
            "streak": {"unit": "days", "current": 5, "longest": 7},
            "entry_due": True,
        }
    ],
    "safety_plan": PLAN_MARK,
    "safety_plan_steps": list(PLAN_STEPS),
    "stands_by": None,
    "hours": {
        "week_of": "2026-11-23",
        "attended_minutes": 0,
        "projected_minutes": 540,
        "minimum_hours": 9,
        "sentence": "Three more groups reach nine hours.",
    },
}  # fmt: skip
