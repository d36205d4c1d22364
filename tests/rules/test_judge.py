"""Each kind of condition: tables whose rows show their own arithmetic. `None` is unknown."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from app.rules.conditions import (
    AllOf,
    AnyOf,
    Change,
    Condition,
    Count,
    Not,
    Run,
    Silence,
    Threshold,
    Total,
)
from app.rules.history import History, Pause
from app.rules.judge import judge
from app.rules.reading import Reading, Source
from tests.rules.making import NEW_YORK, NOW, history, judged, reading, series

ONE_ID = UUID(int=7)
STRONG = Threshold(signal="craving", op=">=", value=8)
LOW = Threshold(signal="mood", op="<=", value=2)


@pytest.mark.parametrize(
    ("op", "below", "equal", "above"),
    [
        (">=", False, True, True),
        (">", False, False, True),
        ("<=", True, True, False),
        ("<", True, False, False),
    ],
)
def test_threshold_compares_the_latest(op: str, below: bool, equal: bool, above: bool) -> None:
    condition = Threshold(signal="craving", op=op, value=5)  # type: ignore[arg-type]
    for value, expected in ((4.9, below), (5, equal), (5.1, above)):
        assert judged(condition, series("craving", 0, 10, value)).truth is expected


@pytest.mark.parametrize(
    ("op", "risk", "truth"),
    [
        ("==", "high", True),
        ("==", "low", False),
        ("!=", "low", True),
        ("!=", "high", False),
        ("==", 3.0, None),  # a number where a code is asked for is not comparable
    ],
)
def test_threshold_compares_codes(op: str, risk: float | str, truth: bool | None) -> None:
    condition = Threshold(signal="cssrs.risk", op=op, value="high")  # type: ignore[arg-type]
    assert judged(condition, [reading("cssrs.risk", risk)]).truth is truth


def test_threshold_decides_by_the_latest_alone() -> None:
    readings = series("craving", 2, 9)
    outcome = judged(STRONG, readings)
    assert tuple(outcome.looked_at) == tuple(outcome.decisive) == (readings[1],)


CHANGES = [
    # against, direction, by, readings (latest last), truth, what it was measured against
    ("baseline", "rise", 5, (10, 3, 15), True, 10),  # 15 - 10 = 5
    ("baseline", "rise", 5, (10, 3, 14), False, 10),  # 14 - 10 = 4
    ("baseline", "fall", 5, (20, 25, 15), True, 20),  # 20 - 15 = 5
    ("baseline", "rise", 5, (15,), None, None),  # the first is nobody's change
    ("previous", "rise", 4, (0, 6, 10), True, 6),  # 10 - 6 = 4
    ("previous", "rise", 4, (0, 7, 10), False, 7),
    ("previous", "fall", 4, (0, 10, 6), True, 10),
    ("best_of_last", "rise", 5, (0, 9, 4, 8, 9), True, 4),  # best of 9 4 8 is 4; 9 - 4 = 5, the 0 is too old
    ("best_of_last", "rise", 5, (4, 9, 5, 8, 9), False, 5),
    ("best_of_last", "rise", 5, (4, 9), True, 4),  # of the last three there is one
    ("best_of_last", "fall", 5, (99, 20, 30, 10, 25), True, 30),  # for a fall the best is the highest
    ("best_of_last", "fall", 6, (99, 20, 30, 10, 25), False, 30),
    ("median", "rise", 3, (4, 2, 9, 7), True, 4),  # median of 2 4 9 is 4; 7 - 4 = 3
    ("median", "rise", 3, (4, 2, 9, 6.9), False, 4),
    ("median", "rise", 3, (2, 4, 6, 9, 8), True, 5),  # median of 2 4 6 9 is 5; 8 - 5 = 3
    ("median", "fall", 3, (4, 2, 9, 1), True, 4),
    ("median", "rise", 3, (2, 4, 9), None, None),  # two before: no median
]


@pytest.mark.parametrize(("against", "direction", "by", "values", "truth", "reference"), CHANGES)
def test_change(
    *,
    against: str,
    direction: str,
    by: float,
    values: tuple[float, ...],
    truth: bool | None,
    reference: float | None,
) -> None:
    own = {"best_of_last": {"n": 3}, "median": {"window_days": 14}}.get(against, {})
    condition = Change.model_validate(
        {"signal": "phq9.total", "against": against, "direction": direction, "by": by, **own}
    )
    outcome = judged(condition, series("phq9.total", *values))
    assert outcome.truth is truth
    assert outcome.measured == reference


def test_the_median_is_of_the_window_before_the_latest_reading() -> None:
    condition = Change(signal="craving", against="median", window_days=2, direction="rise", by=3)
    old, *near = [reading("craving", value, days) for value, days in ((9, 8), (1, 7), (1, 6), (1, 5.1))]
    latest = reading("craving", 4, 5)  # the window is anchored on it, not on today
    outcome = judged(condition, [old, *near, latest])
    assert outcome.truth is True  # without the 9 of the day before the window the median is 1
    assert tuple(outcome.decisive) == (*near, latest)


COUNTS = [
    # per, at_least, window_days, (value, days ago), truth, count
    ("day", 2, 3, [(7, 0), (8, 2)], True, 2),
    (
        "day",
        2,
        3,
        [(7, 0), (8, 3)],
        False,
        1,
    ),  # three days ago is outside today, yesterday and the day before
    ("day", 2, 3, [(7, 0), (8, 0.1)], False, 1),  # twice on one day is one day
    ("reading", 2, 3, [(7, 0), (8, 0.1)], True, 2),
    ("day", 2, 3, [(7, 0), (6, 1)], False, 1),
    ("day", 1, 3, [(9, 3)], None, None),  # nothing in the window: unknown
    ("day", 1, 3, [], None, None),
    ("day", 1, 3, [("high", 0)], None, None),  # not comparable, so nothing
    ("reading", 3, 1, [(7, 0.1), (7, 0.2), (7, 0.3)], True, 3),
]


@pytest.mark.parametrize(("per", "at_least", "window_days", "values", "truth", "count"), COUNTS)
def test_count(
    *,
    per: str,
    at_least: int,
    window_days: int,
    values: Sequence[tuple[float, float]],
    truth: bool | None,
    count: int | None,
) -> None:
    condition = Count.model_validate(
        {"signal": "craving", "op": ">=", "value": 7, "per": per}
        | {"at_least": at_least, "window_days": window_days}
    )
    outcome = judged(condition, [reading("craving", value, days) for value, days in values])
    assert outcome.truth is truth
    assert (outcome.measured if outcome.looked_at else None) == count


RUNS = [
    ((7, 7, 7), True),
    ((1, 7, 7, 7), True),
    ((7, 7, 1), False),
    ((7, 1, 7), False),
    ((7, 7), None),  # two of three: not yet known
    ((1, 7), False),  # one of them already fails
    ((), None),
    (("high", 7, 7), None),
]


@pytest.mark.parametrize(("values", "truth"), RUNS)
def test_run(values: tuple[float | str, ...], truth: bool | None) -> None:
    condition = Run(signal="craving", op=">=", value=7, n=3)
    assert judged(condition, series("craving", *values)).truth is truth


SILENCES = [
    # days since the last check-in, days since the start, truth
    (3.0, None, True),
    (2.99, None, False),
    (None, 3.0, True),  # never a word, enrolled three days ago
    (None, 2.0, False),
    (30.0, 1.0, False),  # a former stay's silence is not this one's
    (1.0, 30.0, False),
    (4.0, 30.0, True),
    (None, -5.0, False),  # the stay has not begun
    (None, None, None),
]


@pytest.mark.parametrize(("last", "enrolled", "truth"), SILENCES)
@pytest.mark.parametrize("length", [{"days": 3}, {"hours": 72}])
def test_silence(
    last: float | None, enrolled: float | None, truth: bool | None, length: dict[str, int]
) -> None:
    condition = Silence.model_validate({"signal": "check_in", **length})
    readings = [] if last is None else [reading("check_in", 1, last)]
    assert judged(condition, readings, enrolled_days_ago=enrolled).truth is truth


@pytest.mark.parametrize(
    ("attended", "truth", "since"),
    [
        (((1, 8), (0, 1)), True, date(2026, 11, 15)),  # not attending is no sign of life
        (((1, 8), (0, 3), (1, 1)), False, date(2026, 11, 22)),
        (((0, 8), (0, 1)), True, date(2026, 11, 3)),  # since the stay began
    ],
)
def test_what_was_not_attended_breaks_no_silence(
    attended: tuple[tuple[float, float], ...], truth: bool, since: date
) -> None:
    said = [reading("session.attended", value, days) for value, days in attended]
    outcome = judged(Silence(signal="session.attended", days=7), said, enrolled_days_ago=20)
    assert (outcome.truth, outcome.measured) == (truth, since)
    again = judged(Silence(signal="session.attended", days=7), outcome.looked_at, enrolled_days_ago=20)
    assert again == outcome


def test_a_zero_of_what_is_no_happening_breaks_a_silence() -> None:
    assert judged(Silence(signal="craving", days=2), [reading("craving", 0, 1)]).truth is False


def test_nobody_decides_silence_but_a_word_ends_it() -> None:
    said = [reading("check_in", 1, 3)]
    assert judged(Silence(signal="check_in", days=3), said).decisive == ()
    assert tuple(judged(Silence(signal="check_in", days=4), said).decisive) == tuple(said)


def test_silence_counts_real_hours_through_the_end_of_summer_time() -> None:
    # New York, 1 November 2026: from noon to noon the clocks show 24 hours and 25 pass.
    last = Reading(
        "check_in",
        1.0,
        datetime(2026, 10, 31, 12, tzinfo=NEW_YORK).astimezone(UTC),
        date(2026, 10, 31),
        NOW,
        Source("check_in", ONE_ID),
    )
    condition = Silence(signal="check_in", hours=25)
    past = history([last], zone=NEW_YORK)
    noon = datetime(2026, 11, 1, 12, tzinfo=NEW_YORK)
    assert judge(condition, past, noon).truth is True
    assert judge(condition, past, noon - timedelta(minutes=1)).truth is False


def test_a_leave_is_as_long_as_it_really_was() -> None:
    # Of the 49 hours from Saturday to Monday noon in New York, 25 are on a leave from noon to noon.
    saturday, sunday, monday = (
        datetime(2026, month, day, 12, tzinfo=NEW_YORK) for month, day in ((10, 31), (11, 1), (11, 2))
    )
    leave = Pause(saturday, sunday, is_leave=True)
    past = History([], enrolled_at=saturday, time_zone=NEW_YORK, pauses=[leave])
    assert judge(Silence(signal="check_in", hours=24), past, monday).truth is True
    assert judge(Silence(signal="check_in", hours=24), past, monday - timedelta(minutes=1)).truth is False


def test_days_end_with_today_where_the_person_lives() -> None:
    # 02:00 UTC on the 24th is still the 23rd in New York, and the window of one day is the 23rd.
    condition = Count(signal="used", op=">=", value=1, at_least=1, window_days=1)
    used = [reading("used", 1.0)]  # lived on the 23rd
    past = history(used, zone=NEW_YORK)
    assert judge(condition, past, datetime(2026, 11, 24, 2, tzinfo=UTC)).truth is True
    assert judge(condition, past, datetime(2026, 11, 24, 5, tzinfo=UTC)).truth is None


TOTALS = [
    # window, readings (minutes, days ago), scheduled (minutes, days ahead), truth of "under 540", sum
    ({"window": "program_week"}, [(180, 0), (600, 1)], [], True, 180),  # Sunday was last week
    ({"window": "program_week", "project": True}, [(180, 0)], [(180, 2), (180, 4)], False, 540),
    ({"window": "program_week", "project": True}, [(180, 0)], [(180, 2), (180, 7)], True, 360),  # next Monday
    ({"window": "program_week"}, [(180, 0)], [(180, 2), (180, 4)], True, 180),
    ({"window": "program_week", "project": True}, [], [(180, 2)], True, 180),
    ({"window": "program_week"}, [(600, 1)], [], None, None),  # nothing recorded this week: unknown
    ({"window": "rolling", "window_days": 2}, [(180, 0), (360, 1), (99, 2)], [], False, 540),
    ({"window": "rolling", "window_days": 1}, [(180, 0), (360, 1)], [], True, 180),
    ({"window": "rolling", "window_days": 1}, [(0, 0)], [], True, 0),
]


@pytest.mark.parametrize(("window", "attended", "scheduled", "truth", "total"), TOTALS)
def test_total(
    window: dict[str, object],
    attended: Sequence[tuple[float, float]],
    scheduled: Sequence[tuple[float, float]],
    truth: bool | None,
    total: float | None,
) -> None:
    condition = Total.model_validate({"signal": "session.minutes", "op": "<", "value": 540} | window)
    outcome = judged(
        condition,
        [reading("session.minutes", minutes, days) for minutes, days in attended],
        scheduled=[reading("session.minutes", minutes, -days) for minutes, days in scheduled],
    )
    assert outcome.truth is truth
    assert outcome.measured == total


@pytest.mark.parametrize(("starts_on", "total"), [(0, 1), (6, 3), (5, 7), (1, 127)])
def test_the_week_starts_on_the_programs_day(starts_on: int, total: int) -> None:
    # NOW is a Monday. One reading a day, worth 1, 2, 4, … the further back: the sum names the days.
    readings = [reading("session.minutes", 2**days, days) for days in range(10)]
    condition = Total(signal="session.minutes", op=">", value=0, window="program_week")
    assert judged(condition, readings, week_starts_on=starts_on).measured == total


T, F, U = STRONG, Threshold(signal="craving", op="<", value=8), LOW  # true, false, unknown below


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (AllOf(conditions=(T, T)), True),
        (AllOf(conditions=(T, F)), False),
        (AllOf(conditions=(T, U)), None),
        (AllOf(conditions=(F, U)), False),
        (AllOf(conditions=(U, U)), None),
        (AnyOf(conditions=(F, F)), False),
        (AnyOf(conditions=(T, F)), True),
        (AnyOf(conditions=(T, U)), True),
        (AnyOf(conditions=(F, U)), None),
        (AnyOf(conditions=(U, U)), None),
        (Not(condition=T), False),
        (Not(condition=F), True),
        (Not(condition=U), None),
        (Not(condition=Not(condition=U)), None),
    ],
)
def test_three_values(condition: Condition, truth: bool | None) -> None:
    assert judged(condition, series("craving", 9)).truth is truth


def test_a_combination_is_decided_by_the_parts_that_agree_with_it() -> None:
    craving, sleep = reading("craving", 9), reading("sleep_hours", 3)
    short = Threshold(signal="sleep_hours", op="<", value=5)
    either = AnyOf(conditions=(STRONG, short, Threshold(signal="sleep_hours", op=">", value=9)))
    outcome = judged(either, [craving, sleep])
    assert tuple(outcome.looked_at) == (craving, sleep)
    assert tuple(outcome.decisive) == (craving, sleep)
    assert tuple(judged(AllOf(conditions=(STRONG, Not(condition=short))), [craving, sleep]).decisive) == (
        sleep,
    )


def test_a_revised_answer_counts_once_and_by_its_newest_revision() -> None:
    first = Source("check_in", ONE_ID)
    revised = [reading("craving", 9, source=first), reading("craving", 3, source=first._replace(revision=1))]
    twice = Count(signal="craving", op=">=", value=0, at_least=1, window_days=1, per="reading")
    assert judged(STRONG, revised).truth is False
    assert judged(twice, revised).measured == 1
    assert judged(Change(signal="craving", against="previous", direction="fall", by=1), revised).truth is None
