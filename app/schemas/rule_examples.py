"""A clinical lead lowers the craving that is told at once, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.answer_examples import CRAVING_HIGH, CRISIS_FLAG
from app.schemas.examples import CLARA, EVENING_IOP

REASON = "Cravings of 7 came before most of our relapses."

AT_SEVEN: JsonDict = {
    **CRAVING_HIGH,
    "condition": {
        "kind": "any",
        "conditions": [
            {"kind": "threshold", "signal": "craving", "op": ">=", "value": 7},
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
}
RULE_SET_DRAFT: JsonDict = {"program_id": EVENING_IOP, "rules": [CRISIS_FLAG, AT_SEVEN]}
RULE_SET_BODY: JsonDict = {**RULE_SET_DRAFT, "base_version": 1, "reason": REASON}

RULE_SET_PAGE: JsonDict = {
    "items": [
        {
            "version": 2,
            "author": "Clara Example",
            "author_id": CLARA,
            "reason": REASON,
            "published_at": "2026-11-23T15:00:00Z",
            "in_force": True,
        },
        {
            "version": 1,
            "author": None,
            "author_id": None,
            "reason": "Handrail's default rules",
            "published_at": "2026-09-01T14:00:00Z",
            "in_force": False,
        },
    ],
    "next_cursor": None,
}

DIFFERENCE: JsonDict = {
    "version": 2,
    "against": 1,
    "added": [],
    "removed": [],
    "changed": [
        {
            "code": "craving.high",
            "title": "Strong craving",
            "changes": [{"pointer": "/condition/conditions/0/value", "before": 8, "after": 7}],
            "sentence": "Craving: from 8 to 7.",
        }
    ],
}

FORM: JsonDict = {
    "program_id": EVENING_IOP,
    "rule": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Rule",
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1, "maxLength": 120}},
    },
    "signals": [
        {
            "signal": "craving",
            "title": "Craving",
            "description": "Strongest craving now, 10 is strongest",
            "kind": "number",
            "minimum": 0,
            "maximum": 10,
            "unit": "points",
            "choices": [],
        },
        {
            "signal": "steps_walked",
            "title": "Steps today",
            "description": "A question of the program's own",
            "kind": "number",
            "minimum": 0,
            "maximum": 100000,
            "unit": None,
            "choices": [],
        },
    ],
    "placeholders": {"threshold": ["asked", "day", "name", "threshold", "value"]},
}
