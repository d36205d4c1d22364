"""What check-ins and attendance say of a day."""

from datetime import UTC, datetime, timedelta

from uuid_utils.compat import uuid7

from app.goals.marks import Mark, Reading, counted, marks_of
from app.goals.terms import Terms
from tests.goals.making import day, done, goal


def reading(number: int, value: float, hour: int = 12) -> Reading:
    at = datetime(2026, 11, 1, hour, tzinfo=UTC) + timedelta(days=number - 1)
    return Reading("check_in", uuid7(), at, day(number), value)


def test_meetings_of_one_day_add_up() -> None:
    found = marks_of("meetings_attended", [reading(4, 1, 20), reading(2, 0), reading(4, 2, 9)])
    assert found == [Mark(day(2), 0, 0, 0), Mark(day(4), 3, 1, 3)]


def test_a_day_with_use_is_one_whatever_else_was_said_of_it() -> None:
    found = marks_of("used", [reading(4, 1, 9), reading(4, 0, 20), reading(5, 1, 9), reading(5, 1, 20)])
    assert found == [Mark(day(4), 0, 0, 0), Mark(day(5), 1, 1, 1)]


def test_sessions_and_their_minutes() -> None:
    assert marks_of("session.attended", [reading(4, 1, 9), reading(4, 1, 18)]) == [Mark(day(4), 2, 1, 2)]
    two = [reading(4, 50, 9), reading(4, 180, 18), reading(5, 0)]
    assert marks_of("session.minutes", two) == [Mark(day(4), 230, 180, 2), Mark(day(5), 0, 0, 0)]


def test_the_days_of_a_goal_are_from_its_start_to_its_due_date() -> None:
    every = done(31, 0, 1, 32, 15)
    assert [mark.day for mark in counted(goal(), every)] == [day(1), day(15), day(31)]
    assert len(counted(Terms(), every)) == 5


def test_how_a_goal_is_counted() -> None:
    assert goal().counts == "sum"
    assert Terms().counts == "sum"
    assert goal(cadence={"kind": "daily"}).counts == "days"
    assert goal(measure={"direction": "decrease"}).counts == "latest"
    assert goal(measure={"direction": "decrease"}, cadence={"kind": "daily"}).counts == "latest"
    assert goal(measure={"counts": "days"}).counts == "days"
    assert goal(fed_by="used").counts == "days"
    assert goal(fed_by="meetings_attended", cadence={"kind": "daily"}).counts == "sum"
    assert goal(fed_by="session.minutes", measure={"counts": "latest"}).counts == "sum"
