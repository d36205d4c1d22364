"""A tired twelve-year-old can read it.

English: the Flesch-Kincaid grade, 0.39 words a sentence + 11.8 syllables a word - 15.59. Spanish: the
Szigriszt-Pazos index, 206.835 - 62.3 syllables a word - words a sentence (65 and more is "fairly easy",
INFLESZ). Both say little about a few words, so texts of fewer than eight words (names and choices)
are held by their length alone. Syllables are counted, not looked up: groups of vowels, with the silent e of
English and the broken diphthongs of Spanish.
"""

import re

import pytest

from tests.sentences.test_catalogue import ALL, sentences_of, texts, words_of

LONG = [(locale, key, text) for locale, key, text in ALL if len(words_of(text)) >= 8]
# A name of a service or of a drug is as long as its owner made it.
NAMES = ("resource.", "check_in.choice.")
# The name of a thing that has no shorter one.
THINGS = ("Call your local emergency number.",)


def syllables(word: str, locale: str) -> int:
    word = word.lower()
    if not word.isalpha():
        return 1
    if locale == "es":
        return max(1, len(re.findall(r"[iuü]?[aeoáéó][iuy]?(?![áéó])|[aeoáéó]|[íú]|[iuü]+", word)))
    spoken = (
        re.sub(r"(?<=[^aeiouy])(?:e|es|ed)$", "", word)
        if not re.search(r"[^aeiouy]le$|[td]ed$", word)
        else word
    )
    return max(1, len(re.findall(r"[aeiouy]+", spoken)))


def per_sentence_and_word(text: str, locale: str) -> tuple[float, float]:
    """Words a sentence, syllables a word."""
    words = words_of(text)
    return len(words) / len(sentences_of(text)), sum(syllables(word, locale) for word in words) / len(words)


def grade(text: str) -> float:
    words, sounds = per_sentence_and_word(text, "en")
    return 0.39 * words + 11.8 * sounds - 15.59


def ease(text: str) -> float:
    words, sounds = per_sentence_and_word(text, "es")
    return 206.835 - 62.3 * sounds - words


def plain(text: str, locale: str) -> bool:
    return grade(text) <= 6 if locale == "en" else ease(text) >= 65


@pytest.mark.parametrize(
    ("word", "locale", "count"),
    [
        ("saved", "en", 1), ("minutes", "en", 2), ("told", "en", 1), ("emergency", "en", 4),
        ("trouble", "en", 2), ("wanted", "en", 2), ("craving", "en", 2), ("the", "en", 1),
        ("gracias", "es", 2), ("ayuda", "es", 3), ("día", "es", 2), ("equipo", "es", 3),
        ("emergencia", "es", 4), ("número", "es", 3), ("peligro", "es", 3), ("reunión", "es", 2),
        ("bien", "es", 1),
    ],
)  # fmt: skip
def test_the_counter_counts_as_people_do(word: str, locale: str, count: int) -> None:
    assert syllables(word, locale) == count


@pytest.mark.parametrize(("locale", "key", "text"), [row for row in LONG if not row[1].startswith(NAMES)])
def test_every_text_is_plain(locale: str, key: str, text: str) -> None:
    assert plain(text, locale), grade(text) if locale == "en" else ease(text)


def test_no_hard_sentence_hides_among_easy_ones() -> None:
    """Each sentence of five words and more by itself; so few words say less, so Spanish may go to 45."""
    rows = [
        (locale, part)
        for locale, key, text in ALL
        if not key.startswith(NAMES)
        for part in sentences_of(text)
    ]
    long = [(locale, part) for locale, part in rows if len(words_of(part)) >= 5 and part not in THINGS]
    assert len(long) >= 100
    assert not [part for locale, part in long if (grade(part) > 6 if locale == "en" else ease(part) < 45)]


def test_all_of_the_english_together_is_below_grade_four() -> None:
    together = " ".join(text for locale, key, text in LONG if locale == "en" and not key.startswith(NAMES))
    assert grade(together) <= 4


def test_names_and_choices_are_short() -> None:
    for locale in ("en", "es"):
        short = {
            k: t for k, t in texts(locale).items() if k.startswith(("check_in.label.", "check_in.choice."))
        }
        assert short
        assert not [key for key, text in short.items() if len(words_of(text)) > 7]


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Your submission was successfully persisted and will subsequently be evaluated."),
        ("en", "A representative of your multidisciplinary team received an automated notification."),
        ("es", "Su autoevaluación fue registrada satisfactoriamente y será interpretada posteriormente."),
    ],
)
def test_the_language_of_forms_is_refused(locale: str, text: str) -> None:
    assert not plain(text, locale)
