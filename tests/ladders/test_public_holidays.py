"""Public holidays by country."""

from datetime import date

import pytest

from app.public_holidays import is_known, public_holidays


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "kept"),
    [
        ("US", None, "2026-11-26", True),  # Thanksgiving
        ("US", None, "2026-11-27", False),
        ("US", None, "2026-07-03", True),  # the fourth is a Saturday
        ("US", None, "2027-12-31", True),  # in lieu of a day of the next year
        ("US", "TX", "2026-03-02", True),
        ("US", "NY", "2026-03-02", False),
        ("DE", None, "2026-01-06", False),
        ("DE", "BY", "2026-01-06", True),
        ("AU", "NSW", "2026-01-26", True),
        ("CL", None, "2026-09-18", True),
    ],
)
def test_days(country: str, subdivision: str | None, day: str, kept: bool) -> None:
    assert (date.fromisoformat(day) in public_holidays(country, subdivision)) is kept


@pytest.mark.parametrize(
    ("country", "subdivision", "known"),
    [
        ("US", None, True),
        ("US", "NY", True),
        ("US", "ZZ", False),
        ("US", "New York", False),
        ("US", "", False),
        ("USA", None, False),
        ("us", None, False),
        ("XX", None, False),
        ("NYSE", None, False),
        ("", None, False),
    ],
)
def test_what_is_known(country: str, subdivision: str | None, known: bool) -> None:
    assert is_known(country, subdivision) is known


@pytest.mark.parametrize("country", ["US", "IN", "EG", "DE", "XX"])
@pytest.mark.parametrize("year", [1, 1776, 2100, 2101, 9999])
def test_no_year_is_out_of_range(country: str, year: int) -> None:
    assert date(year, 2, 9) not in public_holidays(country)


def test_a_place_that_is_not_known_has_no_holidays() -> None:
    assert date(2026, 12, 25) in public_holidays("US")
    assert date(2026, 12, 25) not in public_holidays("US", "ZZ")
    assert date(2026, 12, 25) not in public_holidays("XX")


def test_something_else_is_no_holiday() -> None:
    assert "2026-12-25" not in public_holidays("US")  # type: ignore[comparison-overlap]  # on purpose
