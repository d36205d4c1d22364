"""What a calendar may say, when it lets a page out, and which days it does not ask about."""

from collections.abc import Container
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from pydantic import ValidationError

from app.ladders.calendar import HolidayRegion, ProgramCalendar, WorkCalendar, asked_pauses

NEW_YORK = ZoneInfo("America/New_York")
THANKSGIVING = frozenset({date(2026, 11, 26)})


class Always:
    """A country in which every day is a holiday."""

    def __contains__(self, day: object) -> bool:
        return True


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def work(zone: str = "America/New_York", holidays: Container[date] = (), **said: object) -> WorkCalendar:
    return WorkCalendar(ZoneInfo(zone), ProgramCalendar.model_validate(said), holidays)


def test_nothing_said_is_the_default() -> None:
    said = ProgramCalendar.model_validate({}).model_dump(mode="json")
    assert said == {
        "working_days": [0, 1, 2, 3, 4],
        "quiet_from": "20:00",
        "quiet_until": "08:00",
        "holidays": None,
        "closed_on": [],
        "check_in_days": [0, 1, 2, 3, 4, 5, 6],
        "remind_at": "19:00",
        "digest_at": "08:30",
    }


def test_json_comes_back_as_it_went() -> None:
    calendar = ProgramCalendar(
        working_days=(6, 0, 1), quiet_from=None, quiet_until=None, remind_at=None, digest_at=time(7, 5),
        holidays=HolidayRegion(country="DE", subdivision="BY"), closed_on=(date(2026, 12, 24),),
    )  # fmt: skip
    assert ProgramCalendar.model_validate(calendar.model_dump(mode="json")) == calendar
    assert ProgramCalendar.model_validate_json(calendar.model_dump_json()) == calendar
    assert calendar.model_dump(mode="json")["closed_on"] == ["2026-12-24"]


def test_a_form_can_be_built_from_the_schema() -> None:
    schema = ProgramCalendar.model_json_schema()
    for name, member in schema["properties"].items():
        assert member["title"] and member["description"], name
    defaults = {name: member["default"] for name, member in schema["properties"].items()}
    Draft202012Validator(schema).validate(defaults)
    assert ProgramCalendar.model_validate(defaults) == ProgramCalendar()
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    ("said", "where", "kind"),
    [
        ({"working_days": []}, ("working_days",), "too_short"),
        ({"working_days": [0, 7]}, ("working_days", 1), "less_than_equal"),
        ({"working_days": [0, True]}, ("working_days", 1), "int_type"),
        ({"working_days": [1, 1]}, ("working_days",), "repeated"),
        ({"check_in_days": []}, ("check_in_days",), "too_short"),
        ({"check_in_days": [0, 6, 0]}, ("check_in_days",), "repeated"),
        ({"quiet_from": "20:00:01"}, ("quiet_from",), "time_of_day"),
        ({"quiet_from": "24:00"}, ("quiet_from",), "time_of_day"),
        ({"quiet_from": 72000}, ("quiet_from",), "time_of_day"),
        ({"quiet_from": "20:00Z"}, ("quiet_from",), "time_of_day"),
        ({"quiet_from": "20:00\n"}, ("quiet_from",), "time_of_day"),
        ({"quiet_from": None}, (), "quiet_hours"),
        ({"quiet_until": None}, (), "quiet_hours"),
        ({"quiet_from": "08:00"}, (), "quiet_hours"),
        ({"digest_at": None}, ("digest_at",), "time_of_day"),
        ({"digest_at": time(8, tzinfo=UTC)}, ("digest_at",), "time_of_day"),
        ({"closed_on": ["24.12.2026"]}, ("closed_on", 0), "day"),
        ({"closed_on": [20_000]}, ("closed_on", 0), "day"),
        ({"closed_on": ["1767225600"]}, ("closed_on", 0), "day"),
        ({"closed_on": ["2026-02-30"]}, ("closed_on", 0), "date_from_datetime_parsing"),
        ({"closed_on": ["2026-01-01"] * 367}, ("closed_on",), "too_long"),
        ({"holidays": {"country": "USA"}}, ("holidays", "country"), "string_pattern_mismatch"),
        (
            {"holidays": {"country": "US", "subdivision": ""}},
            ("holidays", "subdivision"), "string_pattern_mismatch",
        ),
        ({"opening_hours": []}, ("opening_hours",), "extra_forbidden"),
    ],
)  # fmt: skip
def test_what_no_calendar_may_say(said: dict[str, object], where: tuple[object, ...], kind: str) -> None:
    with pytest.raises(ValidationError) as refused:
        ProgramCalendar.model_validate(said)
    assert [(error["loc"], error["type"]) for error in refused.value.errors()] == [(where, kind)]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-26", False),  # Thanksgiving
        ("2026-11-27", False),  # closed
        ("2026-11-28", False),  # a Saturday
    ],
)
def test_working_days(day: str, works: bool) -> None:
    calendar = work(holidays=THANKSGIVING, closed_on=["2026-11-27"])
    assert calendar.is_working_day(date.fromisoformat(day)) is works


def test_the_next_working_day() -> None:
    calendar = work(holidays=THANKSGIVING, closed_on=["2026-11-27"])
    assert calendar.working_day_after(date(2026, 11, 25)) == date(2026, 11, 30)
    assert calendar.working_day_after(date(2026, 11, 29)) == date(2026, 11, 30)
    assert work(holidays=Always()).working_day_after(date(2026, 11, 25)) == date(2026, 11, 26)


QUIET, DAYS = {"quiet_hours": True, "working_days": False}, {"quiet_hours": False, "working_days": True}
BOTH, NEITHER = {"quiet_hours": True, "working_days": True}, {"quiet_hours": False, "working_days": False}


@pytest.mark.parametrize(
    ("zone", "asked", "moment", "allowed"),
    [
        # Eastern Standard Time, UTC-5: quiet from 01:00 to 13:00 UTC.
        ("America/New_York", NEITHER, "2026-11-26 03:00", "2026-11-26 03:00"),
        ("America/New_York", QUIET, "2026-11-25 00:59:59.999999", "2026-11-25 00:59:59.999999"),
        ("America/New_York", QUIET, "2026-11-25 01:00", "2026-11-25 13:00"),
        ("America/New_York", QUIET, "2026-11-25 12:59:59.999999", "2026-11-25 13:00"),
        ("America/New_York", QUIET, "2026-11-25 13:00", "2026-11-25 13:00"),
        ("America/New_York", QUIET, "2026-11-26 15:00", "2026-11-26 15:00"),  # a holiday has hours, too
        ("America/New_York", DAYS, "2026-11-26 04:59:59", "2026-11-26 04:59:59"),  # still Wednesday
        ("America/New_York", DAYS, "2026-11-26 05:00", "2026-11-30 05:00"),  # Thanksgiving and closed: Monday
        ("America/New_York", BOTH, "2026-11-26 15:00", "2026-11-30 13:00"),
        ("America/New_York", BOTH, "2026-11-26 01:30", "2026-11-30 13:00"),  # Wednesday evening is quiet
        # The night in which the clocks change has 11 or 13 quiet hours.
        ("America/New_York", QUIET, "2026-03-08 01:00", "2026-03-08 12:00"),
        ("America/New_York", QUIET, "2026-11-01 00:00", "2026-11-01 13:00"),
        ("Asia/Kolkata", QUIET, "2026-11-25 14:30", "2026-11-26 02:30"),
        ("America/Sao_Paulo", QUIET, "2026-11-25 23:00", "2026-11-26 11:00"),
        # The clocks went forward at midnight, before Friday and before Sunday.
        ("Africa/Cairo", DAYS, "2026-04-25 05:00", "2026-04-26 21:00"),
        ("America/Santiago", DAYS, "2026-09-05 12:00", "2026-09-07 03:00"),
    ],
)  # fmt: skip
def test_when_a_page_may_go_out(zone: str, asked: dict[str, bool], moment: str, allowed: str) -> None:
    calendar = work(zone, THANKSGIVING, closed_on=["2026-11-27"])
    assert calendar.allowed_from(utc(moment), **asked) == utc(allowed)


def test_a_working_day_without_midnight_begins_where_the_clock_goes_on() -> None:
    sunday = work("America/Santiago", working_days=[6])
    assert sunday.allowed_from(utc("2026-09-05 12:00"), **DAYS) == utc("2026-09-06 04:00")  # 01:00 there
    friday = work("Africa/Cairo", working_days=[4])
    assert friday.allowed_from(utc("2026-04-23 12:00"), **DAYS) == utc("2026-04-23 22:00")  # 01:00 there


def test_a_day_that_was_skipped_whole_is_no_working_day() -> None:
    """Apia went from Thursday, 29 December 2011, to Saturday, 31 December."""
    friday = work("Pacific/Apia", working_days=[4])
    assert friday.allowed_from(utc("2011-12-30 05:00"), **DAYS) == utc("2012-01-05 10:00")
    saturday = work("Pacific/Apia", working_days=[5])
    assert saturday.allowed_from(utc("2011-12-30 05:00"), **DAYS) == utc("2011-12-30 10:00")


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    siesta = work("Europe/Berlin", quiet_from="12:00", quiet_until="15:00")
    assert siesta.allowed_from(utc("2026-07-01 10:30"), **QUIET) == utc("2026-07-01 13:00")
    assert siesta.allowed_from(utc("2026-07-01 22:00"), **QUIET) == utc("2026-07-01 22:00")
    never = work("Europe/Berlin", quiet_from=None, quiet_until=None)
    assert never.allowed_from(utc("2026-07-01 22:00"), **QUIET) == utc("2026-07-01 22:00")


def test_where_everything_is_closed_the_page_goes_out_at_once() -> None:
    closed = work(holidays=Always())
    moment = utc("2026-11-25 03:00")
    assert closed.allowed_from(moment, **BOTH) == closed.allowed_from(moment, **DAYS) == moment
    assert closed.digest_from(moment) == moment


def test_an_answer_is_in_utc_whatever_the_question_was_in() -> None:
    asked = datetime(2026, 11, 1, 1, 30, fold=1, tzinfo=NEW_YORK)  # the second half past one
    kept = work(quiet_from="02:00", quiet_until="08:00")
    assert kept.allowed_from(asked, **QUIET) == utc("2026-11-01 06:30")
    for answer in (kept.allowed_from(asked, **BOTH), kept.digest_from(asked)):
        assert answer.tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "digest"),
    [
        ("2026-11-24 13:30", "2026-11-24 13:30"),
        ("2026-11-24 13:30:00.000001", "2026-11-25 13:30"),
        ("2026-11-26 02:00", "2026-11-30 13:30"),
        ("2026-03-06 20:00", "2026-03-09 12:30"),  # over the weekend the clocks went forward
    ],
)
def test_the_next_digest(moment: str, digest: str) -> None:
    assert work(holidays=THANKSGIVING, closed_on=["2026-11-27"]).digest_from(utc(moment)) == utc(digest)


def test_a_digest_that_the_clocks_put_on_the_next_day_is_not_lost() -> None:
    """In Nuuk Saturday ends at 23:00 when the clocks are put forward."""
    late = work("America/Nuuk", working_days=[5], digest_at="23:30")
    assert late.digest_from(utc("2026-03-29 01:05")) == utc("2026-03-29 01:30")


@pytest.mark.parametrize(
    ("start", "end", "pauses"),
    [
        ("2026-11-23 12:00", "2026-11-27 12:00", []),
        ("2026-11-23 12:00", "2026-11-30 12:00", [("2026-11-28 05:00", "2026-11-30 05:00")]),
        ("2026-11-28 17:00", "2026-11-29 03:00", [("2026-11-28 17:00", "2026-11-29 03:00")]),
        ("2026-11-28 05:00", "2026-11-28 05:00", []),
        ("2026-11-28 12:00", "2026-11-23 12:00", []),
        # 23 hours of Sunday in spring, 25 in autumn
        ("2026-03-06 12:00", "2026-03-10 12:00", [("2026-03-07 05:00", "2026-03-09 04:00")]),
        ("2026-10-30 12:00", "2026-11-03 12:00", [("2026-10-31 04:00", "2026-11-02 05:00")]),
        (
            "2026-11-20 12:00", "2026-11-29 12:00",
            [("2026-11-21 05:00", "2026-11-23 05:00"), ("2026-11-28 05:00", "2026-11-29 12:00")],
        ),
    ],
)  # fmt: skip
def test_pauses_between_the_days_on_which_a_check_in_is_asked_for(
    start: str, end: str, pauses: list[tuple[str, str]]
) -> None:
    weekdays = ProgramCalendar(check_in_days=(0, 1, 2, 3, 4))
    expected = [(utc(begin), utc(until)) for begin, until in pauses]
    assert asked_pauses(weekdays, NEW_YORK, utc(start), utc(end)) == expected
    assert asked_pauses(ProgramCalendar(), NEW_YORK, utc(start), utc(end)) == []


def test_a_day_that_was_skipped_whole_makes_no_pause() -> None:
    but_fridays = ProgramCalendar(check_in_days=(0, 1, 2, 3, 5, 6))
    assert (
        asked_pauses(but_fridays, ZoneInfo("Pacific/Apia"), utc("2011-12-28 12:00"), utc("2012-01-02 12:00"))
        == []
    )


def test_a_pause_never_reaches_back_before_the_start() -> None:
    """St. John's put its clocks back from 00:01 to 23:01: asked in Saturday's second last hour."""
    but_sundays = ProgramCalendar(check_in_days=(0, 1, 2, 3, 4, 5))
    start, end = utc("2006-10-29 03:00"), utc("2006-10-31 12:00")
    pauses = asked_pauses(but_sundays, ZoneInfo("America/St_Johns"), start, end)
    assert pauses == [(start, utc("2006-10-30 03:30"))]


TIMES = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
SECONDS = st.integers(0, 60 * 24 * 3600)
ZONES = st.sampled_from(
    ["America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo", "Asia/Gaza"]
)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    quiet_from, quiet_until = draw(st.lists(TIMES, min_size=2, max_size=2, unique=True))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    closed = draw(st.sets(st.dates(date(2026, 3, 1), date(2026, 4, 30)), max_size=20))
    kept = ProgramCalendar(
        working_days=tuple(days), quiet_from=quiet_from, quiet_until=quiet_until, closed_on=tuple(closed)
    )
    return WorkCalendar(ZoneInfo(draw(ZONES)), kept, frozenset())


@settings(deadline=None, max_examples=60)
@given(
    calendar=calendars(),
    moment=SECONDS.map(lambda after: utc("2026-03-01 00:00") + timedelta(seconds=after)),
    quiet_hours=st.booleans(),
    working_days=st.booleans(),
)
def test_it_is_the_first_moment_that_the_clock_on_the_wall_allows(
    calendar: WorkCalendar, moment: datetime, quiet_hours: bool, working_days: bool
) -> None:
    kept = calendar.settings
    begins, ends = kept.quiet_from, kept.quiet_until
    assert begins and ends

    def allowed(at: datetime) -> bool:
        wall = at.astimezone(calendar.time_zone)
        shown = time(wall.hour, wall.minute)
        quiet = begins <= shown < ends if begins < ends else not ends <= shown < begins
        works = wall.weekday() in kept.working_days and wall.date() not in kept.closed_on
        return not (quiet_hours and quiet) and (works or not working_days)

    walk = moment
    while not allowed(walk):  # a wall clock moves on at whole minutes only
        walk = walk.replace(second=0, microsecond=0) + timedelta(minutes=1)
    assert calendar.allowed_from(moment, quiet_hours=quiet_hours, working_days=working_days) == walk
