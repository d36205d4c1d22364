"""Whether somebody is asked to note something on a goal today."""

from typing import Any

import pytest

from app.goals.asking import entry_due
from app.goals.marks import Mark
from tests.goals.making import BY_DATE, DAILY, ONCE, day, done, goal, weekly


@pytest.mark.parametrize(
    ("cadence", "days", "today", "is_due"),
    [
        (DAILY, (), 1, True),
        (DAILY, (1, 2), 3, True),
        (DAILY, (1, 2, 3), 3, False),
        (DAILY, (), 31, True),
        (weekly(3), (), 1, True),
        (weekly(3), (1, 2), 7, True),
        (weekly(3), (1, 2, 5), 7, False),
        (weekly(3), (1, 2, 5), 8, True),  # another week
        (weekly(3), (6, 7, 8), 9, True),  # one of this week, two of the last
        (BY_DATE, (), 3, False),
        (ONCE, (), 3, False),
    ],
)
def test_an_entry_is_asked_for(cadence: Any, days: tuple[int, ...], today: int, is_due: bool) -> None:
    assert entry_due(goal(cadence=cadence), done(*days), day(today)) is is_due


def test_a_day_on_which_it_was_not_done_is_still_asked_for() -> None:
    assert entry_due(goal(cadence=DAILY), [Mark(day(3), 0, 0, 0)], day(3))


def test_nothing_is_asked_before_it_starts_or_after_it_is_due() -> None:
    ahead = goal(cadence=DAILY, starts_on=day(5), due_on=day(9))
    assert [entry_due(ahead, (), day(each)) for each in (4, 5, 9, 10)] == [False, True, True, False]
    assert not entry_due(goal(cadence=DAILY, starts_on=None), (), day(5))


def test_what_is_read_from_elsewhere_is_not_asked_for() -> None:
    assert not entry_due(goal(cadence=DAILY, fed_by="meetings_attended"), (), day(3))
