"""Both languages say the same things, plainly."""

import re
from importlib.resources import files

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from app.sentences import LOCALES, placeholders

CODES = {
    "mood", "craving", "anxiety", "energy", "sleep_hours", "used", "substances", "medication_taken",
    "meetings_attended", "feels_safe", "triggers", "coping_used", "note",
}  # fmt: skip
SUBSTANCES = {"alcohol", "opioids", "stimulants", "cannabis", "sedatives", "other"}
# Lower-case stems that would tell a patient how the system grades them.
GRADES = {
    "en": ("critical", "urgent", "severe", "moderate", "mild", "routine", "priority", "score", "high"),
    "es": ("crític", "urgente", "grave", "severo", "severa", "moderad", "leve", "prioridad", "puntaje"),
}


def read(locale: str) -> Catalog:
    with (files("app") / "locale" / f"{locale}.po").open("rb") as source:
        return read_po(source, locale=locale, abort_invalid=True)


def texts(locale: str) -> dict[str, str]:
    return {str(entry.id): str(entry.string) for entry in read(locale) if entry.id}


ALL = [(locale, key, text) for locale in LOCALES for key, text in texts(locale).items()]


def sentences_of(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[.?!])\s+", text) if part]


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?|\{[a-z_]+\}|\d+", text)


def test_both_languages_have_the_same_keys() -> None:
    assert len(texts("en")) >= 70
    assert list(texts("en")) == list(texts("es"))


def test_both_languages_have_the_same_placeholders() -> None:
    english, spanish = texts("en"), texts("es")
    assert {k: placeholders(v) for k, v in english.items()} == {
        k: placeholders(v) for k, v in spanish.items()
    }
    assert placeholders(english["danger.call"]) == {"number"}


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_fuzzy_obsolete_untranslated_or_there_twice(locale: str) -> None:
    catalogue = read(locale)
    assert not [
        entry.id for entry in catalogue if entry.id and (entry.fuzzy or not str(entry.string).strip())
    ]
    assert not catalogue.obsolete
    source = (files("app") / "locale" / f"{locale}.po").read_text(encoding="utf-8")
    assert source.count('\nmsgid "') == len(texts(locale)) + 1  # the header


def test_a_key_is_a_key_and_no_sentence() -> None:
    assert not [key for key in texts("en") if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key)]


def test_the_check_in_has_a_name_and_a_question_for_every_code() -> None:
    keys = texts("en")
    assert {key.removeprefix("check_in.label.") for key in keys if key.startswith("check_in.label.")} == CODES
    assert {
        key.removeprefix("check_in.question.") for key in keys if key.startswith("check_in.question.")
    } == CODES
    start = "check_in.choice.substances."
    assert {key.removeprefix(start) for key in keys if key.startswith(start)} == SUBSTANCES


def test_every_severity_of_the_safety_floor_has_its_answer_and_its_time() -> None:
    assert "within 15 minutes" in texts("en")["help.critical"]
    assert "menos de 15 minutos" in texts("es")["help.critical"]
    assert "within an hour" in texts("en")["help.urgent"]
    assert "menos de una hora" in texts("es")["help.urgent"]
    assert "within a day" in texts("en")["help.high"]
    assert "menos de un día" in texts("es")["help.high"]


@pytest.mark.parametrize(("locale", "key", "text"), [row for row in ALL if not row[1].startswith("page.")])
def test_no_patient_reads_a_grade(locale: str, key: str, text: str) -> None:
    assert not [stem for stem in GRADES[locale] if re.search(rf"\b{stem}", text.lower())]


@pytest.mark.parametrize(("locale", "key", "text"), ALL)
def test_a_sentence_is_at_most_twenty_words(locale: str, key: str, text: str) -> None:
    assert all(len(words_of(part)) <= 20 for part in sentences_of(text))


def test_spanish_keeps_to_usted() -> None:
    familiar = r"\b(tú|tu|tus|te|ti|contigo|tienes|estás|puedes|quieres|llama|escribe|necesitas)\b"
    assert not [key for key, text in texts("es").items() if re.search(familiar, text.lower())]
    assert re.search(familiar, "si estás en peligro, llama al 911")


def test_a_spanish_question_opens_as_it_closes() -> None:
    assert not [key for key, text in texts("es").items() if text.count("¿") != text.count("?")]
