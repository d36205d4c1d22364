"""What each kind of condition says when a rule has no sentence of its own."""

from collections.abc import Sequence

import pytest

from app.rules.conditions import AllOf, AnyOf, Change, Condition, Count, Not, Run, Silence, Threshold, Total
from app.rules.reading import Reading
from app.rules.wording import comparison, fill, placeholders
from tests.rules.making import judged, reading, series

USED = Threshold(signal="used", op=">=", value=1)
SHORT = Threshold(signal="sleep_hours", op="<", value=5)
OFTEN = Count(signal="craving", op=">=", value=7, at_least=2, window_days=3)
RISK = Threshold(signal="cssrs.risk", op="!=", value="none")

SAID: list[tuple[Condition, Sequence[Reading], str]] = [
    (
        SHORT,
        series("sleep_hours", 4.5),
        "Sleep was 4.5 hours on Nov 23, 2026; the rule asks for less than 5 hours.",
    ),
    (USED, series("used", 1.0), "Use of a substance was yes on Nov 23, 2026; the rule asks for yes."),
    (
        RISK,
        series("cssrs.risk", "low"),
        "C-SSRS risk was low on Nov 23, 2026; the rule asks for other than none.",
    ),
    (
        Threshold(signal="cigarettes", op=">", value=20),  # a program's own question
        series("cigarettes", 30),
        "Cigarettes was 30 on Nov 23, 2026; the rule asks for more than 20.",
    ),
    (OFTEN, series("craving", 7, 8), "Craving was 7 or more on 2 of the last 3 days; the rule asks for 2."),
    (
        Count(signal="craving", op=">=", value=7, at_least=1, window_days=1, per="reading"),
        series("craving", 7),
        "Craving was 7 or more in 1 answer of today; the rule asks for 1.",
    ),
    (
        Count(signal="feels_safe", op="<", value=1, at_least=1, window_days=1),
        series("feels_safe", 0.0),
        "Feeling safe was no today; the rule asks for 1.",
    ),
    (
        Change(signal="mood", against="previous", direction="fall", by=3),
        series("mood", 8, 4),
        "Mood was 4 on Nov 23, 2026, 4 below the one before (8); the rule asks for 3.",
    ),
    (
        Change(signal="craving", against="median", window_days=14, direction="rise", by=3),
        series("craving", 1, 2, 2, 4, 8),
        "Craving was 8 on Nov 23, 2026, 6 above the median of the 14 days before (2); the rule asks for 3.",
    ),
    (
        Run(signal="mood", op="<=", value=2, n=3),
        series("mood", 2, 1, 0),
        "Mood was 2 or less 3 times in a row, last on Nov 23, 2026.",
    ),
    (
        Silence(signal="check_in", hours=36),
        [reading("check_in", 1, 2)],
        "No check-in for 36 hours or longer, since Nov 21, 2026.",
    ),
    (
        Total(signal="session.minutes", op="<", value=540, window="program_week"),
        series("session.minutes", 180),
        (
            "Time in sessions came to 180 minutes in the program's week; the rule asks for less than "
            "540 minutes."
        ),
    ),
    (
        Count(signal="session.missed", op=">=", value=1, at_least=2, window_days=7, per="reading"),
        series("session.missed", 1, 0, 1),
        "Session missed was yes in 2 sessions of the last 7 days; the rule asks for 2.",
    ),
    (
        Count(signal="goal.behind", op=">=", value=1, at_least=1, window_days=7, per="reading"),
        series("goal.behind", 1),
        "Goal behind its pace was yes in 1 change of the last 7 days; the rule asks for 1.",
    ),
    (
        Count(signal="crisis", op=">=", value=1, at_least=2, window_days=7, per="reading"),
        series("crisis", 1, 1),
        "Crisis flag was yes in 2 flags of the last 7 days; the rule asks for 2.",
    ),
    (
        Silence(signal="session.attended", days=7),
        [reading("session.attended", 1, 8), reading("session.attended", 0, 1)],
        "No session attended for 7 days or longer, since Nov 15, 2026.",
    ),
    (
        Threshold(signal="hours.shortfall", op=">", value=0),
        series("hours.shortfall", 130 / 60),
        "Shortfall of hours was 2.17 hours on Nov 23, 2026; the rule asks for more than 0 hours.",
    ),
    (
        Threshold(signal="hours.shortfall", op=">=", value=1),
        series("hours.shortfall", 1),
        "Shortfall of hours was 1 hour on Nov 23, 2026; the rule asks for 1 hour or more.",
    ),
    (
        AnyOf(conditions=(USED, SHORT)),
        series("sleep_hours", 3),
        "Sleep was 3 hours on Nov 23, 2026; the rule asks for less than 5 hours.",
    ),
    (
        AllOf(conditions=(USED, Not(condition=SHORT))),
        [*series("used", 1.0), *series("sleep_hours", 6)],
        (
            "Use of a substance was yes on Nov 23, 2026; the rule asks for yes; and it is not so that "
            "sleep was 6 hours on Nov 23, 2026; the rule asks for less than 5 hours."
        ),
    ),
]


@pytest.mark.parametrize(("condition", "readings", "sentence"), SAID)
def test_default_sentence(condition: Condition, readings: Sequence[Reading], sentence: str) -> None:
    outcome = judged(condition, readings)
    assert outcome.truth is True
    assert comparison(condition, outcome) == sentence
    assert fill("", condition, outcome) == sentence


@pytest.mark.parametrize(("condition", "readings"), [(said[0], said[1]) for said in SAID])
def test_every_placeholder_is_filled(condition: Condition, readings: Sequence[Reading]) -> None:
    outcome = judged(condition, readings)
    for name in placeholders(condition):
        assert fill(f"{{{name}}}", condition, outcome)


def test_of_several_parts_the_first_fills_a_placeholder() -> None:
    both = AllOf(conditions=(SHORT, USED, OFTEN))
    outcome = judged(both, [*series("sleep_hours", 3), *series("used", 1.0), *series("craving", 7, 8)])
    assert fill("{name} {value}, {count}", both, outcome) == "sleep 3 hours, 2"
