"""What somebody's part in a session comes to: pure tables. The group is from 18:00 to 21:00 in New York."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.treatment.attendance import (
    ATTENDED,
    State,
    believed,
    is_enough,
    is_late,
    last_make_up_day,
    may_make_up,
    no_show_at,
    opens_at,
    sent_home,
    was_there,
)
from app.treatment.minutes import Span, present
from app.treatment.policy import USUAL, AttendancePolicy
from app.treatment.recording import Recorded, Said, Time, recorded

NEW_YORK = ZoneInfo("America/New_York")


def at(clock: str | None, day: int = 23) -> datetime | None:
    """That evening, by the clock on the wall."""
    return None if clock is None else when(clock, day)


def when(clock: str, day: int = 23) -> datetime:
    hour, minute, *second = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, *second, tzinfo=NEW_YORK).astimezone(UTC)


GROUP = Span(when("18:00"), when("21:00"))
AFTER = when("21:30")


@pytest.mark.parametrize(
    ("came", "left", "status", "minutes"),
    [
        ("17:45", None, "attended", 180),
        ("18:00", None, "attended", 180),
        ("18:10", None, "attended", 170),
        ("18:10:59", None, "attended", 170),
        ("18:11", None, "late", 169),
        ("20:59", None, "late", 1),
        ("20:59:59", "20:59:59", "late", 0),
        ("17:45", "20:50", "attended", 170),
        ("17:45", "20:50:59", "attended", 170),
        ("17:45", "20:49", "left_early", 169),
        ("17:45", "21:20", "attended", 180),
        ("18:30", "20:00", "left_early", 90),
        ("18:11", "20:50", "late", 159),
        ("18:05", "18:05", "left_early", 0),
    ],
)
def test_when_it_is_over(came: str, left: str | None, status: str, minutes: int) -> None:
    state = was_there(GROUP, USUAL, when(came), at(left), AFTER)
    assert (state.status, state.minutes) == (status, minutes)
    assert (state.arrived_at, state.left_at) == (when(came), at(left) or GROUP.end)


@pytest.mark.parametrize("now", ["17:50", "18:00", "20:59"])
def test_until_it_is_over_they_are_there_unless_they_left(now: str) -> None:
    assert was_there(GROUP, USUAL, when("17:50"), None, when(now)) == State("arrived", when("17:50"))


def test_who_has_left_before_it_is_over_has_attended() -> None:
    state = was_there(GROUP, USUAL, when("17:50"), when("18:40"), when("18:41"))
    assert (state.status, state.minutes) == ("left_early", 40)


def test_moments_of_any_zone_are_kept_in_utc() -> None:
    came = GROUP.start.astimezone(ZoneInfo("Asia/Kolkata"))
    state = was_there(GROUP, USUAL, came, GROUP.end.astimezone(NEW_YORK), AFTER)
    assert (state.arrived_at, state.left_at) == (GROUP.start, GROUP.end)
    assert {each.tzinfo for each in state[1:3]} == {UTC}


def test_the_program_decides_what_is_late_and_early() -> None:
    strict = AttendancePolicy(late_after_minutes=0, left_early_minutes=0)
    assert was_there(GROUP, strict, when("18:01"), None, AFTER).status == "late"
    assert was_there(GROUP, strict, when("18:00"), when("20:59"), AFTER).status == "left_early"
    assert was_there(GROUP, strict, when("18:00"), when("21:00"), AFTER).status == "attended"
    assert is_late(GROUP, strict, when("18:01")) and not is_late(GROUP, USUAL, when("18:01"))


@given(
    came=st.integers(-60, 179), stayed=st.none() | st.integers(0, 300), late=st.integers(0, 30),
    early=st.integers(0, 240),
)  # fmt: skip
def test_it_is_always_one_of_three_and_the_minutes_are_those_within(
    came: int, stayed: int | None, late: int, early: int
) -> None:
    policy = AttendancePolicy(late_after_minutes=late, left_early_minutes=early)
    came_at = GROUP.start + timedelta(minutes=came)
    left_at = None if stayed is None else came_at + timedelta(minutes=stayed)
    state = was_there(GROUP, policy, came_at, left_at, GROUP.end)
    within = range(max(0, came), min(180, 180 if stayed is None else came + stayed))
    assert state.minutes == len(within) == present(GROUP, came_at, left_at)
    assert state.status in ATTENDED - {"arrived"}
    left_early = stayed is not None and 180 - (came + stayed) > early
    assert (state.status == "left_early") is left_early
    assert (state.status == "late") is (came > late and not left_early)


def test_who_is_sent_home_has_not_left_early() -> None:
    assert sent_home(GROUP, when("17:50"), when("19:10"))[0::3] == ("attended", 70)
    assert sent_home(GROUP, when("19:00"), when("18:59"))[0::3] == ("attended", 0)
    assert sent_home(GROUP, when("17:50"), when("23:00"))[2:4] == (GROUP.end, 180)


def test_from_when_on_somebody_is_missing() -> None:
    assert no_show_at(GROUP, USUAL) == when("18:30")
    assert no_show_at(Span(when("18:00"), when("18:20")), USUAL) == when("18:20")
    assert no_show_at(GROUP, AttendancePolicy(no_show_after_minutes=240)) == when("21:00")


@pytest.mark.parametrize(
    ("lived", "heard", "believed_at"),
    [
        ("17:45", "17:45", "17:45"),
        ("17:44", "17:44", None),
        ("18:20", "18:20", "18:20"),
        ("20:59", "20:59", "20:59"),
        ("21:00", "21:00", None),
        # The phone had no network.
        ("18:02", "18:40", "18:02"),
        ("18:02", "22:00", "18:02"),
        ("21:00", "22:00", None),
        # Its clock is ahead: they came when we heard of it.
        ("18:20", "18:10", "18:10"),
        ("18:26", "18:10", "18:10"),
        ("20:00", "18:10", "18:10"),
        ("18:00", "17:44", None),
        # Its clock is behind, or says another day.
        ("17:00", "18:10", "18:10"),
        ("09:00", "21:10", None),
    ],
)
def test_when_somebody_came_who_says_so(lived: str, heard: str, believed_at: str | None) -> None:
    assert believed(GROUP, USUAL, when(lived), when(heard)) == at(believed_at)


def test_a_phone_has_a_day_to_say_it() -> None:
    assert believed(GROUP, USUAL, when("18:02"), when("21:00", day=24)) == when("18:02")
    assert believed(GROUP, USUAL, when("18:02"), when("21:00:01", day=24)) is None
    assert opens_at(GROUP, AttendancePolicy(arrival_opens_minutes=0)) == GROUP.start


@given(lived=st.integers(-3000, 3000), heard=st.integers(-3000, 3000))
def test_nobody_is_believed_to_have_come_later_than_we_heard_of_it_or_when_the_door_was_shut(
    lived: int, heard: int
) -> None:
    received_at = GROUP.start + timedelta(minutes=heard)
    came = believed(GROUP, USUAL, GROUP.start + timedelta(minutes=lived), received_at)
    assert came is None or (came <= received_at and opens_at(GROUP, USUAL) <= came < GROUP.end)


def test_half_of_what_was_missed_makes_up_for_it() -> None:
    assert [is_enough(GROUP, minutes) for minutes in (0, 89, 90, 180)] == [False, False, True, True]
    odd = Span(when("18:00"), when("18:45"))
    assert [is_enough(odd, minutes) for minutes in (22, 23)] == [False, True]
    assert may_make_up(GROUP, Span(when("10:00"), when("11:30")))
    assert not may_make_up(GROUP, Span(when("10:00"), when("11:29")))
    assert last_make_up_day(date(2026, 10, 29), USUAL) == date(2026, 11, 5), "whatever the clocks do"


def said(status: Recorded, came: str | None = "known", left: str | None = "known") -> Said:
    return Said(status, _time(came), _time(left))


def _time(clock: str | None) -> Time:
    return "known" if clock == "known" else at(clock)


LATE = was_there(GROUP, USUAL, when("18:20"), None, AFTER)
NOTHING = State("expected")
NOT_THERE = State("unexcused")


@pytest.mark.parametrize(
    ("what", "known", "now", "expected"),
    [
        (said("attended"), NOTHING, "21:30", ("attended", "18:00", "21:00", 180)),
        (said("attended"), NOT_THERE, "21:30", ("attended", "18:00", "21:00", 180)),
        (said("attended"), NOTHING, "18:30", ("arrived", "18:00", None, 0)),
        (said("arrived"), NOTHING, "17:50", ("arrived", "17:50", None, 0)),
        (said("arrived"), NOTHING, "21:30", ("attended", "18:00", "21:00", 180)),
        (said("attended", "18:25"), NOTHING, "21:30", ("late", "18:25", "21:00", 155)),
        (said("late", "18:25"), NOTHING, "21:30", ("late", "18:25", "21:00", 155)),
        (said("late", "18:05"), NOTHING, "21:30", ("attended", "18:05", "21:00", 175)),
        (said("left_early", "known", "20:00"), NOTHING, "21:30", ("left_early", "18:00", "20:00", 120)),
        (said("left_early", "known", "20:00"), NOTHING, "20:05", ("left_early", "18:00", "20:00", 120)),
        # What is known stays, until another time is said; null is the session's own.
        (said("attended"), LATE, "21:30", ("late", "18:20", "21:00", 160)),
        (said("attended", None), LATE, "21:30", ("attended", "18:00", "21:00", 180)),
        (said("late"), LATE, "21:30", ("late", "18:20", "21:00", 160)),
        (said("attended", "known", "19:00"), LATE, "21:30", ("left_early", "18:20", "19:00", 40)),
        (said("excused"), LATE, "21:30", ("excused", None, None, 0)),
        (said("excused"), NOTHING, "12:00", ("excused", None, None, 0)),
        (said("unexcused"), NOTHING, "18:00", ("unexcused", None, None, 0)),
        (said("cancelled"), LATE, "21:30", ("cancelled", None, None, 0)),
        # Somebody who writes down the roster ten minutes before the end.
        (said("attended", "known", "21:00"), NOTHING, "20:50", ("attended", "18:00", "21:00", 180)),
    ],
)
def test_what_staff_write_down(
    what: Said, known: State, now: str, expected: tuple[str, str | None, str | None, int]
) -> None:
    status, came, left, minutes = expected
    found = recorded(GROUP, USUAL, what, known, when(now))
    assert found == State(status, at(came), at(left), minutes)  # type: ignore[arg-type]  # a status of the table


@pytest.mark.parametrize(
    ("what", "now", "slips"),
    [
        (said("attended"), "17:44", [("status", "too_early")]),
        (said("unexcused"), "17:59", [("status", "too_early")]),
        (said("late"), "21:30", [("arrived_at", "missing")]),
        (said("late", "17:55"), "21:30", [("arrived_at", "missing")]),
        (said("left_early"), "21:30", [("left_at", "missing")]),
        (said("left_early", "known", "21:05"), "21:30", [("left_at", "missing")]),
        (said("attended", "13:59"), "21:30", [("arrived_at", "not_in_session")]),
        (said("attended", "21:00"), "21:30", [("arrived_at", "not_in_session")]),
        (said("attended", "19:00"), "18:30", [("arrived_at", "in_the_future")]),
        (said("attended", "18:30", "18:29"), "21:30", [("left_at", "order")]),
        (said("attended", "17:50", "17:55"), "21:30", [("left_at", "not_in_session")]),
        (said("attended", "known", "20:00"), "19:00", [("left_at", "in_the_future")]),
        (said("excused", "18:00"), "21:30", [("arrived_at", "not_there")]),
        (said("unexcused", "18:00", "19:00"), "17:00",
         [("arrived_at", "not_there"), ("left_at", "not_there"), ("status", "too_early")]),
    ],
)  # fmt: skip
def test_what_cannot_be(what: Said, now: str, slips: list[tuple[str, str]]) -> None:
    found = recorded(GROUP, USUAL, what, NOTHING, when(now))
    assert not isinstance(found, State)
    assert [each[:2] for each in found] == slips


def test_somebody_who_has_left_after_the_next_day_began_is_a_slip_of_the_pen() -> None:
    found = recorded(
        GROUP, USUAL, Said("attended", "known", when("02:00", day=24)), NOTHING, when("09:00", 24)
    )
    assert [each[:2] for each in found] == [("left_at", "not_in_session")]
