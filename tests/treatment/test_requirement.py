"""Whose rule binds: the payer's of that date, the program's, the level of care's; all of it dated data."""

import ast
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import app.treatment
from app.treatment.requirement import (
    PAYERS,
    SHIPPED,
    Care,
    HoursRule,
    Requirement,
    age_on,
    in_force,
    required,
)

DAY = date(2026, 11, 23)
ADULT, MINOR = date(1991, 4, 2), date(2010, 4, 2)
HERE = Path(app.treatment.__file__).parent


def care(**changes: Any) -> Care:
    usual = Care("Evening IOP", "2.1", "adults", Decimal(9), Decimal(19), None)
    return usual._replace(**changes)


def rule(**changes: Any) -> HoursRule:
    usual = {
        "code": "own", "payer": "blue", "name": "Blue", "level_of_care": "2.1",
        "first_day": date(2026, 1, 1), "minimum_hours": Decimal(10), "citation": "Manual",
    }  # fmt: skip
    return HoursRule.model_validate({**usual, **changes})


def hours(found: Requirement) -> tuple[float, float | None, str]:
    maximum = None if found.maximum_hours is None else float(found.maximum_hours)
    return float(found.minimum_hours), maximum, found.source


EVENING, NONE = "Evening IOP", None
MINORS = "ASAM 3rd edition, Level 2.1, adolescents"
WISCONSIN = {"payer": "wisconsin_medicaid"}
MORE = {"minimum_hours": Decimal(12), "maximum_hours": Decimal(15)}


@pytest.mark.parametrize(
    ("of", "born_on", "day", "expected"),
    [
        # Nobody's account: the program, where it is for people of that age.
        (care(), ADULT, DAY, (9, 19, EVENING)),
        (care(**MORE), ADULT, DAY, (12, 15, EVENING)),
        (care(), MINOR, DAY, (6, NONE, MINORS)),
        (care(**MORE), MINOR, DAY, (6, NONE, MINORS)),
        (care(population="adolescents"), MINOR, DAY, (9, 19, EVENING)),
        (care(population="adolescents"), ADULT, DAY, (9, 19, "ASAM 3rd edition, Level 2.1, adults")),
        (care(population="adolescents", level_of_care="2.5"), ADULT, DAY,
         (20, NONE, "ASAM 4th edition, Level 2.5, adults")),
        # Of unknown age somebody is what the program is for.
        (care(), None, DAY, (9, 19, EVENING)),
        (care(population="adolescents"), None, DAY, (9, 19, EVENING)),
        # Nothing is known of the level of care: the program's own hours all the same.
        (care(level_of_care="3.1"), MINOR, DAY, (9, 19, EVENING)),
        (care(level_of_care="2.5"), MINOR, DAY, (9, 19, EVENING)),
        # Medicare, from 2024 on.
        (care(payer="medicare"), ADULT, DAY, (9, 19, "Medicare intensive outpatient program")),
        (care(payer="medicare", minimum_hours=Decimal(6)), ADULT, date(2024, 1, 1),
         (9, 19, "Medicare intensive outpatient program")),
        (care(payer="medicare", minimum_hours=Decimal(6)), ADULT, date(2023, 12, 31), (6, 19, EVENING)),
        (care(payer="medicare", **MORE), ADULT, DAY, (12, 15, EVENING)),
        (care(payer="medicare", level_of_care="2.5"), ADULT, DAY, (9, 19, EVENING)),
        # Wisconsin Medicaid, from March 2025 on, by age on the day.
        (care(**WISCONSIN, minimum_hours=Decimal(6), maximum_hours=Decimal(30)), ADULT, date(2025, 3, 1),
         (9, 19, "Wisconsin Medicaid, adults")),
        (care(**WISCONSIN, minimum_hours=Decimal(6), maximum_hours=Decimal(30)), ADULT, date(2025, 2, 28),
         (6, 30, EVENING)),
        (care(**WISCONSIN), MINOR, DAY, (6, 19, "Wisconsin Medicaid, under 18")),
        (care(**WISCONSIN, population="adolescents"), None, DAY, (9, 19, EVENING)),
        (care(**WISCONSIN, population="adolescents", minimum_hours=Decimal(4)), None, DAY,
         (6, 19, "Wisconsin Medicaid, under 18")),
        # A payer of whom nothing is known says nothing.
        (care(payer="nobody"), ADULT, DAY, (9, 19, EVENING)),
        # H0015 says nothing of a week's hours.
        (care(payer="h0015"), ADULT, DAY, (9, 19, EVENING)),
        (care(payer="h0015", level_of_care="3.1"), ADULT, DAY, (9, 19, EVENING)),
    ],
)  # fmt: skip
def test_what_a_day_requires(
    of: Care, born_on: date | None, day: date, expected: tuple[float, float | None, str]
) -> None:
    assert hours(required(of, born_on, day, [])) == expected


def test_the_highest_minimum_and_the_lowest_maximum_may_be_of_two() -> None:
    found = required(care(payer="blue"), ADULT, DAY, [rule(maximum_hours=Decimal(25), minimum_days=3)])
    assert hours(found) == (10, 19, "Blue")
    assert found.maximum_source == EVENING
    assert (found.minimum_days, found.daily_minimum_minutes) == (3, None)
    assert [each.name for each in found.all] == ["Blue", EVENING]
    assert (found.minimum_minutes, found.maximum_minutes) == (600, 1140)


def test_of_equals_the_payer_is_named() -> None:
    found = required(
        care(payer="blue"), ADULT, DAY, [rule(minimum_hours=Decimal(9), maximum_hours=Decimal(19))]
    )
    assert (found.source, found.maximum_source) == ("Blue", "Blue")


def test_what_each_days_minimum_is_comes_with_the_account() -> None:
    found = required(care(payer="h0015"), ADULT, DAY, [])
    assert (found.daily_minimum_minutes, found.minimum_days) == (180, 3)
    assert required(care(), ADULT, DAY, []).daily_minimum_minutes is None


def test_half_hours_are_whole_minutes() -> None:
    found = required(care(payer="blue"), ADULT, DAY, [rule(minimum_hours=Decimal("10.5"))])
    assert found.minimum_minutes == 630


@pytest.mark.parametrize(
    ("rules", "day", "names"),
    [
        ([rule(name="a")], date(2025, 12, 31), []),
        ([rule(name="a")], date(2026, 1, 1), ["a"]),
        ([rule(name="a", last_day=date(2026, 3, 31))], date(2026, 3, 31), ["a"]),
        ([rule(name="a", last_day=date(2026, 3, 31))], date(2026, 4, 1), []),
        # A later one takes its place from its first day on.
        ([rule(name="a"), rule(name="b", first_day=date(2026, 7, 1))], date(2026, 6, 30), ["a"]),
        ([rule(name="a"), rule(name="b", first_day=date(2026, 7, 1))], date(2026, 7, 1), ["b"]),
        ([rule(name="b", first_day=date(2026, 7, 1)), rule(name="a")], date(2026, 7, 1), ["b"]),
        # One of the same day that was added later too: so a mistake is mended, and a rule ended.
        ([rule(name="a"), rule(name="b")], DAY, ["b"]),
        ([rule(name="a"), rule(name="b", last_day=date(2026, 3, 31))], DAY, []),
        ([rule(name="a"), rule(name="b", last_day=date(2026, 3, 31))], date(2026, 3, 31), ["b"]),
        # Others stand beside it.
        ([rule(name="a"), rule(name="b", level_of_care="2.5")], DAY, ["a", "b"]),
        ([rule(name="a"), rule(name="b", minimum_age=18)], DAY, ["a", "b"]),
        ([rule(name="a"), rule(name="b", payer="red")], DAY, ["a", "b"]),
        ([rule(name="a", first_day=None), rule(name="b")], date(2025, 1, 1), ["a"]),
        # Levels of care of two editions are two.
        ([rule(name="a", payer=None, code="one"), rule(name="b", payer=None, code="two")], DAY, ["a", "b"]),
    ],
)
def test_the_last_word_of_a_payer_holds(rules: list[HoursRule], day: date, names: list[str]) -> None:
    assert [each.name for each in in_force(rules, day)] == names


def test_an_organization_has_the_last_word_on_what_is_shipped() -> None:
    ours = rule(payer="medicare", name="Medicare, as we read it", minimum_hours=Decimal(11))
    assert hours(required(care(payer="medicare"), ADULT, DAY, [ours]))[::2] == (11, "Medicare, as we read it")
    lower = rule(payer="medicare", name="Ours", minimum_hours=Decimal(5), first_day=date(2024, 1, 1))
    assert hours(required(care(payer="medicare", minimum_hours=Decimal(4)), ADULT, DAY, [lower]))[0] == 5


@pytest.mark.parametrize(
    ("minimum", "maximum", "born_on", "applies"),
    [
        (18, None, date(2008, 11, 23), True), (18, None, date(2008, 11, 24), False),
        (None, 17, date(2008, 11, 24), True), (None, 17, date(2008, 11, 23), False),
        (12, 15, date(2010, 11, 23), False), (12, 15, date(2010, 11, 24), True),
        (12, 15, date(2014, 11, 23), True), (12, 15, date(2014, 11, 24), False),
    ],
)  # fmt: skip
def test_ages_are_whole_years_on_the_day(
    minimum: int | None, maximum: int | None, born_on: date, applies: bool
) -> None:
    own = [rule(minimum_age=minimum, maximum_age=maximum)]
    assert ("Blue" in [each.name for each in required(care(payer="blue"), born_on, DAY, own).all]) == applies


def test_a_leap_day_is_a_birthday_on_the_first_of_march() -> None:
    born = date(2008, 2, 29)
    assert [age_on(day, born) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2028, 2, 29))] == [
        17,
        18,
        20,
    ]


def test_every_rule_that_is_shipped_says_where_it_stands() -> None:
    assert {each.code for each in SHIPPED} >= {
        "asam-3-2.1-adults", "asam-3-2.1-adolescents", "asam-4-2.1-adults", "medicare-iop",
        "wisconsin-medicaid-adults", "wisconsin-medicaid-under-18", "h0015",
    }  # fmt: skip
    assert len({each.code for each in SHIPPED}) == len(SHIPPED)
    assert all(each.evidence and each.citation for each in SHIPPED)
    assert {"medicare", "wisconsin_medicaid", "h0015"} == PAYERS
    data = json.loads((HERE / "data" / "payer_rules.json").read_text("utf-8"))
    assert data["adult_from_age"]["citation"] and data["note"]


def test_no_threshold_stands_in_code() -> None:
    """Neither hours, ages nor days: what is left are 60 minutes an hour and places in a row."""
    numbers = {
        node.value
        for name in ("requirement.py", "reckoning.py", "forecast.py")
        for node in ast.walk(ast.parse((HERE / name).read_text("utf-8")))
        if isinstance(node, ast.Constant) and type(node.value) in {int, float}
    }
    assert numbers <= {0, 1, 60}
