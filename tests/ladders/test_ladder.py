"""Ladders: which step is next, what a severity forbids, and what holds by default."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from app.ladders.ladder import DEFAULTS, Ladder, Step, Tell, faults
from app.rules.rule import Severity


def ladder(**said: Any) -> Ladder:
    plain = {
        "steps": [{"tell": "primary", "wait_minutes": 5}, {"tell": "on_call", "wait_minutes": 10}],
        "rounds": None,
        "hold_minutes": 15,
        "quiet_hours": False,
        "working_days": False,
        "digest": False,
    }
    return Ladder.model_validate({**plain, **said})


FIRST, SECOND = Step(tell=Tell.PRIMARY, wait_minutes=5), Step(tell=Tell.ON_CALL, wait_minutes=10)


@pytest.mark.parametrize(
    ("rounds", "n", "step", "round_of"),
    [
        (1, 0, FIRST, 0),
        (1, 1, SECOND, 0),
        (1, 2, None, 1),
        (2, 2, FIRST, 1),
        (2, 3, SECOND, 1),
        (2, 4, None, 2),
        (None, 0, FIRST, 0),
        (None, 1_000_001, SECOND, 500_000),
    ],
)
def test_steps_count_over_the_rounds(rounds: int | None, n: int, step: Step | None, round_of: int) -> None:
    climbed = ladder(rounds=rounds)
    assert climbed.step(n) == step
    assert climbed.round_of(n) == round_of


def test_there_is_no_step_before_the_first() -> None:
    with pytest.raises(ValueError, match="from 0"):
        ladder().step(-1)


LONG = [{"tell": "primary", "wait_minutes": 15}, {"tell": "crisis_service", "wait_minutes": 61}]
OUTSIDE = [{"tell": "crisis_service", "wait_minutes": 5}] * 2
ALL_AT_ONCE = {"rounds": 3, "hold_minutes": 16, "quiet_hours": True, "working_days": True, "digest": True}


@pytest.mark.parametrize(
    ("severity", "said", "found"),
    [
        ("critical", {}, []),
        ("critical", {"rounds": 100}, [("/rounds", "must_not_end")]),
        ("critical", {"hold_minutes": 16}, [("/hold_minutes", "too_large")]),
        ("critical", {"quiet_hours": True}, [("/quiet_hours", "must_not_wait")]),
        ("critical", {"working_days": True}, [("/working_days", "must_not_wait")]),
        ("critical", {"digest": True}, [("/digest", "must_not_wait")]),
        ("critical", {"steps": LONG}, [("/steps/1/wait_minutes", "too_large")]),
        (
            "critical",
            ALL_AT_ONCE,
            [
                ("/rounds", "must_not_end"),
                ("/hold_minutes", "too_large"),
                ("/quiet_hours", "must_not_wait"),
                ("/working_days", "must_not_wait"),
                ("/digest", "must_not_wait"),
            ],
        ),
        ("critical", {"steps": OUTSIDE}, [("/steps", "tells_nobody_here")]),
        ("urgent", {"steps": OUTSIDE}, [("/steps", "tells_nobody_here")]),
        ("urgent", {"steps": [*OUTSIDE, {"tell": "on_call", "wait_minutes": 5}]}, []),
        ("high", {"steps": OUTSIDE}, []),
        ("urgent", {"rounds": 1, "hold_minutes": 120}, []),
        ("urgent", {"steps": LONG}, [("/steps/1/wait_minutes", "too_large")]),
        (
            "urgent",
            ALL_AT_ONCE,
            [
                ("/quiet_hours", "must_not_wait"),
                ("/working_days", "must_not_wait"),
                ("/digest", "must_not_wait"),
            ],
        ),
        ("high", {"steps": LONG, "rounds": 2, "quiet_hours": True, "working_days": True}, []),
        ("high", ALL_AT_ONCE, [("/digest", "must_not_wait")]),
        ("routine", ALL_AT_ONCE | {"steps": LONG}, []),
    ],
)
def test_what_a_severity_forbids(severity: str, said: dict[str, Any], found: list[tuple[str, str]]) -> None:
    named = faults(ladder(**said), Severity(severity))
    assert [(pointer, code) for pointer, code, _ in named] == found
    assert all(message.endswith(".") for _, _, message in named)


@pytest.mark.parametrize(
    "said",
    [
        {"steps": []},
        {"steps": [{"tell": "primary", "wait_minutes": 5}] * 11},
        {"steps": [{"tell": "primary", "wait_minutes": 0}]},
        {"steps": [{"tell": "primary", "wait_minutes": 10081}]},
        {"steps": [{"tell": "primary", "wait_minutes": "5"}]},
        {"steps": [{"tell": "everybody", "wait_minutes": 5}]},
        {"rounds": 0},
        {"rounds": 101},
        {"hold_minutes": 4},
        {"hold_minutes": 20161},
        {"quiet_hours": "yes"},
        {"weekends": False},
    ],
)
def test_what_no_ladder_may_say(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ladder(**said)


@pytest.mark.parametrize("severity", Severity)
def test_the_defaults_are_allowed_and_travel_as_json(severity: Severity) -> None:
    default = DEFAULTS[severity]
    assert faults(default, severity) == []
    said = default.model_dump(mode="json")
    Draft202012Validator(Ladder.model_json_schema()).validate(said)
    assert Ladder.model_validate(said) == Ladder.model_validate_json(default.model_dump_json()) == default


@pytest.mark.parametrize(
    ("severity", "steps", "hold_minutes", "keeps"),
    [
        (Severity.CRITICAL, [("primary", 5), ("on_call", 5), ("supervisor", 5)], 15, ""),
        (Severity.URGENT, [("primary", 15), ("on_call", 15), ("supervisor", 30)], 60, ""),
        (Severity.HIGH, [("primary", 240), ("on_call", 240), ("supervisor", 480)], 1440, "quiet_hours"),
        (
            Severity.ROUTINE,
            [("primary", 1440), ("supervisor", 1440)],
            4320,
            "quiet_hours working_days digest",
        ),
    ],
)
def test_the_defaults(
    severity: Severity, steps: list[tuple[str, int]], hold_minutes: int, keeps: str
) -> None:
    default = DEFAULTS[severity]
    assert [(step.tell, step.wait_minutes) for step in default.steps] == steps
    assert (default.hold_minutes, default.rounds) == (hold_minutes, None)
    kept = [member for member in ("quiet_hours", "working_days", "digest") if getattr(default, member)]
    assert kept == keeps.split()


@pytest.mark.parametrize(("severity", "minutes"), [("critical", 15), ("urgent", 60), ("high", 24 * 60)])
def test_everybody_has_been_told_when_the_answer_is_due(severity: str, minutes: int) -> None:
    assert sum(step.wait_minutes for step in DEFAULTS[Severity(severity)].steps) <= minutes
