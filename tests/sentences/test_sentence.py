"""Finding a sentence, filling it, overriding it; choosing the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sentences import LOCALES, negotiate, sentence, unfit_overrides


def test_each_language_has_its_own_words() -> None:
    assert sentence("saved.check_in", "en") == "Your check-in is saved. Thank you."
    assert sentence("saved.check_in", "es").startswith("Guardamos")


@pytest.mark.parametrize(
    ("locale", "first"),
    [
        ("es-MX", "Si"),
        ("es_US", "Si"),
        ("ES", "Si"),
        ("en-GB", "If"),
        ("fr", "If"),
        ("", "If"),
        ("\ud800", "If"),
    ],
)
def test_the_nearest_language_answers(locale: str, first: str) -> None:
    assert sentence("danger.call_local", locale).startswith(first)


def test_values_take_their_places() -> None:
    assert sentence("danger.call", "en", number="911") == "If you are in danger now, call 911."
    assert sentence("danger.call", "es", number=112) == "Si está en peligro ahora, llame al 112."


def test_a_value_is_never_read_as_a_placeholder() -> None:
    assert (
        sentence("danger.call", "en", number="{number} {key}")
        == "If you are in danger now, call {number} {key}."
    )


def test_an_unknown_key_and_a_missing_value_are_errors() -> None:
    with pytest.raises(KeyError):
        sentence("no.such_key", "en")
    with pytest.raises(KeyError):
        sentence("danger.call", "en")


def test_a_program_may_say_it_its_own_way() -> None:
    overrides = {"saved.check_in": "Got it. See you tomorrow.", "danger.call": "Call {number} now."}
    assert sentence("saved.check_in", "en", overrides=overrides) == "Got it. See you tomorrow."
    assert sentence("danger.call", "en", overrides=overrides, number="911") == "Call 911 now."
    assert sentence("saved.already", "en", overrides=overrides).startswith("We already have")
    assert unfit_overrides(overrides) == ()


@pytest.mark.parametrize(
    "override",
    [
        "",
        "  ",
        "Be careful.",
        "Call {numbr}.",
        "Call {number} or {other}.",
        "{number.__class__}",
        "{number:>9999999999}",
    ],
)
def test_an_override_cannot_lose_the_number(override: str) -> None:
    overrides = {"danger.call": override}
    assert (
        sentence("danger.call", "en", overrides=overrides, number="911")
        == "If you are in danger now, call 911."
    )
    assert unfit_overrides(overrides) == ("danger.call",)


def test_an_override_of_nothing_is_named() -> None:
    assert unfit_overrides({"no.such_key": "Hello.", "saved.check_in": "Hello."}) == ("no.such_key",)


@pytest.mark.parametrize(
    ("preferred", "accept_language", "chosen"),
    [
        ("es", "en-US,en;q=0.9", "es"),
        ("es-MX", None, "es"),
        ("EN_us", "es", "en"),
        ("fr", "es", "es"),
        (None, "es-419,es;q=0.9,en;q=0.8", "es"),
        (None, "en;q=0.3, es;q=0.7", "es"),
        (None, "fr;q=1.0, es;q=0.2, en;q=0.1", "es"),
        (None, "en;q=0, *;q=0.5", "es"),
        (None, "es;q=0", "en"),
        (None, "*", "en"),
        (None, "ES ; Q=0.8 , en ; q=0.7", "es"),
        (None, "es;q=2, en;q=0.1", "en"),
        (None, ";;;,,q=,es;q=x", "en"),
        (None, "fr, de", "en"),
        (None, None, "en"),
        ("", "", "en"),
    ],
)
def test_the_patients_choice_comes_first_then_the_browsers(
    preferred: str | None, accept_language: str | None, chosen: str
) -> None:
    assert negotiate(preferred, accept_language, LOCALES) == chosen


def test_the_organization_may_speak_another_language_by_default() -> None:
    assert negotiate(None, "fr", LOCALES, default="es") == "es"
    assert negotiate(None, "fr", ("es",)) == "es"


def test_the_answer_is_spelled_as_we_spell_it() -> None:
    assert negotiate("PT-br", None, ("en", "pt-BR")) == "pt-BR"


@given(st.none() | st.text(), st.none() | st.text() | st.text("es-*;q=0.1, "))
def test_whatever_is_sent_a_language_that_we_have_comes_back(
    preferred: str | None, accept_language: str | None
) -> None:
    assert negotiate(preferred, accept_language, LOCALES) in LOCALES
