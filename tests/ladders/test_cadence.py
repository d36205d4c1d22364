"""Which questionnaires a patient owes."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.ladders.cadence import WEEKLY, DueInstrument, InstrumentCadence, due_instruments, is_on_leave

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)  # Monday, 10:00 in New York


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def owed(now: datetime = NOW, zone: ZoneInfo = NEW_YORK, **said: Any) -> list[tuple[str, int, int]]:
    """Code, day of the month on which it was due, and days since."""
    usual: dict[str, Any] = {"starts_on": date(2026, 11, 2), "ends_on": None, "leaves": [], "last_taken": {}}
    cadence = (InstrumentCadence(instrument="phq-9", every_days=7),)
    found = due_instruments(cadence, now, zone, **{**usual, **said})
    return [(each.instrument, each.due_on.day, each.overdue_days) for each in found]


def taken(day: int) -> dict[str, date]:
    return {"phq-9": date(2026, 11, day)}


def test_each_instrument_is_due_by_itself_in_the_order_of_the_cadence() -> None:
    found = due_instruments(
        WEEKLY, NOW, NEW_YORK, starts_on=date(2026, 11, 2), ends_on=None, leaves=[],
        last_taken={"gad-7": date(2026, 11, 16), "who-5": date(2026, 1, 1)},
    )  # fmt: skip
    assert found == [
        DueInstrument("phq-9", date(2026, 11, 2), 21),
        DueInstrument("gad-7", date(2026, 11, 23), 0),
    ]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, [("phq-9", 2, 21)]),
        ({"last_taken": taken(15)}, [("phq-9", 22, 1)]),
        ({"last_taken": taken(16)}, [("phq-9", 23, 0)]),
        ({"last_taken": taken(17)}, []),
        ({"last_taken": taken(23)}, []),
        # An earlier stay's says nothing of this one's first day, unless it is recent.
        ({"last_taken": {"phq-9": date(2026, 3, 1)}}, [("phq-9", 2, 21)]),
        ({"starts_on": date(2026, 11, 18), "last_taken": taken(15)}, [("phq-9", 22, 1)]),
        ({"starts_on": date(2026, 11, 23)}, [("phq-9", 23, 0)]),
        ({"starts_on": date(2026, 11, 24)}, []),
        ({"ends_on": date(2026, 11, 23)}, [("phq-9", 2, 21)]),
        ({"ends_on": date(2026, 11, 22)}, []),
        # Where the patient lives it is another day.
        ({"last_taken": taken(17), "zone": ZoneInfo("Pacific/Kiritimati")}, [("phq-9", 24, 0)]),
        ({"last_taken": taken(15), "zone": ZoneInfo("Pacific/Pago_Pago")}, [("phq-9", 22, 1)]),
        ({"last_taken": taken(15), "now": utc("2026-11-22 04:59")}, []),
        ({"last_taken": taken(15), "now": utc("2026-11-22 05:00")}, [("phq-9", 22, 0)]),
    ],
)
def test_when_an_instrument_is_due(said: dict[str, Any], found: list[tuple[str, int, int]]) -> None:
    assert owed(**said) == found


@pytest.mark.parametrize(
    ("leaves", "found"),
    [
        ([("2026-11-23 05:00", None)], []),
        ([("2026-11-23 05:00", "2026-11-24 05:00")], []),
        ([("2026-11-23 15:00", None)], []),
        ([("2026-11-23 15:01", None)], [("phq-9", 20, 3)]),
        # It was due on the 20th, which began in the leave: it is due on the day of the return.
        ([("2026-11-19 05:00", "2026-11-22 05:00")], [("phq-9", 22, 1)]),
        ([("2026-11-19 05:00", "2026-11-22 18:00")], [("phq-9", 22, 1)]),
        ([("2026-11-19 05:00", "2026-11-23 15:00")], [("phq-9", 23, 0)]),
        # It was due already when the leave began.
        ([("2026-11-20 14:00", "2026-11-23 05:00")], [("phq-9", 20, 3)]),
        # Two in a row, in whatever order they are told.
        (
            [("2026-11-21 05:00", "2026-11-23 05:00"), ("2026-11-20 05:00", "2026-11-21 05:00")],
            [("phq-9", 23, 0)],
        ),
        ([("2026-11-20 05:00", "2026-11-20 05:00")], [("phq-9", 20, 3)]),
    ],
)  # fmt: skip
def test_nothing_is_due_on_a_leave(
    leaves: list[tuple[str, str | None]], found: list[tuple[str, int, int]]
) -> None:
    away = [(utc(start), utc(end) if end else None) for start, end in leaves]
    assert owed(leaves=away, last_taken=taken(13)) == found


def test_a_leave_lasts_until_before_its_end() -> None:
    leave = (utc("2026-11-01 05:00"), utc("2026-11-02 05:00"))
    inside = ["2026-11-01 05:00", "2026-11-02 04:59"]
    outside = ["2026-11-01 04:59", "2026-11-02 05:00"]
    assert [is_on_leave(utc(each), [leave]) for each in inside + outside] == [True, True, False, False]


@pytest.mark.parametrize(
    "planted",
    [{"every_days": 0}, {"every_days": 91}, {"every_days": "7"}, {"instrument": "PHQ 9"}, {"more": 1}],
)
def test_a_cadence_is_one_to_ninety_days(planted: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Cadence"):
        InstrumentCadence.model_validate({"instrument": "phq-9", "every_days": 7, **planted})
