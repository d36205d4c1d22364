"""A reminder is read by whoever looks at a locked phone: not a word of illness, treatment or care."""

import pytest

from tests.sentences.test_catalogue import texts

# Lower-case stems that would tell a stranger what the app is for, or lay blame.
TELLING = {
    "en": (
        "care", "team", "clinic", "health", "recover", "program", "treat", "therap", "counsel", "patient",
        "mood", "crav", "drink", "drug", "sober", "use", "crisis", "safe", "miss", "forg", "late", "must",
    ),
    "es": (
        "salud", "equipo", "clínic", "recupera", "programa", "tratamiento", "terap", "consejer", "paciente",
        "ánimo", "ganas", "beb", "droga", "sobri", "consum", "crisis", "segur", "falt", "olvid", "debe",
    ),
}  # fmt: skip


@pytest.mark.parametrize("locale", ["en", "es"])
def test_a_locked_screen_gives_nothing_away(locale: str) -> None:
    shown = {key: text for key, text in texts(locale).items() if key.startswith("reminder.")}
    assert shown.keys() == {"reminder.check_in", "reminder.missed"}
    words = " ".join(shown.values()).lower().split()
    assert not [word for word in words for stem in TELLING[locale] if word.startswith(stem)]


@pytest.mark.parametrize("locale", ["en", "es"])
def test_it_fits_on_a_locked_screen(locale: str) -> None:
    shown = [text for key, text in texts(locale).items() if key.startswith("reminder.")]
    assert max(map(len, shown)) <= 110
