"""Minutes from a platform's events: in any order, doubled, late, and of several connections at once."""

from datetime import datetime, timedelta
from itertools import permutations
from random import Random

import pytest

from app.telehealth.presence import LINGERS, LONGEST, Event, looks_again_at, state, stays
from app.telehealth.told import Kind
from app.treatment.attendance import State
from app.treatment.minutes import Span
from app.treatment.policy import USUAL
from tests.telehealth.meetings import EVENING, SIX, watched

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LATER = EVENING.end + HOUR
EVENTS = 10_000


def at(clock: str) -> datetime:
    """By the clock on the wall, on which the session begins at 18:00."""
    hours, minutes, *seconds = map(int, clock.split(":"))
    return SIX + timedelta(hours=hours - 18, minutes=minutes, seconds=sum(seconds))


def told(*words: str, connection: str = "a", meeting: str = "m") -> list[Event]:
    """`joined 18:00`, and so on."""
    events = []
    for word in words:
        name, clock = word.split()
        kind: Kind = name  # type: ignore[assignment]  # a test knows what it writes
        events.append(Event(kind, at(clock), meeting, "" if kind == "ended" else connection))
    return events


def known(events: list[Event], now: datetime = LATER, span: Span = EVENING) -> State | None:
    return state(span, USUAL, stays(events), now)


def minutes(*words: str) -> int | None:
    found = known(told(*words))
    return found and found.minutes


def test_ten_thousand_events_in_any_order_and_doubled_come_to_the_minutes_counted_by_hand() -> None:
    chance = Random(20261123)
    events = gone = doubled_stays = 0
    while events < EVENTS:
        meeting = watched(chance)
        sent = meeting.events()
        sent += chance.sample(sent, len(sent) // 2)
        chance.shuffle(sent)
        found = known(sent)
        counted = meeting.minutes(EVENING)
        assert (found.minutes if found else 0) == counted, meeting
        events += len(sent)
        gone += bool(found and found.away)
        doubled_stays += len({each.device[0] for each in meeting.visits}) > 1
    assert gone > 200
    assert doubled_stays > 200


def test_every_order_of_a_story_is_the_same_story() -> None:
    story = told("joined 17:55", "left 18:40", "joined 18:50", "left 20:30", "joined 20:45", "ended 21:05")
    expected = known(story)
    assert expected == State(
        "attended", at("17:55"), at("21:00"), 155,
        (Span(at("18:40"), at("18:50")), Span(at("20:30"), at("20:45"))),
    )  # fmt: skip
    assert {known(list(order)) for order in permutations(story)} == {expected}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("joined 18:00, left 21:00", 180),
        ("joined 17:50, left 21:10", 180),
        ("joined 18:00, left 18:30, joined 18:30, left 21:00", 180),
        ("joined 18:00, left 19:00, left 19:00:01", 60),
        ("joined 18:00, joined 18:30, left 19:00", 60),
        ("joined 18:00, ended 20:00", 120),
        ("joined 18:00, ended 20:00, left 20:30", 120),
        ("joined 18:00, ended 19:00, joined 19:30", 150),
        ("joined 18:00", 180),
        ("joined 18:00:50, left 18:01:10", 1),
        ("joined 18:00:10, left 18:00:50", None),
        ("joined 19:00, left 19:00", None),
        ("joined 17:00, left 17:44", None),
        ("joined 17:50, left 17:58", None),
        ("joined 21:00, left 21:30", None),
        ("left 20:00", 0),
        ("left 21:10", 0),
        ("left 21:20", None),
        ("started 18:00, ended 21:00", None),
        ("no_show 18:30", None),
    ],
)
def test_what_it_comes_to(words: str, expected: int | None) -> None:
    assert minutes(*words.split(", ")) == expected


def test_two_devices_count_once_and_either_may_go_first() -> None:
    laptop = told("joined 18:00", "left 19:00", connection="laptop")
    phone = told("joined 18:30", "left 20:00", connection="phone")
    assert known([*laptop, *phone]) == State("left_early", at("18:00"), at("20:00"), 120)


def test_whoever_is_still_in_from_one_device_is_there() -> None:
    phone = told("joined 18:00", connection="phone")
    laptop = told("joined 18:10", "left 18:20", connection="laptop")
    assert known([*phone, *laptop], at("18:30")) == State("arrived", at("18:00"))


def test_whoever_has_left_does_not_leave_again() -> None:
    story = told("joined 18:00", "left 19:00", "left 20:00")
    assert known(story) == State("left_early", at("18:00"), at("19:00"), 60)


def test_the_end_of_one_meeting_is_not_that_of_another() -> None:
    elsewhere = told("joined 17:30", "ended 18:10", meeting="other")
    assert known([*elsewhere, *told("joined 18:05", "left 21:00")]) == State(
        "attended", at("17:45"), at("21:00"), 180
    )


def test_whoever_is_connected_has_come_and_has_no_minutes_yet() -> None:
    story = told("joined 18:02", "left 18:10", "joined 18:15")
    assert known(story[:1], at("18:03")) == State("arrived", at("18:02"))
    assert known(story[:2], at("18:12")) == State("left_early", at("18:02"), at("18:10"), 8)
    assert known(story, at("18:20")) == State("arrived", at("18:02"), away=(Span(at("18:10"), at("18:15")),))


def test_whoever_stays_on_from_the_session_before_comes_to_the_next_when_they_do_not_go_soon() -> None:
    after = Span(EVENING.end, EVENING.end + HOUR)
    lingers = told("joined 18:00", "left 21:09:59")
    assert known(lingers, LATER + HOUR, after) is None
    assert known(told("joined 18:00", "left 21:10"), LATER + HOUR, after) is not None
    still = told("joined 18:00")
    assert looks_again_at(after, USUAL) == at("21:10")
    assert known(still, at("21:09"), after) is None
    assert known(still, at("21:10"), after) == State("arrived", at("20:45"))


def test_nobody_is_in_a_meeting_for_ever() -> None:
    long_after = Span(SIX + LONGEST, SIX + LONGEST + HOUR)
    assert known(told("joined 18:00"), long_after.end, long_after) is None
    assert known(told("left 21:00"), LATER, Span(SIX - HOUR, at("21:00") - LINGERS - MINUTE)) is None


@pytest.mark.parametrize(
    ("arrived", "words", "expected"),
    [
        ("17:50", "joined 18:20, left 20:00", (at("17:50"), at("20:00"), ())),
        ("18:30", "joined 18:20, left 20:00", (at("18:20"), at("20:00"), ())),
        ("18:40", "joined 18:00, left 18:30", (at("18:00"), at("21:00"), (Span(at("18:30"), at("18:40")),))),
        ("18:20", "joined 18:00, left 18:10, joined 18:30, left 20:00",
         (at("18:00"), at("20:00"), (Span(at("18:10"), at("18:20")),))),
    ],
)  # fmt: skip
def test_whoever_said_in_the_room_that_they_came_was_there_until_the_platform_tells_of_them(
    arrived: str, words: str, expected: tuple[object, ...]
) -> None:
    found = state(EVENING, USUAL, stays(told(*words.split(", "))), LATER, at(arrived))
    assert found is not None
    assert (found.arrived_at, found.left_at, found.away) == expected


def test_their_word_alone_is_not_the_platforms() -> None:
    assert state(EVENING, USUAL, [], LATER, at("18:00")) is None
