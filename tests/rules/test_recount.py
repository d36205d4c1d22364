"""Windows recounted the slow and obvious way: day by day, over every reading there is."""

from datetime import date, timedelta
from operator import ge, gt, le, lt

from hypothesis import given

from app.rules.conditions import Change, Count, Total
from app.rules.history import History
from app.rules.judge import judge
from app.rules.reading import Reading
from tests.rules.arbitrary import changes, counts, histories, rolling_totals, unhurried, weekly_totals
from tests.rules.making import NOW

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
    expected = COMPARE[condition.op](sum(values), condition.value) if values else None
    assert judge(condition, past.until(NOW), NOW).truth is expected


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
    expected = COMPARE[condition.op](sum(values), condition.value) if values else None
    assert judge(condition, past.until(NOW), NOW).truth is expected


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
