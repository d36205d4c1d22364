"""Where a goal should be on a day, and whether it lags."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.goals.marks import Mark
from app.goals.pace import GRACE_DAYS, TOLERANCE, Plan, value_of
from app.goals.terms import Terms
from tests.goals.making import BY_DATE, DAILY, FIRST, ONCE, day, done, goal, weekly


def plan(**changes: Any) -> Plan:
    found = Plan.of(goal(**changes))
    assert found is not None
    return found


def test_the_tolerance_and_the_grace_are_what_the_documents_say() -> None:
    assert (TOLERANCE, GRACE_DAYS) == (0.1, 2)


TWELVE = {"unit": "times", "target": 12}
FOUR_WEEKS = {"due_on": day(28)}
EXPECTED = [
    # cadence, further terms, then what is expected by the end of which day of November
    (BY_DATE, {}, {-5: 0, 1: 0, 2: 0.4, 16: 6, 23: 8.8, 31: 12, 32: 12, 90: 12}),
    (BY_DATE, {"measure": {"baseline": 3}}, {1: 3, 16: 7.5, 31: 12}),
    (BY_DATE, {"due_on": day(1)}, {0: 0, 1: 0, 2: 12}),
    # Today is not over: what is daily was to be done on the days before it.
    (DAILY, {"due_on": day(30), "measure": {"target": 30}}, {1: 0, 2: 1, 23: 22, 30: 29, 31: 30, 40: 30}),
    # Nor is this week.
    (weekly(3), FOUR_WEEKS | {"measure": TWELVE}, {1: 0, 7: 0, 8: 3, 14: 3, 15: 6, 28: 9, 29: 12}),
    # A fifth week of two days is one, too.
    (weekly(3), {"due_on": day(30), "measure": {"target": 15}}, {8: 3, 29: 12, 30: 12, 31: 15}),
    (weekly(3), {"due_on": day(29), "measure": {"target": 15}}, {8: 3, 29: 12, 30: 15}),
    (ONCE, {"measure": {"target": 1}}, {1: 0, 23: 0, 31: 0, 32: 1}),
    # From 20 cigarettes a day down to 5.
    (BY_DATE, {"measure": {"baseline": 20, "target": 5, "direction": "decrease"}}, {1: 20, 16: 12.5, 31: 5}),
]  # fmt: skip


@pytest.mark.parametrize(("cadence", "terms", "by_day"), EXPECTED)
def test_what_is_expected_by_a_day(cadence: Any, terms: dict[str, Any], by_day: dict[int, float]) -> None:
    goal_ = plan(cadence=cadence, **terms)
    assert {each: goal_.expected(day(each)) for each in by_day} == pytest.approx(by_day)


VALUES = [
    ({}, [], 0),
    ({}, done(1, 2, 31), 3),
    ({}, done(0, 32), 0),  # neither before it starts nor after it is due
    ({"measure": {"baseline": 5}}, done(3, value=2), 7),
    ({"cadence": DAILY}, done(3, 4, value=25), 2),  # days, whatever was done on them
    ({"cadence": DAILY}, [Mark(day(3), 0, 0, 0)], 0),
    ({"cadence": DAILY, "measure": {"counts": "sum"}}, done(3, 4, value=25), 50),
    ({"measure": {"counts": "latest"}}, [*done(9, value=4), *done(3, value=8)], 4),
    ({"measure": {"counts": "latest", "baseline": 2}}, [], 2),
    ({"measure": {"baseline": 20, "target": 5, "direction": "decrease"}}, done(3, 9, value=11), 11),
    (
        {"measure": {"baseline": 900, "target": 0, "direction": "decrease", "counts": "sum"}},
        done(3, 9, value=150),
        600,
    ),
    ({"fed_by": "used", "measure": {"counts": "sum"}}, done(3, 4), 2),
    ({}, done(*range(1, 11), value=0.1), 1),  # and not 0.9999999999999999
]


@pytest.mark.parametrize(("terms", "marks", "value"), VALUES)
def test_where_a_goal_stands(terms: dict[str, Any], marks: list[Mark], value: float) -> None:
    found = value_of(goal(**terms), marks)
    assert found == value


def test_without_a_baseline_a_draft_stands_nowhere() -> None:
    assert value_of(Terms(), done(3)) is None
    assert value_of(goal(measure={"baseline": None}), done(3)) is None
    assert Plan.of(goal(measure={"target": None})) is None
    assert Plan.of(goal(due_on=None)) is None
    assert Plan.of(goal(due_on=day(0))) is None
    unsaid = Plan.of(goal(cadence=None))
    assert unsaid is not None and unsaid.expected(day(23)) == pytest.approx(8.8)


BEHIND = [
    # cadence, further terms, value, then the first day of November on which that is behind
    (BY_DATE, {}, 0, 7),  # 1.6 were expected on the 5th, of which 1.2 may lack
    (BY_DATE, {}, 6, 22),
    (BY_DATE, {}, 7.6, 26),
    (BY_DATE, {}, 10.8, None),  # the last tenth
    (BY_DATE, {"due_on": day(6)}, 0, 4),  # a tenth is half a day
    (DAILY, {"due_on": day(30), "measure": {"target": 30}}, 0, 7),
    (DAILY, {"due_on": day(30), "measure": {"target": 30}}, 10, 17),
    (weekly(3), FOUR_WEEKS | {"measure": TWELVE}, 0, 10),  # Sunday's may come in on Tuesday
    (weekly(3), FOUR_WEEKS | {"measure": TWELVE}, 2, 17),  # one of twelve may lack
    (weekly(3), FOUR_WEEKS | {"measure": TWELVE}, 3, 17),
    (ONCE, {"measure": {"target": 1}}, 0, 34),  # when it is over
    (BY_DATE, {"measure": {"baseline": 20, "target": 5, "direction": "decrease"}}, 20, 7),
    (BY_DATE, {"measure": {"baseline": 20, "target": 5, "direction": "decrease"}}, 12, 23),
    (BY_DATE, {"measure": {"baseline": 20, "target": 5, "direction": "decrease"}}, 22, -9),  # the wrong way
]


@pytest.mark.parametrize(("cadence", "terms", "value", "first"), BEHIND)
def test_the_first_day_on_which_it_is_behind(
    cadence: Any, terms: dict[str, Any], value: float, first: int | None
) -> None:
    goal_ = plan(cadence=cadence, **terms)
    late = [each for each in range(-9, 60) if goal_.is_behind(value, day(each))]
    assert late == (list(range(first, 60)) if first is not None else [])


AMOUNTS = st.integers(-40, 40)
PLANS = st.builds(
    Plan,
    baseline=AMOUNTS.map(float),
    target=AMOUNTS.map(float),
    starts_on=st.just(FIRST),
    due_on=st.integers(0, 70).map(lambda ahead: FIRST + timedelta(days=ahead)),
    cadence=st.sampled_from([BY_DATE, DAILY, ONCE, weekly(2)]).map(lambda kind: goal(cadence=kind).cadence),
)


@settings(max_examples=150, deadline=None)
@given(plan=PLANS, value=AMOUNTS, ahead=st.integers(-5, 90))
def test_time_only_ever_asks_for_more(plan: Plan, value: int, ahead: int) -> None:
    """Each day expects as much as the one before, or more in the goal's direction."""
    today = FIRST + timedelta(days=ahead)
    tomorrow = today + timedelta(days=1)
    assert plan.shortfall(value, tomorrow) >= plan.shortfall(value, today) - 1e-9
    low, high = sorted((plan.baseline, plan.target))
    assert low - 1e-9 <= plan.expected(today) <= high + 1e-9
    if plan.is_behind(value, today):
        assert plan.is_behind(value, tomorrow)
        assert plan.shortfall(value, today) > 0, "it is not ahead meanwhile"
    assert not (plan.is_reached(value) and plan.is_behind(value, today))
