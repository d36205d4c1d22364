"""What `calendars.render` writes, a calendar program reads: the right instants, and nothing else."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from app.calendars import Appointment, render
from tests.calendars.reading import Entry, read, seen, utc

FEED = UUID("019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e51")
MADE = utc(2026, 9, 1, 14)
CHICAGO = ZoneInfo("America/Chicago")


def appointment(starts_at: datetime, minutes: int = 180, **other: Any) -> Appointment:
    known = {"sequence": 0, "revised_at": MADE, "is_cancelled": False, "place": None, "url": None}
    ends_at = starts_at.astimezone(UTC) + timedelta(minutes=minutes)
    return Appointment(id=uuid7(), starts_at=starts_at, ends_at=ends_at, **(known | other))


def written(*of: Appointment, title: str = "Appointment") -> bytes:
    return render(FEED, "Appointments", title, of)


def lines(text: bytes) -> list[str]:
    """The content lines, unfolded."""
    return re.sub(rb"\r\n[ \t]", b"", text).decode().split("\r\n")


# Evening groups at 18:00 in Chicago, of the Mondays around both changes of the clocks.
@pytest.mark.parametrize(
    ("day", "starts", "ends"),
    [
        ((2026, 10, 26), "2026-10-26 18:00 CDT", "2026-10-26 21:00 CDT"),
        ((2026, 11, 2), "2026-11-02 18:00 CST", "2026-11-02 21:00 CST"),
        ((2027, 3, 8), "2027-03-08 18:00 CST", "2027-03-08 21:00 CST"),
        ((2027, 3, 15), "2027-03-15 18:00 CDT", "2027-03-15 21:00 CDT"),
    ],
)
def test_a_group_is_at_six_before_and_after_the_clocks_change(
    day: tuple[int, int, int], starts: str, ends: str
) -> None:
    text = written(appointment(datetime(*day, 18, tzinfo=CHICAGO)))
    found = seen(text, utc(2026, 1, 1), utc(2028, 1, 1), "America/Chicago")
    assert found == [Entry("Appointment", starts, ends, "CONFIRMED")]


def test_a_night_in_which_the_clocks_change_is_as_long_as_it_was() -> None:
    """Three hours from 23:30: in the night that has an hour twice until 1:30, in the other until 3:30."""
    autumn = appointment(datetime(2026, 10, 31, 23, 30, tzinfo=CHICAGO))
    spring = appointment(datetime(2027, 3, 13, 23, 30, tzinfo=CHICAGO))
    found = seen(written(autumn, spring), utc(2026, 1, 1), utc(2028, 1, 1), "America/Chicago")
    assert [each.ends for each in found] == ["2026-11-01 01:30 CST", "2027-03-14 03:30 CDT"]


def test_an_hour_that_there_is_twice_is_told_apart() -> None:
    twice = [datetime(2026, 11, 1, 1, 15, tzinfo=CHICAGO, fold=fold) for fold in (0, 1)]
    found = seen(written(*(appointment(each, 30) for each in twice)), utc(2026, 10, 31), utc(2026, 11, 3))
    assert [each.starts for each in found] == ["2026-11-01 06:15 UTC", "2026-11-01 07:15 UTC"]


@given(
    st.integers(0, 4_000_000_000),
    st.sampled_from(["America/Chicago", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"]),
    st.integers(5, 720),
)
@settings(max_examples=60, deadline=None)
def test_any_moment_comes_back_to_the_second(seconds: int, zone: str, minutes: int) -> None:
    one = appointment(datetime.fromtimestamp(seconds, ZoneInfo(zone)), minutes)
    (event,) = read(written(one)).events
    assert (event.start.timestamp(), event.end.timestamp()) == (seconds, seconds + 60 * minutes)


HOSTILE = [
    "Room 3; second floor, left\\right",
    "Salón ñandú, piso 2: «puerta azul» 🙂 " * 8,
    "e\u0301" * 90,
    '"quoted": a;b,c\\n',
    "END:VEVENT",
]


@pytest.mark.parametrize("place", HOSTILE, ids=range(len(HOSTILE)))
def test_a_place_comes_back_as_it_was_and_lines_are_folded(place: str) -> None:
    url = "https://meet.example/" + "a" * 200 + "?b=c;d,e"
    text = written(appointment(utc(2026, 11, 9, 18), place=place, url=url))
    (event,) = read(text).events
    assert (event.location, event.url) == (place, url)
    assert len(text.split(b"\r\n")) > len(lines(text)), "something was folded"
    for line in text.split(b"\r\n"):
        assert len(line) <= 75
        line.decode("utf-8")  # no character is cut in two


def test_nobody_adds_an_entry_by_the_name_of_a_room() -> None:
    place = "Room 3\r\nEND:VEVENT\r\nBEGIN:VEVENT\nSUMMARY:Group"
    text = written(appointment(utc(2026, 11, 9, 18), place=place))
    assert [str(each["SUMMARY"]) for each in read(text).events] == ["Appointment"]
    assert "SUMMARY:Group" not in lines(text)


def test_the_title_may_be_in_any_language() -> None:
    text = written(appointment(utc(2026, 11, 9, 18)), title="Cita")
    assert [each.title for each in seen(text, utc(2026, 1, 1), utc(2027, 1, 1))] == ["Cita"]


def test_an_entry_says_no_more_than_it_must() -> None:
    one = appointment(utc(2026, 11, 9, 18), sequence=4, revised_at=utc(2026, 11, 3, 9))
    text = lines(written(one))
    assert text[text.index("BEGIN:VEVENT") : text.index("END:VEVENT") + 1] == [
        "BEGIN:VEVENT",
        "SUMMARY:Appointment",
        "DTSTART:20261109T180000Z",
        "DTEND:20261109T210000Z",
        "DTSTAMP:20261103T090000Z",
        f"UID:{one.id}",
        "SEQUENCE:4",
        "CLASS:PRIVATE",
        "STATUS:CONFIRMED",
        "END:VEVENT",
    ]


def test_the_calendar_says_how_often_to_read_it() -> None:
    assert lines(written()) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Appointments//Calendar//EN",
        "NAME:Appointments",
        "X-WR-CALNAME:Appointments",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        f"UID:{FEED}",
        "X-PUBLISHED-TTL:PT1H",
        "END:VCALENDAR",
        "",
    ]


def test_a_cancelled_one_stands_there_as_cancelled() -> None:
    text = written(appointment(utc(2026, 11, 9, 18), is_cancelled=True))
    assert [each.status for each in seen(text, utc(2026, 1, 1), utc(2027, 1, 1))] == ["CANCELLED"]


def test_the_same_appointments_are_the_same_bytes() -> None:
    two = appointment(utc(2026, 11, 9, 18)), appointment(utc(2026, 11, 10, 18))
    assert written(*two) == written(*two)
