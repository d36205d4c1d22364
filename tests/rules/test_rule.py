"""When an alert is due, what a rule may be, and which placeholders its sentence may use."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from app.rules.conditions import AllOf, AnyOf, Condition, Count, Not, Silence, Threshold
from app.rules.rule import Rule, RuleSet, Severity, due_at
from tests.rules.making import NEW_YORK, rule, rule_set

CHICAGO = ZoneInfo("America/Chicago")
STRONG = Threshold(signal="craving", op=">=", value=8)
OFTEN = Count(signal="craving", op=">=", value=7, at_least=2, window_days=3)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("severity", "minutes", "opened", "due"),
    [
        ("critical", None, "2026-11-23 12:00", "2026-11-23 12:15"),
        ("urgent", None, "2026-11-23 23:30", "2026-11-24 00:30"),
        ("high", None, "2026-11-23 12:00", "2026-11-24 12:00"),
        ("high", 240, "2026-11-23 12:00", "2026-11-23 16:00"),
        ("routine", 30, "2026-11-23 12:00", "2026-11-23 12:30"),
        ("routine", None, "2026-11-23 15:00", "2026-11-24 23:00"),  # Monday: Tuesday 17:00 in Chicago, UTC-6
        ("routine", None, "2026-11-27 15:00", "2026-11-30 23:00"),  # Friday: Monday
        ("routine", None, "2026-11-28 15:00", "2026-11-30 23:00"),  # Saturday: Monday
        ("routine", None, "2026-11-28 03:00", "2026-11-30 23:00"),  # still Friday evening in Chicago
        ("routine", None, "2026-11-27 03:00", "2026-11-27 23:00"),  # still Thursday in Chicago: Friday
        ("routine", None, "2026-07-06 15:00", "2026-07-07 22:00"),  # summer time, UTC-5
    ],
)
def test_due(severity: str, minutes: int | None, opened: str, due: str) -> None:
    assert due_at(Severity(severity), utc(opened), CHICAGO, minutes) == utc(due)


def test_a_day_has_24_hours_also_when_the_clocks_change() -> None:
    opened = datetime(2026, 10, 31, 12, tzinfo=NEW_YORK)  # 16:00 UTC; the next noon is 25 hours away
    assert due_at(Severity.HIGH, opened, NEW_YORK) == utc("2026-11-01 16:00")


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (STRONG, "Craving was {value} on {day}, over {threshold}: {asked}. {name}"),
        (OFTEN, "{count} days of {window}, {at_least} asked for"),
        (AnyOf(conditions=(STRONG, OFTEN)), "Craving was {value} on {day}."),
        (AllOf(conditions=(STRONG, OFTEN)), "Craving was {value}; {count} days of {window}."),
        (Silence(signal="check_in", days=3), "Nothing since {day}."),
        (Not(condition=STRONG), "Not so strong {{really}}."),
        (STRONG, ""),
    ],
)
def test_sentences_that_can_always_be_filled(condition: Condition, sentence: str) -> None:
    assert rule(condition, sentence=sentence).sentence == sentence


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (STRONG, "{count} times"),
        (STRONG, "{value.__class__}"),
        (STRONG, "{value!r}"),
        (STRONG, "{value:>9999}"),
        (STRONG, "{value[0]}"),
        (STRONG, "{}"),
        (STRONG, "{value"),
        (AnyOf(conditions=(STRONG, OFTEN)), "{count} days"),  # a high craving alone has no count
        (Not(condition=STRONG), "{value}"),
        (Silence(signal="check_in", days=3), "{value}"),
        (STRONG, "a line\nand another"),
    ],
)
def test_sentences_that_could_not_be_filled_are_refused(condition: Condition, sentence: str) -> None:
    with pytest.raises(ValidationError):
        rule(condition, sentence=sentence)


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "Craving High"},
        {"title": ""},
        {"severity": "panic"},
        {"answer_within_minutes": 0},
        {"evidence": {"grade": "gut feeling", "citation": ""}},
        {"ladder": []},
    ],
)
def test_rules_that_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Rule.model_validate(rule(STRONG).model_dump() | wrong)


def test_a_rule_is_the_same_after_json() -> None:
    made = rule(AnyOf(conditions=(STRONG, OFTEN)))
    assert Rule.model_validate_json(made.model_dump_json()) == made


def test_a_rule_set_has_every_code_once_and_no_reserved_one() -> None:
    with pytest.raises(ValidationError):
        rule_set(rule(STRONG), rule(OFTEN))
    with pytest.raises(ValidationError):
        rule_set(rule(STRONG, code="rule_error"))
    assert RuleSet(version=3, rules=(rule(STRONG), rule(OFTEN, code="test.other"))).version == 3
