"""The part of the FHIR R4 Questionnaire that our instruments use; anything else in a file is refused."""

from collections.abc import Iterator
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

OWN_LANGUAGE = "en"  # of every questionnaire's own texts; others are translations
LOINC = "http://loinc.org"
LOINC_YES, LOINC_NO = "LA33-6", "LA32-8"
ORDINAL_VALUE = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"


class Element(BaseModel):
    """A FHIR element: frozen, camelCase in JSON, no members beyond those named here."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, validate_by_name=True)


class Extension(Element):
    """A FHIR extension, with a value or with extensions of its own."""

    url: str
    value_integer: int | None = None
    value_decimal: int | None = None
    value_code: str | None = None
    value_string: str | None = None
    extension: tuple[Self, ...] | None = None


class Extended(Element):
    """What carries extensions; also stands in for the `_text` and `_display` of a primitive."""

    extension: tuple[Extension, ...] | None = None

    def whole_number(self, url: str) -> int | None:
        """The number in the extension `url`, or None."""
        for each in self.extension or ():
            if each.url == url:
                return each.value_integer if each.value_integer is not None else each.value_decimal
        return None

    def translations(self) -> dict[str, str]:
        """Language code to translated text."""
        found: dict[str, str] = {}
        for each in self.extension or ():
            if each.url == TRANSLATION:
                parts = {part.url: part for part in each.extension or ()}
                found[parts["lang"].value_code or ""] = parts["content"].value_string or ""
        return found

    def translated(self, language: str, text: str) -> "Extended":
        """This element with one translation more."""
        parts = (Extension(url="lang", value_code=language), Extension(url="content", value_string=text))
        added = Extension(url=TRANSLATION, extension=parts)
        return Extended(extension=(*(self.extension or ()), added))


class Coding(Element):
    """A code of a system; `display` is its text in the questionnaire's own language."""

    system: str
    code: str
    display: str | None = None
    display_extended: Extended | None = Field(default=None, alias="_display")


class AnswerOption(Extended):
    """One permitted answer; its ordinal value is what scoring sees."""

    value_coding: Coding


class EnableWhen(Element):
    """The item is asked only when `question` was answered so."""

    question: str
    operator: Literal["=", "!="]
    answer_coding: Coding


class QuestionnaireItem(Extended):
    """One question, one group of questions, or a text to be shown."""

    link_id: str
    code: tuple[Coding, ...] | None = None
    text: str | None = None
    text_extended: Extended | None = Field(default=None, alias="_text")
    type: Literal["display", "group", "choice", "integer"]
    enable_when: tuple[EnableWhen, ...] | None = Field(default=None, max_length=1)
    answer_option: tuple[AnswerOption, ...] | None = None
    item: tuple[Self, ...] | None = None


class Questionnaire(Element):
    """One version of an instrument as a FHIR R4 Questionnaire."""

    resource_type: Literal["Questionnaire"]
    url: str
    version: str
    name: str
    title: str
    status: Literal["active", "retired"]
    language: Literal["en"]
    subject_type: tuple[str, ...]
    copyright: str
    code: tuple[Coding, ...]
    item: tuple[QuestionnaireItem, ...]

    def every_item(self) -> Iterator[QuestionnaireItem]:
        """All items in the order of the form, those inside groups included."""
        for each in self.item:
            yield each
            yield from each.item or ()

    def to_json(self) -> dict[str, object]:
        """The resource as JSON, as in its file."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)
