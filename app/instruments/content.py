"""Content packs: the licensed wording of an instrument, loaded from a folder outside the repository.

A pack adds text where there is none in its language. It cannot touch codes, values or scoring, because it
has no place for them, and it cannot replace wording that is there.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from app.instruments.fhir import OWN_LANGUAGE, AnswerOption, Extended, Questionnaire, QuestionnaireItem
from app.instruments.questionnaire import ordinal, texts_of

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Place = tuple[str, int | None]  # an item, or one option of it by value
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


class ContentPackRefused(ValueError):
    """A pack, or its folder, that cannot be used. The message names the file and the reason."""


class ContentPack(BaseModel):
    """One file: the wording of one version of an instrument in one language.

    `items`: linkId to text. `options`: linkId to value (as a string of digits) to text.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    code: str
    version: str
    language: Language
    licence: Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]
    items: dict[str, Text] = Field(min_length=1)
    options: dict[str, dict[int, Text]] = {}

    def refused(self, reason: str) -> ContentPackRefused:
        """The error to raise for this pack."""
        return ContentPackRefused(f"content pack {self.file}: {reason}")


def packs_in(folder: Path) -> Iterator[ContentPack]:
    """The packs of a folder, one a `.json` file, in the order of their names.

    Raises ContentPackRefused for a folder that is not there and for a file that is not a pack.
    """
    if not folder.is_dir():
        raise ContentPackRefused("the folder of content packs does not exist")
    yield from (_read(path) for path in sorted(folder.glob("*.json")))


def _read(path: Path) -> ContentPack:
    try:
        members = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(members, dict):
            raise ContentPackRefused(f"content pack {path.name}: not a JSON object")
        return ContentPack.model_validate(members | {"file": path.name})
    except ValidationError as error:
        faults = (f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors())
        raise ContentPackRefused(f"content pack {path.name}: {'; '.join(faults)}") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError):
        raise ContentPackRefused(f"content pack {path.name}: not readable as JSON in UTF-8") from None


def with_texts(questionnaire: Questionnaire, pack: ContentPack) -> Questionnaire:
    """The questionnaire with the wording of the pack and its licence statement.

    Raises ContentPackRefused when the pack names what is not there, leaves a question or an option without
    wording, or brings wording for what has some in this language.
    """
    _refuse_misfits(questionnaire, pack)
    return questionnaire.model_copy(
        update={
            "item": tuple(_item(each, pack) for each in questionnaire.item),
            "copyright": f"{questionnaire.copyright} Wording ({pack.language}): {pack.licence}",
        }
    )


def _refuse_misfits(questionnaire: Questionnaire, pack: ContentPack) -> None:
    there = dict(_places(questionnaire))
    brought = {(link_id, None) for link_id in pack.items} | {
        (link_id, value) for link_id, texts in pack.options.items() for value in texts
    }
    worded = {place for place, languages in there.items() if pack.language in languages}
    needed = {place for place in there if place[0] not in _optional(questionnaire)}
    for reason, places in (
        ("there is no", brought - there.keys()),
        ("has wording in this language, which is not replaced:", brought & worded),
        ("no wording for", needed - brought - worded),
    ):
        if places:
            raise pack.refused(f"{reason} {', '.join(sorted(map(_name, places)))}")


def _places(questionnaire: Questionnaire) -> Iterator[tuple[Place, set[str]]]:
    """Where text can stand, with the languages in which some does."""
    for item in questionnaire.every_item():
        yield (item.link_id, None), set(texts_of(item.text, item.text_extended))
        for option in item.answer_option or ():
            coding = option.value_coding
            yield (item.link_id, ordinal(option)), set(texts_of(coding.display, coding.display_extended))


def _optional(questionnaire: Questionnaire) -> set[str]:
    return {item.link_id for item in questionnaire.every_item() if item.type in ("display", "group")}


def _name(place: Place) -> str:
    link_id, value = place
    return link_id if value is None else f"option {value} of {link_id}"


def _item(item: QuestionnaireItem, pack: ContentPack) -> QuestionnaireItem:
    update = _added("text", item.text_extended, pack, pack.items.get(item.link_id))
    if item.answer_option is not None:
        texts = pack.options.get(item.link_id, {})
        update["answer_option"] = tuple(_option(each, pack, texts) for each in item.answer_option)
    if item.item is not None:
        update["item"] = tuple(_item(each, pack) for each in item.item)
    return item.model_copy(update=update)


def _option(option: AnswerOption, pack: ContentPack, texts: Mapping[int, str]) -> AnswerOption:
    coding = option.value_coding
    update = _added("display", coding.display_extended, pack, texts.get(ordinal(option)))
    return option.model_copy(update={"value_coding": coding.model_copy(update=update)})


def _added(field: str, extended: Extended | None, pack: ContentPack, text: str | None) -> dict[str, object]:
    """The members to change for this text: the field itself in English, else one translation more."""
    if text is None:
        return {}
    if pack.language == OWN_LANGUAGE:
        return {field: text}
    return {f"{field}_extended": (extended or Extended()).translated(pack.language, text)}
