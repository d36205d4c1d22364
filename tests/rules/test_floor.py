"""The safety floor holds whatever a rule set says."""

import pytest

from app.ladders.calendar import ProgramCalendar, WorkCalendar
from app.ladders.due import due_at
from app.rules.conditions import Threshold
from app.rules.evaluate import evaluate
from app.rules.floor import FLOOR, FLOOR_CODES, in_force
from app.rules.rule import RuleSet, Severity
from tests.rules.making import IN_UTC, NOW, history, reading, rule, rule_set, series

CALENDAR = WorkCalendar(IN_UTC, ProgramCalendar(), frozenset())
NOTHING = RuleSet(version=1, rules=())

CASES = [
    # signal, value, code, severity, minutes to answer
    ("phq9.item9", 1.0, "si.phq9_item9", "urgent", 60),
    ("phq9.item9", 3.0, "si.phq9_item9", "urgent", 60),
    ("cssrs.risk", "high", "si.cssrs_high", "critical", 15),
    ("cssrs.risk", "moderate", "si.cssrs_moderate", "urgent", 60),
    ("cssrs.risk", "low", "si.cssrs_low", "high", 1440),
    ("cssrs.risk", "incomplete", "si.cssrs_incomplete", "urgent", 60),
    ("feels_safe", 0.0, "si.not_safe", "critical", 15),
    ("crisis", 1.0, "si.crisis_flag", "critical", 15),
]


@pytest.mark.parametrize(("signal", "value", "code", "severity", "minutes"), CASES)
def test_found_with_an_empty_rule_set(
    *, signal: str, value: float | str, code: str, severity: str, minutes: int
) -> None:
    [finding] = evaluate(NOTHING, history([reading(signal, value)]), NOW)
    assert finding.rule.code == code
    assert finding.rule.severity == Severity(severity)
    due = due_at(finding.rule.severity, NOW, CALENDAR, finding.rule.answer_within_minutes)
    assert (due - NOW).total_seconds() == minutes * 60
    assert "Nov 23, 2026" in finding.sentence


@pytest.mark.parametrize(
    ("signal", "value"), [("phq9.item9", 0.0), ("cssrs.risk", "none"), ("feels_safe", 1.0), ("crisis", 0.0)]
)
def test_not_found(signal: str, value: float | str) -> None:
    assert evaluate(NOTHING, history([reading(signal, value)]), NOW) == []


def test_item_9_unanswered_finds_nothing_whatever_the_total() -> None:
    assert evaluate(NOTHING, history(series("phq9.total", 24, 27)), NOW) == []


@pytest.mark.parametrize("code", sorted(FLOOR_CODES))
def test_no_rule_set_switches_it_off_or_changes_it(code: str) -> None:
    never = Threshold(signal="craving", op=">", value=10)
    tampered = rule(never, code=code, severity="routine", enabled=False, floor=False)
    assert in_force(rule_set(tampered)) == FLOOR
    assert in_force(rule_set(tampered.model_copy(update={"enabled": True}))) == FLOOR


def test_every_floor_rule_has_a_case_here() -> None:
    assert {code for _, _, code, _, _ in CASES} == FLOOR_CODES
    assert all(floored.floor and floored.enabled and floored.sentence for floored in FLOOR)


def test_other_rules_are_in_force_only_when_enabled_and_after_the_floor() -> None:
    on = rule(Threshold(signal="craving", op=">=", value=8), code="craving.high")
    off = on.model_copy(update={"code": "craving.off", "enabled": False})
    assert in_force(rule_set(on, off)) == (*FLOOR, on)
