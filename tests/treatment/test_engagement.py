"""How much somebody does of what they are asked for."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.ladders.cadence import InstrumentCadence
from app.ladders.reminders import Leave
from app.treatment.engagement import (
    Asked,
    Deeds,
    Engagement,
    Plan,
    Share,
    engagement,
    of_check_ins,
    of_instruments,
    of_sessions,
)
from app.treatment.minutes import Span
from app.treatment.participation import Turnout, is_missing, minutes, turnout
from app.treatment.week import Part

ZONE = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 23)
"""A Monday; the fourteen days begin on the 10th, a Tuesday."""
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=ZONE)
EVERY_DAY = range(7)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)


def asked(starts: int = 100, ends: int | None = None, leaves: list[Leave] | None = None) -> Asked:
    """Days before today."""
    return Asked(ZONE, ago(starts), None if ends is None else ago(ends), leaves or [])


def away(first: int, back: int | None) -> list[Leave]:
    return [(midnight(ago(first)), None if back is None else midnight(ago(back)))]


@pytest.mark.parametrize(
    ("of", "weekdays", "days", "share"),
    [
        (asked(), EVERY_DAY, [], (13, 0)),  # today is asked for once it is given
        (asked(), EVERY_DAY, [0], (14, 1)),
        (asked(), EVERY_DAY, range(14), (14, 14)),
        (asked(), EVERY_DAY, [14, 15], (13, 0)),
        (asked(), (0, 1, 2, 3, 4), range(14), (10, 10)),
        (asked(), (0,), [1], (1, 0)),
        (asked(starts=3), EVERY_DAY, [2], (3, 1)),
        (asked(starts=-1), EVERY_DAY, [], (0, 0)),
        (asked(ends=3), EVERY_DAY, [5], (11, 1)),
        (asked(leaves=away(6, 4)), EVERY_DAY, [5], (11, 0)),
        (asked(leaves=away(6, None)), EVERY_DAY, [], (7, 0)),
        (asked(leaves=away(40, 20)), EVERY_DAY, [], (13, 0)),
    ],
)
def test_check_ins_are_asked_for_on_the_programs_days(
    of: Asked, weekdays: range, days: list[int], share: tuple[int, int]
) -> None:
    assert of_check_ins(of, weekdays, {ago(each) for each in days}, NOW) == share


def test_days_are_those_of_the_patient() -> None:
    """In Auckland it is Tuesday already."""
    there = Asked(ZoneInfo("Pacific/Auckland"), ago(2), None, [])
    assert of_check_ins(there, EVERY_DAY, {TODAY + timedelta(days=1)}, NOW) == (4, 1)


WEEKLY = InstrumentCadence(instrument="phq-9", every_days=7)
MONTHLY = InstrumentCadence(instrument="pcl-5", every_days=30)


@pytest.mark.parametrize(
    ("of", "taken", "share"),
    [
        # Due on days 100, and then seven days after it was taken.
        (asked(), [], (1, 0)),
        (asked(), [21, 14, 7], (1, 1)),  # today's is asked for once it is taken
        (asked(), [21, 14, 7, 0], (2, 2)),
        (asked(), [22, 15, 8], (2, 1)),  # due yesterday
        (asked(), [22, 15], (1, 0)),  # due eight days ago and nobody has heard of it
        (asked(), [22], (1, 0)),
        (asked(), [22, 13], (2, 1)),
        (asked(), [20, 13, 6], (2, 2)),
        (asked(), [13, 12, 6, 5], (1, 1)),  # too often is no answer to anything, and puts the next one off
        (asked(starts=3), [], (1, 0)),
        (asked(starts=0), [], (0, 0)),
        (asked(starts=0), [0], (1, 1)),
        (asked(starts=3), [5], (0, 0)),  # in the stay before: due in two days
        (asked(starts=3), [5, 3], (0, 0)),
        (asked(starts=5), [12], (1, 0)),
        (asked(ends=20), [], (0, 0)),
        # Away when it was due: on the day they are back.
        (asked(leaves=away(9, 4)), [14], (1, 0)),
        (asked(leaves=away(9, 4)), [14, 4], (1, 1)),
        (asked(leaves=away(9, 0)), [14], (0, 0)),
        (asked(leaves=away(9, None)), [14], (0, 0)),
        (asked(leaves=away(90, 20)), [], (1, 0)),
    ],
)
def test_a_questionnaire_is_asked_for_until_it_is_taken(
    of: Asked, taken: list[int], share: tuple[int, int]
) -> None:
    days = {"phq-9": [ago(each) for each in taken], "gad-7": [ago(1)]}
    assert of_instruments(of, [WEEKLY], days, NOW) == share


def test_each_questionnaire_has_its_own_cadence() -> None:
    days = {"phq-9": [ago(15), ago(8)], "pcl-5": [ago(20)]}
    assert of_instruments(asked(), [WEEKLY, MONTHLY], days, NOW) == (2, 1)
    assert of_instruments(asked(), [], days, NOW) == (0, 0)


def part(
    begins: float, status: str | None = None, there: tuple[float, float] | None = None, **how: bool
) -> Part:
    """Three hours, so many hours from now; and when somebody came and went, likewise."""
    span = Span(NOW + timedelta(hours=begins), NOW + timedelta(hours=begins + 3))
    arrived, left = there or (None, None)
    times = tuple(None if each is None else NOW + timedelta(hours=each) for each in (arrived, left))
    usual = {"is_make_up": False, "said_ahead": False, "is_cancelled": False}
    return Part(span, "group", status, *times, **{**usual, **how})  # type: ignore[arg-type]  # two times


def test_all_of_it_together() -> None:
    deeds = Deeds(asked(), {ago(each) for each in range(1, 8)}, {"phq-9": [ago(20), ago(13), ago(6)]})
    held = [
        part(-24, "attended", (-24, -21)),
        part(-48, "unexcused"),
        part(-72, "excused"),
        part(-96, "late"),
    ]
    plan = Plan(EVERY_DAY, [WEEKLY])
    found = engagement(plan, deeds, [*held, part(-20, "cancelled"), part(-1), part(30)], NOW)
    assert found == Engagement(Share(13, 7), Share(4, 2), Share(2, 2))
    assert (found.together, found.is_low) == (Share(19, 11), False)


@pytest.mark.parametrize(("done", "low"), [(0, True), (9, True), (10, False), (20, False)])
def test_less_than_half_is_low(done: int, low: bool) -> None:
    assert Engagement(Share(20, done), Share(0, 0), Share(0, 0)).is_low is low


def test_of_whom_nothing_was_asked_nothing_is_lacking() -> None:
    found = Engagement(Share(0, 0), Share(0, 0), Share(0, 0))
    assert found.together.rate is None and not found.is_low


@pytest.mark.parametrize(
    ("of", "missing"),
    [
        (part(-0.5), True),
        (part(-0.5, "expected"), True),
        (part(-0.5, "expected", said_ahead=True), True),  # staff decide whether that is excused
        (part(-0.5, "unexcused"), True),
        (part(-0.5, "excused"), False),
        (part(-0.5, "made_up"), False),
        (part(-0.5, "arrived", (-0.4, None)), False),  # type: ignore[arg-type]  # still there
        (part(-2, "left_early", (-2, -1)), False),
        (part(-0.5, "cancelled"), False),
        (part(-0.5, is_cancelled=True), False),
        (part(0.1), False),
        (part(-3), False),
        (part(0), True),
    ],
)
def test_who_is_missing_now(of: Part, missing: bool) -> None:
    assert is_missing(of, NOW) is missing


def test_a_turnout() -> None:
    seats = [
        part(-1, "arrived", (-1, None)), part(-1, "late", (-0.5, None)), part(-1, "left_early", (-1, -0.5)),  # type: ignore[arg-type]  # still there
        part(-1, "excused"), part(-1), part(-1, "unexcused"), part(-1, "cancelled"),
    ]  # fmt: skip
    assert turnout(seats, NOW) == Turnout(expected=6, present=2, excused=1, missing=2)


def test_participation_is_of_what_is_over_and_time_in_two_at_once_counts_once() -> None:
    held = [
        part(-24, "late", (-23, -21)), part(-24, "attended", (-24, -21)), part(-48), part(-72, "cancelled"),
        part(-1, "arrived", (-1, None)), part(24),  # type: ignore[arg-type]  # still there
    ]  # fmt: skip
    assert minutes(held, NOW) == Share(360, 180)
    assert of_sessions(held, NOW) == Share(3, 2)


def test_what_was_made_up_for_is_not_held_against_anybody() -> None:
    held = [part(-48, "made_up"), part(-24, "attended", (-24, -21))]
    assert minutes(held, NOW) == Share(180, 180)
    assert of_sessions(held, NOW) == Share(1, 1)


def test_nobody_attends_more_than_was_scheduled() -> None:
    broken_off = part(-24, "attended", (-24, -23), is_cancelled=True)
    assert minutes([broken_off, part(-48, "attended", (-48, -45))], NOW) == Share(180, 180)
