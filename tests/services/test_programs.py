"""How much history a program's rules read: the columns that travel with their version."""

from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from uuid_utils.compat import uuid7

from app.database import unit_of_work
from app.rules.default_pack import DEFAULT_PACK
from app.rules.rule import RuleSet
from app.services import organizations, programs
from app.services.programs import reach

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def rule_set(*conditions: dict[str, object]) -> RuleSet:
    rules = [
        {
            "code": f"own.rule_{place}",
            "title": "Own",
            "severity": "routine",
            "condition": condition,
            "evidence": {"grade": "design", "citation": "A test"},
        }
        for place, condition in enumerate(conditions)
    ]
    return RuleSet.model_validate({"version": 2, "rules": rules})


CRAVING = {"kind": "threshold", "signal": "craving", "op": ">=", "value": 8}
PHQ9 = {"kind": "threshold", "signal": "phq9.total", "op": ">=", "value": 20}
OPIOIDS = {"kind": "threshold", "signal": "used.opioids", "op": ">=", "value": 1}


def test_a_window_and_a_run_reach_back() -> None:
    window = {
        "kind": "count", "signal": "craving", "op": ">=", "value": 7, "at_least": 2, "window_days": 40,
    }  # fmt: skip
    run = {"kind": "run", "signal": "mood", "op": "<=", "value": 3, "n": 12}
    found = reach(rule_set(window, run))
    assert (found["lookback_days"], found["lookback_latest"]) == (40, 12)


def test_a_rule_over_answers_and_scores_mixes_sources() -> None:
    assert reach(rule_set(CRAVING, PHQ9))["mixes_sources"] is False
    assert reach(rule_set({"kind": "all", "conditions": [CRAVING, OPIOIDS]}))["mixes_sources"] is False
    assert reach(rule_set({"kind": "any", "conditions": [CRAVING, PHQ9]}))["mixes_sources"] is True


MISSED = {"kind": "threshold", "signal": "session.missed", "op": ">=", "value": 1}
BEHIND = {"kind": "threshold", "signal": "goal.behind", "op": ">=", "value": 1}
SHORT = {"kind": "threshold", "signal": "hours.shortfall", "op": ">", "value": 0}


@pytest.mark.parametrize("other", [MISSED, BEHIND, SHORT, PHQ9])
def test_only_check_ins_together_with_something_else_are_mixed(other: dict[str, object]) -> None:
    """Whatever else is written reads everything anyway."""
    assert reach(rule_set(CRAVING, other))["mixes_sources"] is False
    for condition in (OPIOIDS, {"kind": "not", "condition": CRAVING}):
        both = {"kind": "all", "conditions": [other, condition]}
        assert reach(rule_set(both))["mixes_sources"] is True
    scored = {"kind": "all", "conditions": [other, PHQ9, MISSED, BEHIND]}
    assert reach(rule_set(scored))["mixes_sources"] is False


async def test_a_new_program_reads_as_much_as_the_default_pack(app: FastAPI) -> None:
    organization_id = uuid7()
    async with unit_of_work(app.state.engine, organization_id) as db:
        founded = organizations.Draft(organization_id, "Seaside", "US", "en", "America/New_York")
        await organizations.found(db, founded, NOW)
        draft = programs.Draft(
            id=uuid7(), name="Day IOP", level_of_care="2.1", population="adults", minimum_weekly_hours=9,
            maximum_weekly_hours=19, time_zone="America/New_York", week_starts_on=0, questions=[],
            sentences={},
        )  # fmt: skip
        program = await programs.add(db, None, draft, NOW)
    assert {name: getattr(program, name) for name in reach(DEFAULT_PACK)} == reach(DEFAULT_PACK)
    assert program.rule_set_version == 1
