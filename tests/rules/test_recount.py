"""Windows recounted the slow and obvious way: day by day, over every reading there is."""

from datetime import UTC, date, datetime, time, timedelta
from operator import ge, gt, le, lt

from hypothesis import example, given

from app.rules.conditions import Change, Count, Silence, Total
from app.rules.history import History, Pause
from app.rules.judge import judge
from app.rules.reading import Reading
from tests.rules.arbitrary import (
    changes,
    counts,
    histories,
    rolling_totals,
    silences,
    unhurried,
    weekly_totals,
)
from tests.rules.making import NOW, history, reading

COMPARE = {">=": ge, ">": gt, "<=": le, "<": lt}
FAR_AHEAD = 3  # a reading of a zone further east may already be of tomorrow


def numbers(past: History, signal: str) -> list[Reading]:
    """What was lived by NOW, of every answer its newest revision, as far as it is a number."""
    lived = [r for r in past.of(signal) if r.at <= NOW]
    newest = {r.source.id: max(o.source.revision for o in lived if o.source.id == r.source.id) for r in lived}
    return [r for r in lived if r.source.revision == newest[r.source.id] and not isinstance(r.value, str)]


def on_day(readings: list[Reading], day: date) -> list[float]:
    return [r.value for r in readings if r.day == day and not isinstance(r.value, str)]


def today(past: History) -> date:
    return NOW.astimezone(past.time_zone).date()


def back(day: date, days: int) -> list[date]:
    return [day - timedelta(days=number) for number in range(-FAR_AHEAD, days)]


def compared(condition: Total, past: History, window: list[date], values: list[float]) -> bool | None:
    """The sum against the value; of a low one only where every day of the window was one to expect it on."""
    if condition.op in ("<", "<="):
        of_check_ins = condition.signal == "check_in"
        enrolled_on = past.enrolled_at and past.enrolled_at.astimezone(past.time_zone).date()
        if enrolled_on and min(window) < enrolled_on:
            return None
        hours = [hour for day in window for hour in hours_of(day, past)]
        if any(within(pause, hour) for pause in past.pauses if pause.is_leave for hour in hours):
            return None
        asked = [h for h in hours if not (of_check_ins and any(within(pause, h) for pause in past.pauses))]
        if len(asked) < len(hours) and COMPARE[condition.op](round(len(asked) / 24), condition.value):
            return None
        if not values and not (of_check_ins and enrolled_on):
            return None
    elif not values:
        return None
    return COMPARE[condition.op](sum(values), condition.value)


def hours_of(day: date, past: History) -> list[datetime]:
    """Every hour of a day where the person lives; pauses here begin and end on the hour."""
    first, next_day = (
        datetime.combine(each, time(), past.time_zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    return [first + timedelta(hours=hour) for hour in range(int((next_day - first) / timedelta(hours=1)))]


def within(pause: Pause, moment: datetime) -> bool:
    return pause.start <= moment and (pause.end is None or moment < pause.end)


def is_a_word(reading: Reading) -> bool:
    """Whether it ends a silence: that no check-in came is said by none."""
    return reading.signal != "check_in" or reading.value != 0


@unhurried
@given(silences, histories())
@example(Silence(signal="check_in", days=1), history([reading("check_in", 0.0)]))
@example(Silence(signal="check_in", days=1), history([reading("check_in", 1.0, 2), reading("check_in", 0.0)]))
@example(Silence(signal="craving", days=1), history([reading("craving", 0.0)]))
def test_silence(condition: Silence, past: History) -> None:
    """Hour by hour back from NOW, to the last word or the start of the stay."""
    heard = [word.at for word in past.until(NOW).current(condition.signal) if is_a_word(word)]
    starts = [*heard[-1:], *([past.enrolled_at] if past.enrolled_at else [])]
    expected = None
    if starts:
        hours = int((NOW - max(starts)) / timedelta(hours=1))
        counting = [pause for pause in past.pauses if pause.is_leave or condition.signal == "check_in"]
        gone = [NOW - timedelta(hours=hour) for hour in range(1, hours + 1)]
        silent = [hour for hour in gone if not any(within(pause, hour) for pause in counting)]
        expected = len(silent) >= (condition.hours or 24 * (condition.days or 0))
    assert judge(condition, past.until(NOW), NOW).truth is expected


@unhurried
@given(counts, histories())
def test_count(condition: Count, past: History) -> None:
    days = [on_day(numbers(past, condition.signal), day) for day in back(today(past), condition.window_days)]
    fitting = [sum(COMPARE[condition.op](value, condition.value) for value in values) for values in days]
    reached = sum(map(bool, fitting)) if condition.per == "day" else sum(fitting)
    expected = reached >= condition.at_least if any(days) else None
    assert judge(condition, past.until(NOW), NOW).truth is expected


@unhurried
@given(rolling_totals, histories())
def test_rolling_total(condition: Total, past: History) -> None:
    assert condition.window_days is not None
    readings = numbers(past, condition.signal)
    values = [v for day in back(today(past), condition.window_days) for v in on_day(readings, day)]
    window = back(today(past), condition.window_days)[FAR_AHEAD:]
    assert judge(condition, past.until(NOW), NOW).truth is compared(condition, past, window, values)


@unhurried
@given(weekly_totals, histories())
def test_total_of_the_programs_week(condition: Total, past: History) -> None:
    first = today(past)
    while first.weekday() != past.week_starts_on:
        first -= timedelta(days=1)
    week = [first + timedelta(days=number) for number in range(7)]
    later = [first + timedelta(days=number) for number in range(7, 12)]
    readings = numbers(past, condition.signal)
    values = [v for day in week + later for v in on_day(readings, day)]
    if condition.project:
        to_come = [r for r in past.scheduled(condition.signal) if r.at > NOW]
        values += [v for day in week for v in on_day(to_come, day)]
    window = week if condition.project else [day for day in week if day <= today(past)]
    assert judge(condition, past.until(NOW), NOW).truth is compared(condition, past, window, values)


@unhurried
@given(changes.filter(lambda change: change.against == "median"), histories())
def test_median(condition: Change, past: History) -> None:
    assert condition.window_days is not None
    *before, latest = numbers(past, condition.signal) or [None]
    if latest is None:
        assert judge(condition, past.until(NOW), NOW).truth is None
        return
    days = [latest.day - timedelta(days=number) for number in range(-FAR_AHEAD, condition.window_days + 1)]
    values = sorted(v for day in set(days) for v in on_day(before, day))
    expected = None
    if len(values) >= 3:
        middle = (values[len(values) // 2] + values[(len(values) - 1) // 2]) / 2
        change = latest.value - middle  # type: ignore[operator]
        expected = (change if condition.direction == "rise" else -change) >= condition.by
    assert judge(condition, past.until(NOW), NOW).truth is expected
