"""A low total tells what is lacking, and is known only where that was to be expected. `None` is unknown."""

from collections.abc import Sequence

import pytest

from app.rules.conditions import Total
from app.rules.history import Pause
from app.rules.judge import judge
from app.rules.wording import comparison
from tests.rules.making import NOW, history, judged, leave, off, reading

# NOW is a Monday at noon; the window of seven days begins six and a half days ago, on Tuesday.
DAYS_OF_CHECK_INS = {"none": [], "two": [0, 3], "four": [0, 1, 3, 5]}


def few(**more: object) -> Total:
    few = {"signal": "check_in", "op": "<", "value": 4, "window": "rolling", "window_days": 7}
    return Total.model_validate(few | more)


CASES = [
    # check-ins, days since the start, pauses, truth, sum
    ("none", 20, [], True, 0),  # every check-in is a reading: none is a known zero
    ("two", 20, [], True, 2),
    ("four", 20, [], False, 4),
    ("two", 6, [], True, 2),  # the first day of the window is the first of the stay
    ("two", 5.9, [], True, 2),
    ("two", 5.4, [], None, None),  # the stay began on Wednesday
    ("four", 5.4, [], None, None),
    ("none", None, [], None, None),  # nobody knows since when to expect something
    ("two", None, [], True, 2),
    ("two", -3, [], None, None),  # the stay has not begun
    ("two", 20, [leave(5, 4)], None, None),
    ("four", 20, [leave(5, 4)], None, None),
    ("none", 20, [leave(5, 4)], None, None),
    ("two", 20, [leave(9, 6.5)], True, 2),  # back on Tuesday at midnight
    ("two", 20, [leave(9, 6.49)], None, None),
    ("two", 20, [leave(-0.1)], None, None),  # away from this afternoon on
    ("two", 20, [leave(-0.5)], True, 2),  # from tomorrow on
    ("two", 20, [leave(3, 3)], True, 2),  # ended as it began: withdrawn
    ("two", 20, [off(6.5, 3.5)], True, 2),  # four days ask for a check-in: with four it would not hold
    ("two", 20, [off(6.5, 2.5)], None, None),  # three do: nobody could have sent four
]


@pytest.mark.parametrize(("check_ins", "enrolled", "pauses", "truth", "total"), CASES)
def test_few_check_ins(
    *,
    check_ins: str,
    enrolled: float | None,
    pauses: Sequence[Pause],
    truth: bool | None,
    total: float | None,
) -> None:
    readings = [reading("check_in", 1.0, days) for days in DAYS_OF_CHECK_INS[check_ins]]
    outcome = judged(few(), readings, enrolled_days_ago=enrolled, pauses=pauses)
    assert outcome.truth is truth
    assert outcome.measured == total


@pytest.mark.parametrize("op", [">=", ">"])
def test_a_high_total_stays_as_it_was(op: str) -> None:
    often = few(op=op, value=1)
    assert judged(often, [], enrolled_days_ago=20).truth is None
    two = [reading("check_in", 1.0, days) for days in (0, 3)]
    assert judged(often, two, enrolled_days_ago=1, pauses=[leave(5)]).truth is True


def test_what_is_answered_and_not_counted_is_unknown_when_it_is_not_there() -> None:
    meetings = few(signal="meetings_attended", value=3)
    assert judged(meetings, [], enrolled_days_ago=20).truth is None
    assert judged(meetings, [reading("meetings_attended", 0.0)], enrolled_days_ago=20).truth is True


def test_the_calendar_asks_for_check_ins_only() -> None:
    minutes = few(signal="session.minutes")
    assert judged(minutes, [], enrolled_days_ago=20, pauses=[off(6.5, -1)]).truth is True
    assert judged(minutes, [], enrolled_days_ago=20, pauses=[leave(6.5, 6)]).truth is None


WEEK = {"signal": "session.minutes", "value": 540, "window": "program_week", "window_days": None}
PROJECTED = [
    # days since the start, pauses, truth, sum; 180 minutes are planned for Wednesday
    (20, [], True, 180),
    (0.4, [], True, 180),  # it is the first day of the week, and of the stay
    (-0.6, [], None, None),
    (20, [leave(-2, -3)], None, None),  # a leave that is still to come, in the week that is projected
    (20, [leave(-6.5, -9)], True, 180),  # next Monday
]


@pytest.mark.parametrize(("enrolled", "pauses", "truth", "total"), PROJECTED)
def test_a_projected_week(
    enrolled: float, pauses: Sequence[Pause], truth: bool | None, total: float | None
) -> None:
    planned = [reading("session.minutes", 180, -2)]
    outcome = judged(
        few(**WEEK, project=True), [], enrolled_days_ago=enrolled, pauses=pauses, scheduled=planned
    )
    assert (outcome.truth, outcome.measured) == (truth, total)
    if truth:
        nothing_planned = judged(few(**WEEK, project=True), [], enrolled_days_ago=20)
        assert (nothing_planned.truth, nothing_planned.measured) == (True, 0)


def test_no_answer_decides_a_low_total_but_answers_keep_it_from_holding() -> None:
    two = [reading("check_in", 1.0, days) for days in (3, 0)]
    low = judged(few(), two, enrolled_days_ago=20)
    assert (tuple(low.looked_at), tuple(low.decisive)) == (tuple(two), ())
    enough = judged(few(value=2), two, enrolled_days_ago=20)
    assert (enough.truth, tuple(enough.decisive)) == (False, tuple(two))


@pytest.mark.parametrize(("days", "said"), [([], "0"), ([1], "1"), ([1, 2], "2")])
def test_a_sum_of_yes_is_said_as_a_number(days: list[float], said: str) -> None:
    past = history([reading("check_in", 1.0, each) for each in days], enrolled_days_ago=20)
    outcome = judge(few(), past, NOW)
    assert comparison(few(), outcome) == (
        f"Check-in came to {said} in the last 7 days; the rule asks for less than 4."
    )


def test_what_is_asked_of_a_sum_of_yes_is_a_number() -> None:
    none = few(value=1)
    outcome = judge(none, history(enrolled_days_ago=20), NOW)
    assert comparison(none, outcome) == (
        "Check-in came to 0 in the last 7 days; the rule asks for less than 1."
    )
