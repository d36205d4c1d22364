"""A clinical lead tries a lower threshold before publishing it, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.rules.backtest import ASSUMPTION
from app.schemas.examples import EVENING_IOP
from app.schemas.rule_examples import RULE_SET_DRAFT

BACKTEST_BODY: JsonDict = {**RULE_SET_DRAFT, "base_version": 1, "from": "2026-08-25", "to": "2026-11-22"}

_COUNTED: JsonDict = {"check_ins": 1840, "assessments": 488, "patients": 24, "patient_weeks": 308.6}
BACKTEST: JsonDict = {
    **_COUNTED,
    "alerts": 96,
    "alerts_per_100_check_ins": 5.22,
    "alerts_per_patient_week": 0.31,
    "program_id": EVENING_IOP,
    "live": {
        **_COUNTED,
        "alerts": 61,
        "alerts_per_100_check_ins": 3.32,
        "alerts_per_patient_week": 0.2,
        "version": 1,
    },
    "by_rule": [
        {
            "code": "craving.high",
            "title": "Strong craving",
            "alerts": 96,
            "patients": 17,
            "alerts_per_100_check_ins": 5.22,
            "live_alerts": 61,
            "also_live": 61,
            "only_draft": 35,
            "only_live": 0,
            "earlier": 9,
            "median_hours_earlier": 24.3,
        }
    ],
    "examples": [
        {
            "rule": "craving.high",
            "kind": "only_draft",
            "stay_day": 12,
            "comparison": "Craving was 7; the rule asks for 7 or more.",
            "hours_earlier": None,
        },
        {
            "rule": "craving.high",
            "kind": "earlier",
            "stay_day": 31,
            "comparison": "Craving was 7; the rule asks for 7 or more.",
            "hours_earlier": 24.3,
        },
    ],
    "assumption": ASSUMPTION,
    "took_seconds": 0.61,
}
