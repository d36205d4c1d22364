"""Days and weeks in a row, by the day on which they were lived."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.goals.marks import Mark
from app.goals.streak import Streak, streak_of
from tests.goals.making import BY_DATE, DAILY, ONCE, day, done, goal, weekly

DAYS = [
    # done on, today, current, longest
    ([], 23, 0, 0),
    ([23], 23, 1, 1),
    ([21, 22, 23], 23, 3, 3),
    ([21, 22], 23, 2, 2),  # today is not over
    ([20, 21], 23, 2, 2),  # and yesterday's may still be on the phone
    ([19, 20], 23, 2, 2),  # and that of the day before
    ([18, 19], 23, 0, 2),  # but not of the 20th
    ([19, 20, 22, 23], 23, 4, 4),  # the 21st may come in yet: it counts when it has
    ([19, 20, 21, 22, 23], 23, 5, 5),  # now it has
    ([17, 18, 20, 23], 23, 2, 2),  # the 19th did not
    ([17, 18, 19, 20, 23], 23, 5, 5),  # and then it did, four days late: the streak is whole again
    ([1, 2, 3, 4, 9, 10], 23, 0, 4),
    ([1, 2, 3, 4, 22, 23], 23, 2, 4),
    ([0, 1], 2, 1, 1),  # the goal begins on the 1st
    ([22, 23, 24], 23, 3, 3),  # a phone that is ahead, in another zone
    ([28, 29, 30, 31, 32], 40, 4, 4),  # what goes on after it is due does not count
    ([28, 29, 30], 40, 0, 3),
]


@pytest.mark.parametrize(("days", "today", "current", "longest"), DAYS)
def test_days_in_a_row(days: list[int], today: int, current: int, longest: int) -> None:
    found = streak_of(goal(cadence=DAILY), done(*days), day(today))
    assert found == Streak("days", current, longest)


WEEKS = [
    # times a week, done on, today, current, longest; weeks begin on the 1st, 8th, 15th, 22nd
    (3, [], 23, 0, 0),
    (3, [1, 3, 5], 7, 1, 1),
    (3, [1, 3, 5], 14, 1, 1),  # this week is not over
    (3, [1, 3, 5], 16, 1, 1),  # nor, for two days more, is the last one to us
    (3, [1, 3, 5], 17, 0, 1),
    (3, [1, 3, 5, 8, 9, 14], 17, 2, 2),
    (3, [1, 3, 5, 8, 9], 17, 0, 1),
    (3, [1, 3, 5, 15, 16, 17], 17, 1, 1),
    (3, [1, 3, 5, 8, 9, 14, 15, 16, 17], 18, 3, 3),
    (1, [1, 14, 15], 23, 3, 3),
    # The fifth week has three days of which the goal has them all: two of three times are enough.
    (3, [29, 31], 40, 1, 1),
    (3, [29], 40, 0, 0),
]


@pytest.mark.parametrize(("times", "days", "today", "current", "longest"), WEEKS)
def test_weeks_in_a_row(times: int, days: list[int], today: int, current: int, longest: int) -> None:
    found = streak_of(goal(cadence=weekly(times)), done(*days), day(today))
    assert found == Streak("weeks", current, longest)


def test_twice_on_one_day_is_twice_a_week() -> None:
    twice = [Mark(day(1), 2, 1, 2), Mark(day(2), 1, 1, 1)]
    assert streak_of(goal(cadence=weekly(3)), twice, day(3)) == Streak("weeks", 1, 1)


def test_a_day_on_which_nothing_was_done_is_none() -> None:
    nothing = [*done(20, 21), Mark(day(22), 0, 0, 0), *done(23)]
    assert streak_of(goal(cadence=DAILY), nothing, day(25)) == Streak("days", 1, 2)


def test_who_has_a_streak() -> None:
    assert streak_of(goal(cadence=BY_DATE), done(1), day(3)) is None
    assert streak_of(goal(cadence=ONCE), done(1), day(3)) is None
    assert streak_of(goal(cadence=weekly(1)).model_copy(update={"starts_on": None}), [], day(3)) == Streak(
        "weeks", 0, 0
    )
    without_use = goal(cadence=BY_DATE, fed_by="used")
    assert streak_of(without_use, done(1, 2, 3), day(3)) == Streak("days", 3, 3)


def walked(days: set[int], today: int, due: int) -> tuple[int, int]:
    """The rule in words: go from day to day; an empty one ends the run unless it is today or one of the two
    before it, or still to come."""
    current = longest = 0
    for each in range(1, min(max([today, *days]), due) + 1):
        if each in days:
            current += 1
        elif each < today - 2:
            current = 0
        longest = max(longest, current)
    return current, longest


@settings(max_examples=200, deadline=None)
@given(days=st.sets(st.integers(1, 31)), today=st.integers(1, 40), data=st.data())
def test_days_against_a_walk(days: set[int], today: int, data: st.DataObject) -> None:
    """In whatever order the entries came in."""
    marks = data.draw(st.permutations(done(*days)))
    found = streak_of(goal(cadence=DAILY), marks, day(today))
    assert found is not None
    assert (found.current, found.longest) == walked(days, today, 31)


def weeks_walked(counts: dict[int, int], times: int, today: int, due: int) -> tuple[int, int]:
    """As `walked`, by weeks of seven days from the first."""
    current = longest = 0
    last = min(max([today, *counts]), due)
    for first in range(1, last + 1, 7):
        of_week = [each for each in range(first, first + 7) if each <= due]
        so_often = sum(counts.get(each, 0) for each in of_week)
        if so_often * 7 >= times * len(of_week):
            current += 1
        elif of_week[-1] < today - 2:
            current = 0
        longest = max(longest, current)
    return current, longest


@settings(max_examples=200, deadline=None)
@given(
    counts=st.dictionaries(st.integers(1, 31), st.integers(1, 3)), times=st.integers(1, 6),
    today=st.integers(1, 40),
)  # fmt: skip
def test_weeks_against_a_walk(counts: dict[int, int], times: int, today: int) -> None:
    marks = [Mark(day(each), times_, 1, times_) for each, times_ in counts.items()]
    found = streak_of(goal(cadence=weekly(times)), marks, day(today))
    assert found is not None
    assert (found.current, found.longest) == weeks_walked(counts, times, today, 31)


@settings(max_examples=100, deadline=None)
@given(days=st.sets(st.integers(1, 31), min_size=1), late=st.integers(1, 31), today=st.integers(1, 40))
def test_a_late_entry_never_shortens_a_streak(days: set[int], late: int, today: int) -> None:
    before = streak_of(goal(cadence=DAILY), done(*days), day(today))
    after = streak_of(goal(cadence=DAILY), done(*days | {late}), day(today))
    assert before is not None and after is not None
    assert after.longest >= before.longest
    assert after.current >= before.current or late > today


def test_a_streak_is_counted_in_days_of_the_calendar_over_a_change_of_the_clocks() -> None:
    """November 1, 2026 has 25 hours in New York, March 8 has 23: days are dates here, and no hours."""
    for first in (date(2026, 10, 30), date(2026, 3, 6)):
        marks = [Mark(first + timedelta(days=each), 1, 1, 1) for each in range(5)]
        terms: Any = goal(cadence=DAILY, starts_on=first, due_on=first + timedelta(days=30))
        assert streak_of(terms, marks, first + timedelta(days=4)) == Streak("days", 5, 5)
