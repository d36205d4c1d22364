"""How much history each kind of condition needs."""

import pytest

from app.rules.conditions import AllOf, Change, Condition, Count, Not, Run, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.lookback import Lookback, lookback
from app.rules.rule import RuleSet

STRONG = Threshold(signal="craving", op=">=", value=8)
MEDIAN = Change(signal="craving", against="median", window_days=14, direction="rise", by=3)
BASELINE = Change(signal="phq9.total", against="baseline", direction="rise", by=5)
BEST = Change(signal="phq9.total", against="best_of_last", n=3, direction="rise", by=5)


@pytest.mark.parametrize(
    ("condition", "needed"),
    [
        (STRONG, Lookback(0, {"craving": 1})),
        (MEDIAN, Lookback(15, {"craving": 2})),
        (BASELINE, Lookback(0, {"phq9.total": 2}, frozenset({"phq9.total"}))),
        (BEST, Lookback(0, {"phq9.total": 4})),
        (Count(signal="used", op=">=", value=1, at_least=2, window_days=7), Lookback(7)),
        (Run(signal="mood", op="<", value=3, n=5), Lookback(0, {"mood": 5})),
        (Silence(signal="check_in", days=7), Lookback(0, {"check_in": 1})),
        (Total(signal="session.minutes", op="<", value=540, window="program_week"), Lookback(7)),
        (
            Total(signal="session.minutes", op="<", value=540, window="rolling", window_days=30),
            Lookback(30),
        ),
        (
            AllOf(conditions=(STRONG, Not(condition=MEDIAN), BASELINE, BEST)),
            Lookback(15, {"craving": 2, "phq9.total": 4}, frozenset({"phq9.total"})),
        ),
    ],
)
def test_lookback(condition: Condition, needed: Lookback) -> None:
    assert lookback(condition) == needed


def test_of_a_rule_set_the_floor_is_part_and_what_is_switched_off_is_not() -> None:
    off = DEFAULT_PACK.rules[0].model_copy(update={"enabled": False})
    floor = {"crisis": 1, "feels_safe": 1, "cssrs.risk": 1, "phq9.item9": 1}
    assert lookback(RuleSet(version=1, rules=(off,))) == Lookback(0, floor)
    assert lookback(DEFAULT_PACK).days == 15
    assert lookback(DEFAULT_PACK).first == {"phq9.total", "gad7.total"}
