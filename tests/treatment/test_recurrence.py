"""Recurrence rules against a walk from day to day, in zones whose clocks change; and hostile ones."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ladders.wall import moment_of
from app.recurrence import NotARule, goes_on_after, read, slots
from tests.ladders.walked_year import WalkedYear

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ONE_DAY = timedelta(days=1)
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Havana", "Asia/Kolkata"]
NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime.fromisoformat("2026-11-24T18:00")


def walk(text: str, start: datetime) -> Iterator[date]:
    """The days that a rule names, found by asking each one of fifteen years."""
    parts = dict(part.split("=") for part in text.split(";"))
    left = int(parts.get("COUNT", 10**6))
    for days in range(15 * 366):
        day = start.date() + days * ONE_DAY
        if left == 0 or f"{day:%Y%m%d}" > parts.get("UNTIL", "9"):
            return
        if is_named(parts, start.date(), day):
            left -= 1
            yield day


def walked(text: str, start: datetime, last: date) -> list[date]:
    return list(takewhile(lambda day: day <= last, walk(text, start)))


def is_named(parts: Mapping[str, str], start: date, day: date) -> bool:
    interval = int(parts.get("INTERVAL", 1))
    weekdays = parts["BYDAY"].split(",") if "BYDAY" in parts else None
    if parts["FREQ"] == "DAILY":
        return (day - start).days % interval == 0 and DAYS[day.weekday()] in (weekdays or DAYS)
    if parts["FREQ"] == "WEEKLY":
        weeks = week_begins(day, parts) - week_begins(start, parts)
        return weeks.days // 7 % interval == 0 and DAYS[day.weekday()] in (
            weekdays or [DAYS[start.weekday()]]
        )
    months = 12 * day.year + day.month - 12 * start.year - start.month
    return months % interval == 0 and day in month_of(parts, start, day)


def week_begins(day: date, parts: Mapping[str, str]) -> date:
    while DAYS[day.weekday()] != parts.get("WKST", "MO"):
        day -= ONE_DAY
    return day


def month_of(parts: Mapping[str, str], start: date, day: date) -> list[date]:
    """The days that a rule names in the month of this day."""
    first = day.replace(day=1)
    month = [each for n in range(31) if (each := first + n * ONE_DAY).month == day.month]
    if "BYDAY" in parts:
        named = {each for text in parts["BYDAY"].split(",") for each in weekdays_of(text, month)}
    else:
        wanted = {int(text) for text in parts.get("BYMONTHDAY", str(start.day)).split(",")}
        named = {each for each in month if each.day in wanted or each.day - len(month) - 1 in wanted}
    ordered = sorted(named)
    if "BYSETPOS" not in parts:
        return ordered
    places = [int(text) for text in parts["BYSETPOS"].split(",")]
    return sorted({ordered[place - 1 if place > 0 else place] for place in places})


def weekdays_of(text: str, month: list[date]) -> list[date]:
    such = [each for each in month if DAYS[each.weekday()] == text[-2:]]
    number = int(text[:-2] or 0)
    if number == 0:
        return such
    return such[number - 1 : number] if number > 0 else such[number:][:1] if len(such) >= -number else []


def joined(*parts: str) -> str:
    return ";".join(part for part in parts if part)


def some_of(values: st.SearchStrategy[str], most: int = 4) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(",".join)


def maybe(name: str, values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.just("") | values.map(lambda value: f"{name}={value}")


PLAIN = some_of(st.sampled_from(DAYS))
NUMBERED = some_of(
    st.builds(
        lambda n, day: f"{n}{day}",
        st.sampled_from(["1", "+2", "3", "4", "5", "-1", "-5"]),
        st.sampled_from(DAYS),
    )
)
NUMBERS = [*range(1, 32), *range(-31, 0)]
END = maybe("COUNT", st.integers(1, 400)) | maybe(
    "UNTIL", st.dates(date(2026, 1, 1), date(2028, 6, 1)).map(lambda day: day.strftime("%Y%m%d"))
)
RULES = st.one_of(
    st.builds(
        joined, st.just("FREQ=DAILY"), maybe("INTERVAL", st.integers(1, 60).filter(lambda n: n % 7)),
        maybe("BYDAY", PLAIN), END,
    ),
    st.builds(joined, st.just("FREQ=DAILY"), maybe("INTERVAL", st.integers(1, 60)), END),
    st.builds(
        joined, maybe("INTERVAL", st.integers(1, 26)), st.just("FREQ=WEEKLY"), maybe("BYDAY", PLAIN),
        maybe("WKST", st.sampled_from(DAYS)), END,
    ),
    st.builds(
        joined, st.just("FREQ=MONTHLY"), maybe("INTERVAL", st.integers(1, 6)),
        st.one_of(
            st.just(""), maybe("BYDAY", PLAIN), maybe("BYDAY", NUMBERED),
            maybe("BYMONTHDAY", some_of(st.sampled_from(NUMBERS).map(str))),
            st.builds(
                joined, PLAIN.map(lambda days: f"BYDAY={days}"),
                maybe("BYSETPOS", some_of(st.sampled_from(["1", "2", "4", "-1", "-3", "-4"]))),
            ),
        ),
        END,
    ),
)  # fmt: skip
STARTS = st.builds(
    datetime.combine, st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.sampled_from([time(18), time(2, 30)])
)


@given(RULES, STARTS, st.integers(0, 500))
@settings(max_examples=150, deadline=None)
def test_a_rule_names_the_days_that_a_walk_finds(text: str, start: datetime, days: int) -> None:
    first, last = start.date() + timedelta(days=days % 40), start.date() + timedelta(days=days)
    expected = walked(text, start, last)
    found = slots(read(text), start, NEW_YORK, first, last)
    assert found == [datetime.combine(day, start.time()) for day in expected if day >= first]
    later = any(day > last for day in walk(text, start))
    assert goes_on_after(read(text), start, NEW_YORK, last) == later


@pytest.fixture(scope="module", params=ZONES)
def year(request: pytest.FixtureRequest) -> WalkedYear:
    return WalkedYear(
        ZoneInfo(request.param), datetime(2025, 12, 20, tzinfo=UTC), datetime(2027, 1, 12, tzinfo=UTC)
    )


@pytest.mark.parametrize("text", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=SA,SU,MO", "FREQ=MONTHLY;BYDAY=2SU,-1SU"])
@pytest.mark.parametrize(
    "at", [time(18), time(0), time(0, 30), time(1, 45), time(2, 15), time(2, 30)], ids=str
)
def test_on_both_sides_of_every_change_the_wall_shows_the_time_of_the_group(
    year: WalkedYear, text: str, at: time
) -> None:
    start = datetime.combine(date(2026, 1, 1), at)
    last = date(2026, 12, 31)
    found = slots(read(text), start, year.zone, start.date(), last)
    assert found == [datetime.combine(day, at) for day in walked(text, start, last)]
    moments = [moment_of(wall.date(), wall.time(), year.zone) for wall in found]
    assert moments == [year.when(wall.date(), at) for wall in found]
    skipped = [each for each in moments if each.astimezone(year.zone).time() != at]
    assert len(skipped) <= 1, "only what the clocks jump over is later on the wall"


def test_without_a_rule_there_is_one() -> None:
    week = date(2026, 11, 23), date(2026, 11, 29)
    assert slots(None, TUESDAY, NEW_YORK, *week) == [TUESDAY]
    assert slots(None, TUESDAY, NEW_YORK, date(2026, 11, 25), date(2027, 1, 1)) == []
    assert goes_on_after(None, TUESDAY, NEW_YORK, date(2026, 11, 23))
    assert not goes_on_after(None, TUESDAY, NEW_YORK, date(2026, 11, 24))


def test_the_start_is_only_there_when_the_rule_names_it() -> None:
    found = slots(read("FREQ=WEEKLY;BYDAY=MO,WE,FR"), TUESDAY, NEW_YORK, TUESDAY.date(), date(2026, 11, 30))
    assert [wall.day for wall in found] == [25, 27, 30]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20261201", 1),  # a day is included
        ("20261201T180000", 1),
        ("20261201T175959", 30),
        ("20261201T230000Z", 1),  # 18:00 in New York
        ("20261201T225959Z", 30),
    ],
)
def test_until_is_a_day_a_time_on_the_wall_or_one_in_utc(until: str, last: int) -> None:
    found = slots(read(f"FREQ=DAILY;UNTIL={until}"), TUESDAY, NEW_YORK, TUESDAY.date(), date(2027, 1, 1))
    assert found[-1].day == last


@pytest.mark.parametrize(
    "text",
    [
        "", "FREQ", "FREQ=", "FREQ=WEEKLY;", ";FREQ=WEEKLY", "FREQ=WEEKLY;;COUNT=3", "RRULE:FREQ=WEEKLY",
        "freq=weekly", "FREQ=WEEKLY\n", " FREQ=WEEKLY", "BYDAY=MO", "FREQ=WEEKLY;FREQ=DAILY",
        "FREQ=YEARLY", "FREQ=HOURLY", "FREQ=MINUTELY", "FREQ=SECONDLY", "FREQ=EVERY",
        "FREQ=DAILY;BYHOUR=1,2,3", "FREQ=DAILY;BYMINUTE=1", "FREQ=DAILY;BYSECOND=1", "FREQ=DAILY;BYEASTER=0",
        "FREQ=DAILY;BYMONTH=2", "FREQ=WEEKLY;BYWEEKNO=53", "FREQ=DAILY;BYYEARDAY=366",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=61",
        "FREQ=WEEKLY;INTERVAL=27", "FREQ=MONTHLY;INTERVAL=12", "FREQ=DAILY;INTERVAL=1.5",
        "FREQ=DAILY;INTERVAL=٣", "FREQ=DAILY;INTERVAL=",
        "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=1000", "FREQ=DAILY;COUNT=3;UNTIL=20270101",
        "FREQ=DAILY;UNTIL=20270230", "FREQ=DAILY;UNTIL=20271301", "FREQ=DAILY;UNTIL=2027-01-01",
        "FREQ=DAILY;UNTIL=20270101T2500", "FREQ=DAILY;UNTIL=20270101T250000Z", "FREQ=DAILY;UNTIL=00000101",
        "FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=MO,,TU", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYMONTHDAY=0",
        "FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYMONTHDAY=-32", "FREQ=WEEKLY;BYMONTHDAY=1",
        "FREQ=DAILY;BYMONTHDAY=13", "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=1", "FREQ=MONTHLY;BYSETPOS=1",
        "FREQ=MONTHLY;BYMONTHDAY=1,2;BYSETPOS=2", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "FREQ=WEEKLY;WKST=1",
        "FREQ=WEEKLY;WKST=MO,TU",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_rule_here_is_refused(text: str) -> None:
    with pytest.raises(NotARule) as refused:
        read(text)
    assert refused.value.reason.endswith(".")
    assert "XX" not in refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
        "FREQ=DAILY;INTERVAL=14;BYDAY=MO,WE", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=5",
        "FREQ=MONTHLY;BYDAY=1MO,1TU;BYSETPOS=3", "FREQ=MONTHLY;BYDAY=1FR;BYMONTHDAY=20",
        "FREQ=MONTHLY;BYDAY=MO,1TU",  # dateutil would look for a first Tuesday that is a Monday
    ],
)  # fmt: skip
def test_what_would_be_looked_for_until_the_year_9999_is_refused(text: str) -> None:
    with pytest.raises(NotARule):
        read(text)


GAPS = st.builds(
    joined, st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY"]),
    maybe("INTERVAL", st.integers(1, 60)), maybe("BYDAY", PLAIN | NUMBERED | st.just("MO,1TU")),
    maybe("BYMONTHDAY", some_of(st.sampled_from(NUMBERS).map(str), 2)),
    maybe("BYSETPOS", some_of(st.integers(-30, 30).map(str), 2)), maybe("WKST", st.sampled_from(DAYS)),
)  # fmt: skip


@given(GAPS, st.dates(date(2025, 1, 1), date(2032, 12, 31)))
@settings(max_examples=150, deadline=None)
def test_whatever_is_read_never_looks_far_for_the_next_day(text: str, day: date) -> None:
    try:
        rule = read(text)
    except NotARule:
        return
    start = datetime.combine(day, time(18))
    found = [start, *islice(rule.from_start(start, NEW_YORK), 25)]
    assert max((later - one for one, later in pairwise(found)), default=ONE_DAY) < timedelta(days=13 * 366)


def test_years_of_days_cost_little() -> None:
    start = datetime.combine(date(2026, 1, 1), time(18))
    found = slots(read("FREQ=DAILY"), start, NEW_YORK, date(2066, 1, 1), date(2066, 7, 1))
    assert len(found) == 182
