"""What a rule may be, and which placeholders its sentence may use."""

import pytest
from pydantic import ValidationError

from app.rules.conditions import AllOf, AnyOf, Condition, Count, Not, Silence, Threshold, Total
from app.rules.rule import Rule, RuleSet
from tests.rules.making import rule, rule_set

STRONG = Threshold(signal="craving", op=">=", value=8)
OFTEN = Count(signal="craving", op=">=", value=7, at_least=2, window_days=3)


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


def test_a_set_says_whether_it_adds_what_is_planned() -> None:
    week = Total(signal="session.minutes", op="<", value=540, window="program_week", project=True)
    either = rule(AnyOf(conditions=(STRONG, week)))
    assert rule_set(either).projects
    assert not rule_set(either.model_copy(update={"enabled": False})).projects
    assert not rule_set(rule(STRONG), rule(week.model_copy(update={"project": False}), "own.week")).projects
    assert (
        not rule_set().model_copy(update={"rules": (either.model_copy(update={"condition": {}}),)}).projects
    )


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
