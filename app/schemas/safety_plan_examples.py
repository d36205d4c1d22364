"""What Ana wrote down for a bad day, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.models.safety_plan import STEPS
from app.schemas.examples import ANA
from app.sentences import sentence

STEPS_BODY: JsonDict = {
    "warning_signs": ["I stop answering messages", "I do not sleep two nights running"],
    "coping": ["Walk to the river and back", "The breathing from Tuesday group"],
    "distractions": ["The library", "My sister's kitchen"],
    "people_to_ask": [{"name": "My sister Rosa", "phone": "212 555 0123"}],
    "professionals": [
        {"name": "Clara, my counselor", "phone": "212 555 0100", "hours": "Monday to Friday, 9 to 5"}
    ],
    "safer_surroundings": ["Rosa keeps the pills and brings two days' worth"],
    "reasons_for_living": ["My daughter"],
}
PLAN: JsonDict = {
    "patient_id": ANA,
    "version": 3,
    "steps": STEPS_BODY,
    "written_at": "2026-11-20T15:00:00Z",
    "written_by": ANA,
    "written_by_kind": "patient",
}
PLAN_MARK: JsonDict = {"version": 3, "written_at": "2026-11-20T15:00:00Z"}
PLAN_PAGE: JsonDict = {"items": [PLAN], "next_cursor": None}
PLAN_IN_HELP: JsonDict = {
    "version": 3,
    "written_at": "2026-11-20T15:00:00Z",
    "steps": STEPS_BODY,
    "headings": {step: sentence(f"safety_plan.{step}", "en") for step in STEPS},
}
PLAN_STEPS: list[JsonDict] = [
    {
        "code": step,
        "heading": sentence(f"safety_plan.{step}", "en"),
        "question": sentence(f"safety_plan.ask.{step}", "en"),
    }
    for step in STEPS
]
