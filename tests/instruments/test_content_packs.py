"""Loading the licensed wording of an instrument from a folder."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.instruments.catalogue import CATALOGUE, instrument, with_content
from app.instruments.content import ContentPackRefused
from app.instruments.questionnaire import Instrument
from app.instruments.scoring import score


def pack_for(known: Instrument, language: str = "en", **changed: Any) -> dict[str, Any]:
    """A complete pack with placeholder wording, made for these tests."""
    options = {
        item.link_id: {str(option.value): f"{language} option {option.value}" for option in item.options}
        for item in known.items
        if any(language not in option.texts for option in item.options)
    }
    return {
        "code": known.code,
        "version": known.version,
        "language": language,
        "licence": "Placeholder wording made for a test.",
        "items": {item.link_id: f"{language} wording of {item.link_id}" for item in known.items},
        "options": options,
    } | changed


def write(folder: Path, *packs: object) -> Path:
    for number, pack in enumerate(packs):
        (folder / f"pack-{number}.json").write_text(json.dumps(pack), encoding="utf-8")
    return folder


def refusal(folder: Path, *packs: object) -> str:
    with pytest.raises(ContentPackRefused) as refused:
        with_content(write(folder, *packs))
    return str(refused.value)


@pytest.mark.parametrize(
    "code", ["audit", "dast-10", "c-ssrs-screener", "who-5", "bam-r", "promis-global-10"]
)
def test_a_pack_adds_wording_and_its_licence(tmp_path: Path, code: str) -> None:
    known = with_content(write(tmp_path, pack_for(instrument(code)))).instrument(code)

    assert all(item.text == f"en wording of {item.link_id}" for item in known.items)
    assert all(option.texts["en"] for item in known.items for option in item.options)
    assert known.questionnaire.copyright.startswith(instrument(code).questionnaire.copyright)
    assert "Placeholder wording made for a test." in known.questionnaire.copyright


def test_the_catalogue_that_ships_stays_as_it_is(tmp_path: Path) -> None:
    with_content(write(tmp_path, pack_for(instrument("audit"))))
    assert all(item.text is None for item in instrument("audit").items)
    assert [known.code for known in with_content(tmp_path).current()] == [
        known.code for known in CATALOGUE.current()
    ]


def without_texts(value: Any) -> Any:
    """The resource without its texts: what a pack must not be able to change."""
    if isinstance(value, list):
        return [without_texts(each) for each in value]
    if not isinstance(value, dict):
        return value
    hidden = {"text", "_text", "display", "_display", "copyright"}
    return {key: without_texts(each) for key, each in value.items() if key not in hidden}


@pytest.mark.parametrize("language", ["en", "es"])
def test_codes_values_and_scoring_are_untouched(tmp_path: Path, language: str) -> None:
    before = instrument("dast-10")
    after = with_content(write(tmp_path, pack_for(before, language))).instrument("dast-10")
    answers = {item.link_id: "yes" for item in before.items}

    assert without_texts(after.fhir) == without_texts(before.fhir)
    assert (after.scoring, after.bands, after.flags) == (before.scoring, before.bands, before.flags)
    assert score(after, answers) == score(before, answers)


def test_another_language_is_a_translation_beside_the_english(tmp_path: Path) -> None:
    known = with_content(write(tmp_path, pack_for(instrument("phq-2"), "es"))).instrument("phq-2")
    first = known.by_link_id["phq9-1"]

    assert first.texts == {"en": "Little interest or pleasure in doing things", "es": "es wording of phq9-1"}
    assert first.options[3].texts == {"en": "Nearly every day", "es": "es option 3"}
    served = next(item for item in known.questionnaire.item if item.link_id == "phq9-1").model_dump(
        by_alias=True
    )
    assert served["_text"]["extension"][0]["url"] == "http://hl7.org/fhir/StructureDefinition/translation"


def test_two_languages_of_one_instrument(tmp_path: Path) -> None:
    audit = instrument("audit")
    known = with_content(write(tmp_path, pack_for(audit), pack_for(audit, "es"))).instrument("audit")
    assert set(known.items[0].texts) == set(known.items[0].options[0].texts) == {"en", "es"}


def test_wording_that_ships_is_not_replaced(tmp_path: Path) -> None:
    told = refusal(tmp_path, pack_for(instrument("phq-9")))
    assert told.startswith(
        "content pack pack-0.json: has wording in this language, which is not replaced: phq9-1"
    )


def test_two_packs_of_one_language_are_refused(tmp_path: Path) -> None:
    assert "pack-1.json: has wording" in refusal(
        tmp_path, pack_for(instrument("pacs")), pack_for(instrument("pacs"))
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"code": "phq-8"}, "no instrument of this code and version"),
        ({"version": "7.0.0"}, "no instrument of this code and version"),
        ({"items": {"pacs-1": "only one"}}, "no wording for pacs-2, pacs-3, pacs-4, pacs-5"),
        ({"options": {}}, "no wording for option 0 of pacs-1"),
        ({"items": {"other-1": "text"}}, "there is no other-1"),
        ({"options": {"pacs-1": {"9": "text"}}}, "there is no option 9 of pacs-1"),
        ({"options": {"pacs-1": {"x": "text"}}}, "options.pacs-1.x.[key]: int_parsing"),
        ({"items": {"pacs-1": "  "}}, "items.pacs-1: string_too_short"),
        ({"items": {"pacs-1": "\ud800"}}, "items.pacs-1: string_unicode"),
        ({"items": {"pacs-1": 5}}, "items.pacs-1: string_type"),
        ({"licence": ""}, "licence: string_too_short"),
        ({"language": "english"}, "language: string_pattern_mismatch"),
        ({"scoring": {"kind": "sum"}}, "scoring: extra_forbidden"),
    ],
)
def test_a_bad_pack_is_refused_with_its_reason(
    tmp_path: Path, changed: dict[str, object], reason: str
) -> None:
    told = refusal(tmp_path, pack_for(instrument("pacs")) | changed)
    assert told.startswith("content pack pack-0.json: ")
    assert reason in told


def test_a_pack_without_a_licence_statement_is_refused(tmp_path: Path) -> None:
    pack = pack_for(instrument("pacs"))
    del pack["licence"]
    assert "licence: missing" in refusal(tmp_path, pack)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.json").write_bytes(content)
    with pytest.raises(ContentPackRefused, match=r"broken\.json: not readable as JSON"):
        with_content(tmp_path)


def test_a_list_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, []) == "content pack pack-0.json: not a JSON object"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentPackRefused, match="does not exist"):
        with_content(tmp_path / "nowhere")


def test_an_empty_folder_and_other_files_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("about the packs", encoding="utf-8")
    assert with_content(tmp_path).current() == CATALOGUE.current()
