"""What the field types take and refuse, and that their schemas say the same."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError

from app import clock
from app.schemas import fields

TAKEN = [
    (fields.Line, "a", "a"),
    (fields.Line, "  trimmed ", "trimmed"),
    (fields.Line, "e\u0301", "\u00e9"),
    (fields.Line, "👩‍👩‍👧 x" + "y" * 193, "👩‍👩‍👧 x" + "y" * 193),
    (fields.Line, "x" * 200, "x" * 200),
    (fields.Text, "", ""),
    (fields.Text, " \n ", ""),
    (fields.Text, "two\nlines\tand a tab", "two\nlines\tand a tab"),
    (fields.Text, "a clipboard\x92s apostrophe", "a clipboard\x92s apostrophe"),
    (fields.Text, "x" * 4000, "x" * 4000),
    (fields.Code, "phq9.item9", "phq9.item9"),
    (fields.Whole, 2**31 - 1, 2**31 - 1),
    (fields.Number, 4, 4),
    (fields.Number, -5.5, -5.5),
    (fields.Uuid7, "019AB0F2-7C00-7D3A-9B1E-0F5A3C6D8E21", UUID("019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21")),
    (fields.Moment, "2026-11-23T13:00:00Z", datetime(2026, 11, 23, 13, tzinfo=UTC)),
    (
        fields.Moment,
        "2026-11-23T08:00:00.123456789-05:00",
        datetime(2026, 11, 23, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-5))),
    ),
    (fields.DeviceMoment, "1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
    (fields.Day, "1950-02-28", date(1950, 2, 28)),
    (fields.WallTime, "2026-11-24T18:00", datetime(2026, 11, 24, 18)),  # noqa: DTZ001 - a wall time
    (fields.Zone, "America/New_York", "America/New_York"),
    (fields.Zone, "Asia/Calcutta", "Asia/Calcutta"),
]
REFUSED = [
    *[
        (fields.Line, value)
        for value in ["", "   ", "a\nb", "a\0b", "a\x1bb", "a\u2028b", "x" * 201, 4, None]
    ],
    *[(fields.Line, value) for value in ["\ud800", b"a", ["a"], "a\x85b"]],
    *[(fields.Text, value) for value in ["a\0b", "x" * 4001, "\ud800", 4, None]],
    *[(fields.Code, value) for value in ["", "A", "1a", "a b", "a" * 65, "é"]],
    *[(fields.Whole, value) for value in [2**31, -(2**31) - 1, True, "4", 4.0, 10**30, None]],
    *[(fields.Number, value) for value in [float("nan"), float("inf"), 1e10, True, "4", 10**30, None]],
    *[(fields.Uuid7, value) for value in ["", "0190d5b2-0000-4000-8000-000000000000", 7, "{}"]],
    (fields.Uuid7, "019ab0f27c007d3a9b1e0f5a3c6d8e21"),
    (fields.Uuid7, "urn:uuid:019ab0f2-7c00-7d3a-9b1e-0f5a3c6d8e21"),
    (fields.Uuid7, UUID("0190d5b2-0000-4000-8000-000000000000")),
    (fields.Moment, "2026-11-23T08:00:00"),
    (fields.Moment, "2026-11-23 08:00:00Z"),
    (fields.Moment, "2026-11-23T08:00Z"),
    (fields.Moment, "2026-11-23"),
    (fields.Moment, "2026-02-30T08:00:00Z"),
    (fields.Moment, "2026-11-23T24:00:00Z"),
    (fields.Moment, "2026-11-23T08:00:60Z"),
    (fields.Moment, "2026-11-23T08:00:00+15:00"),
    (fields.Moment, "2026-11-23T08:00:00Z\n"),
    (fields.Moment, "२०२६-11-23T08:00:00Z"),
    (fields.Moment, "1999-12-31T23:59:59Z"),
    (fields.Moment, "2100-01-01T00:00:00Z"),
    (fields.Moment, 1763884800),
    (fields.Moment, "1763884800"),
    (fields.DeviceMoment, "0001-01-01T00:00:00+14:00"),
    (fields.DeviceMoment, "9999-12-31T23:59:59-12:00"),
    (fields.Day, "2026-11-23T00:00:00"),
    (fields.Day, "2026-02-30"),
    (fields.Day, 0),
    (fields.WallTime, "2026-11-24T18:00Z"),
    (fields.WallTime, "2026-11-24"),
    *[(fields.Zone, value) for value in ["", "EST5", "Factory", "localtime", "../etc/passwd", "UTC\0", 5]],
]


@pytest.mark.parametrize(("kind", "sent", "kept"), TAKEN, ids=map(str, range(len(TAKEN))))
def test_taken(kind: object, sent: object, kept: object) -> None:
    assert TypeAdapter(kind).validate_python(sent) == kept


@pytest.mark.parametrize(("kind", "sent"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_refused(kind: object, sent: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(sent)


@pytest.mark.parametrize(("kind", "sent", "kept"), TAKEN, ids=map(str, range(len(TAKEN))))
def test_the_schema_agrees_with_what_is_taken(kind: object, sent: object, kept: object) -> None:
    schema = TypeAdapter(kind).json_schema()

    assert schema["type"] in ("string", "integer", "number")
    if isinstance(sent, str):
        assert re.search(schema.get("pattern", ""), sent)
        assert schema.get("minLength", 0) <= len(sent) <= schema.get("maxLength", 10_000)


@pytest.mark.parametrize("name", ["Line", "Text", "Code", "Whole", "Number", "Zone"])
def test_the_schema_states_the_limits(name: str) -> None:
    schema = TypeAdapter(getattr(fields, name)).json_schema()

    assert {"pattern", "maxLength", "maximum"} & set(schema), schema


@pytest.mark.parametrize("name", ["Uuid7", "Moment", "DeviceMoment", "Day", "WallTime"])
def test_whatever_the_schema_promises_is_taken(name: str) -> None:
    adapter = TypeAdapter(getattr(fields, name))

    @given(st.from_regex(adapter.json_schema()["pattern"].rstrip("$") + r"\Z"))
    def check(sent: str) -> None:
        try:
            adapter.validate_python(sent)
        except ValidationError:
            day = int(sent[8:10])
            assert day > 28, "only the calendar knows more than the pattern"

    check()


@given(st.text(max_size=300))
def test_a_line_is_taken_exactly_when_its_schema_says_so(sent: str) -> None:
    adapter = TypeAdapter(fields.Line)
    schema = adapter.json_schema()
    promised = len(sent) <= 200 and re.search(schema["pattern"].rstrip("$") + r"\Z", sent) is not None
    try:
        kept = adapter.validate_python(sent)
    except ValidationError:
        assert not promised
    else:
        assert promised
        assert kept
        assert kept == kept.strip()


class Sample(fields.Body):
    count: fields.Whole = 0
    sure: bool = False
    nested: list["Sample"] = Field(default_factory=list)


@pytest.mark.parametrize(
    "sent", [{"sure": 1}, {"sure": "true"}, {"count": "4"}, {"other": 1}, {"nested": [{"x": 1}]}]
)
def test_a_body_coerces_nothing(sent: object) -> None:
    with pytest.raises(ValidationError):
        Sample.model_validate(sent)


def test_a_body_is_frozen_and_nests() -> None:
    sample = Sample.model_validate({"nested": [{"count": 4}]})

    assert sample.nested == [Sample(count=4)]
    with pytest.raises(ValidationError):
        sample.count = 5  # type: ignore[misc]


def test_the_clock_is_aware_and_travels() -> None:
    assert clock.now().utcoffset() == timedelta(0)
    with time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC), tick=False):
        assert clock.now() == datetime(2030, 1, 1, tzinfo=UTC)


def test_the_stopwatch_goes_on() -> None:
    started = clock.stopwatch()
    assert 0 <= clock.stopwatch() - started < 1
