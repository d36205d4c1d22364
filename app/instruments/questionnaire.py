"""An instrument: one version of a questionnaire together with the way it is scored."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Literal

from app.instruments.fhir import (
    LOINC,
    LOINC_NO,
    LOINC_YES,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL_VALUE,
    OWN_LANGUAGE,
    AnswerOption,
    Extended,
    Questionnaire,
    QuestionnaireItem,
)
from app.instruments.scheme import Part, Scheme

Kind = Literal["choice", "yes_no", "integer"]
Coded = Mapping[tuple[str, str], int]  # linkId and option code to value
WORDS = {LOINC_YES: "yes", LOINC_NO: "no"}


class Option(Part):
    """One permitted answer. `words`: the strings that stand for it beside its value; `texts` by language."""

    value: int
    words: tuple[str, ...]
    texts: dict[str, str]


class Asked(Part):
    """The item is asked only when `item` was answered with `value` (or, `equal` false, with another)."""

    item: str
    equal: bool
    value: int


class Item(Part):
    """One question. `choice` has options, `yes_no` two that are answered by word, `integer` two bounds."""

    link_id: str
    kind: Kind
    texts: dict[str, str]
    loinc: str | None
    options: tuple[Option, ...] = ()
    minimum: int = 0
    maximum: int = 0
    asked: Asked | None = None

    @property
    def text(self) -> str | None:
        """The English wording, or None when its licence keeps it out."""
        return self.texts.get(OWN_LANGUAGE)

    @cached_property
    def accepted(self) -> Mapping[int | str, int]:
        """Every accepted answer of a choice, with the value that it stands for."""
        accepted: dict[int | str, int] = {}
        for option in self.options:
            accepted |= dict.fromkeys((*option.words, option.value), option.value)
        return accepted


class Instrument(Scheme):
    """One version of an instrument: its scoring, its questions, and the resource to serve."""

    title: str
    items: tuple[Item, ...]
    questionnaire: Questionnaire

    @cached_property
    def by_link_id(self) -> Mapping[str, Item]:
        """The items by their linkId."""
        return {item.link_id: item for item in self.items}

    @property
    def fhir(self) -> dict[str, object]:
        """The FHIR R4 Questionnaire as JSON, a fresh dictionary each time."""
        return self.questionnaire.to_json()


def instrument_from(questionnaire: Questionnaire, scheme: Scheme) -> Instrument:
    """Join the two halves of one version.

    Raises ValueError when they are not of the same version.
    """
    if questionnaire.version != scheme.version:
        raise ValueError(f"{scheme.code}: the questionnaire and its scoring are of different versions")
    questions = (each for each in questionnaire.every_item() if each.type in ("choice", "integer"))
    values = {key: value for each in questionnaire.every_item() for key, value in _coded(each)}
    return Instrument(
        **{name: getattr(scheme, name) for name in Scheme.model_fields},
        title=questionnaire.title,
        items=tuple(_item(each, scheme.aliases.get(each.link_id, {}), values) for each in questions),
        questionnaire=questionnaire,
    )


def _item(source: QuestionnaireItem, aliases: Mapping[str, int], values: Coded) -> Item:
    options = tuple(_option(each, aliases) for each in source.answer_option or ())
    by_word = any("yes" in option.words for option in options)
    return Item(
        link_id=source.link_id,
        kind="integer" if source.type == "integer" else "yes_no" if by_word else "choice",
        texts=texts_of(source.text, source.text_extended),
        loinc=next((each.code for each in source.code or () if each.system == LOINC), None),
        options=options,
        minimum=source.whole_number(MIN_VALUE) or 0,
        maximum=source.whole_number(MAX_VALUE) or 0,
        asked=_asked(source, values),
    )


def _option(source: AnswerOption, aliases: Mapping[str, int]) -> Option:
    value, coding = ordinal(source), source.value_coding
    words = [alias for alias, meant in aliases.items() if meant == value]
    if coding.system == LOINC:
        words += [coding.code, *([WORDS[coding.code]] if coding.code in WORDS else [])]
    return Option(value=value, words=tuple(words), texts=texts_of(coding.display, coding.display_extended))


def ordinal(option: AnswerOption) -> int:
    """The value of an option. The order of options is this, never that of their codes.

    Raises ValueError when the option has none.
    """
    value = option.whole_number(ORDINAL_VALUE)
    if value is None:
        raise ValueError("an answer option has no ordinal value")
    return value


def _asked(source: QuestionnaireItem, values: Coded) -> Asked | None:
    for gate in source.enable_when or ():
        value = values[gate.question, gate.answer_coding.code]
        return Asked(item=gate.question, equal=gate.operator == "=", value=value)
    return None


def _coded(source: QuestionnaireItem) -> Iterator[tuple[tuple[str, str], int]]:
    for option in source.answer_option or ():
        yield (source.link_id, option.value_coding.code), ordinal(option)


def texts_of(text: str | None, extended: Extended | None) -> dict[str, str]:
    """A text and its translations, by language."""
    return ({OWN_LANGUAGE: text} if text else {}) | (extended.translations() if extended else {})
