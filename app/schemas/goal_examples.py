"""Ana's goal of twelve meetings on November 23, as the OpenAPI document shows it."""

from pydantic.config import JsonDict

from app.schemas.examples import ANA, CHECK_IN, CLARA, EVENING_IOP
from app.sentences import sentence

GOAL = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e40"
PROGRESS = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e41"
REVIEW = "019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e42"

TERMS: JsonDict = {
    "area": "sobriety",
    "statement": "Attend 12 meetings",
    "measure": {"unit": "meetings", "baseline": 0, "target": 12, "direction": "increase"},
    "relevance": "At meetings I am not alone with it.",
    "confidence": 7,
    "starts_on": "2026-11-01",
    "due_on": "2026-12-01",
    "cadence": {"kind": "by_date"},
}
GOAL_BODY: JsonDict = {"id": GOAL, **TERMS}
CHANGE: JsonDict = {"due_on": "2026-12-15", "reason": "The car was in the shop for two weeks."}

_WORDING: JsonDict = {
    **TERMS,
    "measure": {
        "unit": "meetings",
        "baseline": 0.0,
        "target": 12.0,
        "direction": "increase",
        "counts": "sum",
    },
    "fed_by": None,
    "review_every_days": None,
}
SIGNATURES: list[JsonDict] = [
    {"signed_as": "patient", "signer_id": ANA, "at": "2026-11-02T15:00:00Z"},
    {"signed_as": "counselor", "signer_id": CLARA, "at": "2026-11-02T15:05:00Z"},
]
LACK: JsonDict = {
    "letter": "M",
    "code": "target_missing",
    "words": sentence("goal.lacks.target_missing", "en"),
}
PROPOSAL: JsonDict = {
    **_WORDING,
    "due_on": "2026-12-15",
    "version": 2,
    "reason": CHANGE["reason"],
    "author_id": ANA,
    "at": "2026-11-23T14:00:00Z",
    "signatures": [{"signed_as": "patient", "signer_id": ANA, "at": "2026-11-23T14:01:00Z"}],
    "lacks": [],
}
GOAL_READ: JsonDict = {
    "id": GOAL,
    "patient_id": ANA,
    "program_id": EVENING_IOP,
    "status": "behind",
    "version": 2,
    "agreed_version": 1,
    **_WORDING,
    "lacks": [],
    "progress": {"value": 4.0, "expected": 8.8, "pace": "behind"},
    "streak": None,
    "signatures": [*SIGNATURES],
    "proposal": PROPOSAL,
    "review_on": "2026-11-30",
    "review_overdue": False,
    "closed_at": None,
    "closed_by": None,
    "close_reason": None,
    "created_at": "2026-11-01T14:00:00Z",
    "created_by": ANA,
    "row_version": 6,
}
GOAL_PAGE: JsonDict = {"items": [GOAL_READ], "next_cursor": None}
VERSIONS: JsonDict = {
    "items": [
        {**{name: value for name, value in PROPOSAL.items() if name != "lacks"}, "in_force": False},
        {
            **_WORDING,
            "version": 1,
            "reason": None,
            "author_id": ANA,
            "at": "2026-11-01T14:00:00Z",
            "signatures": [*SIGNATURES],
            "in_force": True,
        },
    ]
}

PROGRESS_BODY: JsonDict = {
    "id": PROGRESS,
    "occurred_at": "2026-11-22T20:00:00-05:00",
    "value": 1,
    "note": "The Sunday meeting on Elm Street.",
}
PROGRESS_READ: JsonDict = {
    "id": PROGRESS,
    "goal_id": GOAL,
    "source": "entry",
    "occurred_at": "2026-11-23T01:00:00Z",
    "local_date": "2026-11-22",
    "time_zone": "America/New_York",
    "received_at": "2026-11-23T13:00:01Z",
    "value": 1.0,
    "note": "The Sunday meeting on Elm Street.",
    "author_id": ANA,
    "withdrawn_at": None,
}
READ_FROM_A_CHECK_IN: JsonDict = {
    "id": CHECK_IN,
    "goal_id": GOAL,
    "source": "check_in",
    "occurred_at": "2026-11-23T13:00:00Z",
    "local_date": "2026-11-23",
    "time_zone": None,
    "received_at": None,
    "value": 1.0,
    "note": None,
    "author_id": None,
    "withdrawn_at": None,
}
PROGRESS_PAGE: JsonDict = {"items": [PROGRESS_READ, READ_FROM_A_CHECK_IN], "next_cursor": None}

REVIEW_BODY: JsonDict = {"note": "Wants to try the noon meeting.", "next_review_on": "2026-11-30"}
REVIEWS: JsonDict = {
    "items": [
        {
            "id": REVIEW,
            "at": "2026-11-23T15:00:00Z",
            "by": CLARA,
            "note": "Wants to try the noon meeting.",
            "next_review_on": "2026-11-30",
        }
    ]
}
