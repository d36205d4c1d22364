"""The signals that there are, held against the readings that answers really yield."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.instruments.catalogue import CATALOGUE
from app.instruments.questionnaire import Instrument, Item
from app.instruments.scoring import score
from app.rules.default_pack import DEFAULT_PACK
from app.rules.fit import misfits
from app.rules.floor import FLOOR
from app.rules.reading import Reading, Source
from app.rules.signals import SIGNALS, from_assessment
from app.rules.vocabulary import vocabulary
from tests.api.test_add_program import choice, number

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
KNOWN = vocabulary([number(minimum=-5, maximum=5), choice("home", "work")])


def values_of(item: Item) -> list[int]:
    return [option.value for option in item.options] or [item.minimum, item.maximum]


def readings(instrument: Instrument, answers: Mapping[str, int]) -> dict[str, Reading]:
    scored = score(instrument, answers)
    found = from_assessment(
        instrument.code, dict(answers), total=scored.total, subscales=scored.subscales,
        severity=scored.severity, at=NOW, day=date(2026, 11, 23), received_at=NOW,
        source=Source("assessment", UUID(int=1)),
    )  # fmt: skip
    return {each.signal: each for each in found}


def furthest(instrument: Instrument, signal: str, sign: int) -> float:
    """The most (or, with -1, the least) that this signal can be, item by item: all of them add up."""
    answers = {item.link_id: values_of(item)[0] for item in instrument.items}
    for item in instrument.items:
        tried = [{**answers, item.link_id: value} for value in values_of(item)]
        answers = max(tried, key=lambda each: sign * float(readings(instrument, each)[signal].value))
    return float(readings(instrument, answers)[signal].value)


@pytest.mark.parametrize("code", [each.code for each in CATALOGUE.current()])
def test_every_score_of_an_instrument_is_a_signal_and_in_its_range(code: str) -> None:
    instrument = CATALOGUE.instrument(code)
    found = readings(instrument, {item.link_id: values_of(item)[0] for item in instrument.items})
    assert found
    for signal, each in found.items():
        known = KNOWN[signal]
        if isinstance(each.value, str):
            assert each.value in [option.code for option in known.choices]
        else:
            ends = furthest(instrument, signal, -1), furthest(instrument, signal, 1)
            assert ends == (known.minimum, known.maximum), signal


def test_what_the_catalogue_of_signals_says_goes_first() -> None:
    assert KNOWN.keys() >= SIGNALS.keys()
    total = KNOWN["phq9.total"]
    assert (total.title, total.kind, total.minimum, total.maximum, total.unit) == (
        "PHQ-9", "number", 0, 27, "points"
    )  # fmt: skip
    assert (KNOWN["used"].kind, KNOWN["used"].minimum, KNOWN["used"].maximum) == ("yes-no", 0, 1)
    assert [each.code for each in KNOWN["cssrs.risk"].choices] == [
        "none", "low", "moderate", "high", "incomplete"
    ]  # fmt: skip


def test_the_programs_own_questions_are_signals_of_that_program() -> None:
    steps, place = KNOWN["steps"], KNOWN["place"]
    assert (steps.title, steps.kind, steps.minimum, steps.maximum) == ("Steps today", "number", -5, 5)
    assert (place.kind, [each.code for each in place.choices]) == ("choice", ["home", "work"])
    assert vocabulary([]).keys() == KNOWN.keys() - {"steps", "place"}


def test_our_own_rules_fit() -> None:
    for rule in (*FLOOR, *DEFAULT_PACK.rules):
        assert list(misfits(rule.condition, vocabulary([]))) == [], rule.code
