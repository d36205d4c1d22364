"""Somebody in danger always gets a number, the right one, in their language."""

import json
import re
from datetime import date
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import crisis_resources
from app.crisis_resources import Resource, danger_now, resources

TODAY = date(2026, 11, 23)
HOUSE_LINE = Resource("Harbor House, on call", call="1-555-0100")
# Every number that may stand in the file: the United States lines of the clinical facts.
KNOWN = {"988", "838255", "741741", "1-800-662-4357", "911"}


def test_988_comes_first_by_call_text_and_chat() -> None:
    first = resources("US", TODAY, "en")[0]
    assert (first.call, first.text, first.url) == ("988", "988", "https://988lifeline.org")
    assert "call, text or chat" in first.name


def test_the_lines_of_the_united_states() -> None:
    reached = [(line.call, line.text) for line in resources("US", TODAY, "en")]
    assert reached == [
        ("988", "988"),
        ("988, then press 1", "838255"),
        (None, "741741, and write HOME"),
        ("1-800-662-4357", None),
        ("911", None),
    ]


def test_the_same_lines_in_spanish() -> None:
    english, spanish = resources("US", TODAY, "en"), resources("US", TODAY, "es-MX")
    assert [line.url for line in english] == [line.url for line in spanish]
    assert all(
        ours.name != theirs.name and ours.hours != theirs.hours
        for ours, theirs in zip(english, spanish, strict=True)
    )
    assert (spanish[1].call, spanish[2].text) == ("988, luego marque 1", "741741, y escriba HOME")


def test_a_device_can_dial_what_it_is_given() -> None:
    for line in resources("US", TODAY, "es"):
        assert line.call or line.text
        for number in filter(None, (line.call, line.text)):
            assert re.match(r"[\d-]+", number)[0] in KNOWN  # type: ignore[index]


def test_the_organizations_own_line_may_come_first() -> None:
    assert resources("US", TODAY, "en", [HOUSE_LINE])[:2] == (HOUSE_LINE, resources("US", TODAY, "en")[0])
    assert resources("ZZ", TODAY, "en", [HOUSE_LINE])[0] == HOUSE_LINE


@pytest.mark.parametrize("country", ["ZZ", "", "MX", "U S", "\x00"])
def test_an_unknown_country_gets_the_local_emergency_number(country: str) -> None:
    assert [line.name for line in resources(country, TODAY, "en")] == ["Call your local emergency number"]
    assert [line.name for line in resources(country, TODAY, "es")] == [
        "Llame al número de emergencia de su país"
    ]


def test_the_country_may_be_spelled_carelessly() -> None:
    assert resources(" us ", TODAY, "en") == resources("US", TODAY, "en")


def test_a_clock_that_stands_in_1970_gets_numbers_too() -> None:
    assert resources("US", date(1970, 1, 1), "en") == resources("US", TODAY, "en")


@given(st.text(max_size=5), st.dates(), st.text(max_size=8))
def test_there_is_always_somebody_to_turn_to(country: str, on: date, locale: str) -> None:
    assert resources(country, on, locale)
    assert danger_now(country, on, locale)


def test_the_sentence_for_danger_names_the_number_of_the_country() -> None:
    assert danger_now("US", TODAY, "en") == "If you are in danger now, call 911."
    assert danger_now("US", TODAY, "es") == "Si está en peligro ahora, llame al 911."
    assert (
        danger_now("ZZ", TODAY, "en")
        == "If you are in danger now, do not wait. Call your local emergency number."
    )
    assert danger_now("US", TODAY, "en", {"danger.call": "Call {number}!"}) == "Call 911!"


def test_the_listing_of_the_day_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = crisis_resources._LISTINGS["US"][0]
    line = now.lines[0].model_copy(update={"call": "989"})
    later = now.model_copy(update={"valid_from": date(2027, 3, 1), "lines": (line,)})
    monkeypatch.setattr(crisis_resources, "_LISTINGS", {"US": (later, now)})
    assert resources("US", date(2027, 2, 28), "en")[0].call == "988"
    assert [line.call for line in resources("US", date(2027, 3, 1), "en")] == ["989"]


def test_every_listing_says_since_when_and_from_where() -> None:
    listings = json.loads((files("app") / "data" / "crisis_resources.json").read_text(encoding="utf-8"))
    assert set(listings) == {"US"}
    for listing in listings["US"]:
        assert date.fromisoformat(listing["valid_from"]) <= date.fromisoformat(listing["checked_on"])
        assert listing["source"]
        assert sum(line.get("emergency", False) for line in listing["lines"]) == 1
