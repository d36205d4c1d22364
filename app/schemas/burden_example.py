"""What three months of rules cost a care team, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.rules.yardsticks import YARDSTICKS, noisy_because
from app.schemas.examples import EVENING_IOP

BURDEN: JsonDict = {
    "program_ids": [EVENING_IOP],
    "from": "2026-08-25",
    "to": "2026-11-22",
    "check_ins": 1840,
    "assessments": 488,
    "alerts": 94,
    "alerts_per_100_surveys": 4.04,
    "surveys_alerting_share": 0.045,
    "acted_on_share": 0.564,
    "by_rule": [
        {
            "code": "craving.high",
            "title": "Strong craving",
            "severity": "high",
            "alerts": 61,
            "open": 2,
            "acted_on": 44,
            "acted_on_share": 0.721,
            "minutes_to_acknowledge": {"median": 18.0, "p90": 96.5},
            "minutes_to_resolve": {"median": 74.2, "p90": 260.0},
            "share_of_all": 0.649,
            "noisy": False,
            "noisy_because": None,
        },
        {
            "code": "sleep.poor",
            "title": "Short sleep",
            "severity": "routine",
            "alerts": 33,
            "open": 5,
            "acted_on": 9,
            "acted_on_share": 0.273,
            "minutes_to_acknowledge": {"median": 310.0, "p90": 1310.0},
            "minutes_to_resolve": None,
            "share_of_all": 0.351,
            "noisy": True,
            "noisy_because": noisy_because(33, 9),
        },
    ],
    "yardsticks": [{"measure": m, "value": value, "source": source} for m, value, source in YARDSTICKS],
}
