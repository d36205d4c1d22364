"""How a goal stands, and when that may change by itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.goals.marks import Mark
from app.goals.standing import Standing, Status, stand
from app.goals.terms import Terms
from tests.goals.making import BY_DATE, DAILY, ONCE, day, done, goal, weekly


def standing(terms: Terms, marks: list[Mark], today: int, **more: Any) -> Standing:
    return stand(terms, marks, day(today), **{"is_agreed": True, "closed_as": None, **more})


MEETINGS = goal()
FEWER = goal(measure={"baseline": 20, "target": 5, "direction": "decrease"})
STATUSES: list[tuple[Terms, list[Mark], int, Status, int | None]] = [
    # what was agreed, what was done, today, status, the day on which it may change by itself
    (MEETINGS, [], -9, "on_track", 7),
    (MEETINGS, [], 1, "on_track", 7),
    (MEETINGS, [], 6, "on_track", 7),
    (MEETINGS, [], 7, "behind", 34),
    (MEETINGS, [], 23, "behind", 34),
    (MEETINGS, done(*range(1, 9)), 23, "on_track", 27),
    (MEETINGS, done(*range(1, 12)), 23, "on_track", 34),
    (MEETINGS, done(*range(1, 13)), 23, "achieved", None),
    (MEETINGS, [], 31, "behind", 34),
    (MEETINGS, [], 33, "behind", 34),  # the last two days may still come in
    (MEETINGS, [], 34, "not_achieved", None),
    (MEETINGS, done(*range(1, 13)), 90, "achieved", None),
    (MEETINGS, done(*range(21, 33)), 90, "not_achieved", None),  # the twelfth was too late
    (goal(cadence=ONCE, measure={"target": 1}), [], 23, "on_track", 34),
    (goal(cadence=ONCE, measure={"target": 1}), [], 33, "on_track", 34),
    (goal(cadence=ONCE, measure={"target": 1}), done(31), 33, "achieved", None),
    (goal(cadence=weekly(3)), [], 7, "on_track", 10),
    # From 20 down to 5; once there it is achieved, and if it is 9 again the next day, it is not.
    (FEWER, done(9, value=5), 10, "achieved", None),
    (FEWER, [*done(9, value=5), *done(10, value=9)], 10, "on_track", 29),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "marks", "today", "status", "changes"), STATUSES)
def test_how_a_goal_stands(
    terms: Terms, marks: list[Mark], today: int, status: Status, changes: int | None
) -> None:
    found = standing(terms, marks, today)
    assert found.status == status
    assert found.changes_on == (None if changes is None else day(changes))


def test_the_goal_of_the_design_on_its_day() -> None:
    found = stand(MEETINGS, [], day(23), is_agreed=False, closed_as=None)
    assert (found.status, found.value, found.pace, found.changes_on) == ("draft", 0, "behind", None)
    assert found.expected == pytest.approx(8.8)


def test_a_draft_that_says_too_little_has_no_pace() -> None:
    empty = stand(Terms(), [], day(23), is_agreed=False, closed_as=None)
    assert empty == Standing("draft", None, None, None, None, None)
    halfway = stand(goal(due_on=None), done(3), day(23), is_agreed=False, closed_as=None)
    assert (halfway.value, halfway.expected, halfway.pace) == (1, None, None)


@pytest.mark.parametrize("closed_as", ["achieved", "not_achieved", "retired"])
def test_what_somebody_closed_stays_as_they_said(closed_as: Status) -> None:
    for marks in ([], done(*range(1, 13))):
        for today in (3, 23, 90):
            found = standing(MEETINGS, marks, today, closed_as=closed_as)
            assert (found.status, found.changes_on) == (closed_as, None)
    draft = stand(Terms(), [], day(3), is_agreed=False, closed_as="retired")
    assert draft.status == "retired"


def test_an_entry_that_comes_late_mends_what_was_not_achieved() -> None:
    eleven = done(*range(1, 12))
    assert standing(MEETINGS, eleven, 40).status == "not_achieved"
    assert standing(MEETINGS, [*eleven, *done(31)], 40).status == "achieved"


def test_what_feeds_a_goal_is_looked_at_every_day_until_the_goal_is_over() -> None:
    fed = goal(fed_by="meetings_attended")
    for marks in ([], done(*range(1, 13))):
        assert standing(fed, marks, -9).changes_on == day(1)
        assert standing(fed, marks, 1).changes_on == day(2)
        assert standing(fed, marks, 23).changes_on == day(24)
        assert standing(fed, marks, 33).changes_on == day(34)
        assert standing(fed, marks, 34).changes_on is None
    assert standing(fed, [], 23, closed_as="retired").changes_on is None


CADENCES = st.sampled_from([BY_DATE, DAILY, ONCE, weekly(2)])


@settings(max_examples=100, deadline=None)
@given(cadence=CADENCES, days=st.sets(st.integers(1, 31), max_size=14), today=st.integers(-5, 40))
def test_the_next_moment_is_the_first_other_status(cadence: Any, days: set[int], today: int) -> None:
    """Against looking at every day: the sweep is neither early nor late."""
    terms, marks = goal(cadence=cadence), done(*days)
    now = standing(terms, marks, today)
    others = [each for each in range(today + 1, 60) if standing(terms, marks, each).status != now.status]
    assert now.changes_on == (day(others[0]) if others else None)
