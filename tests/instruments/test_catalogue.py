"""The catalogue and the files that it is made of."""

import json
from pathlib import Path

import pytest

from app.instruments import catalogue
from app.instruments.catalogue import CATALOGUE, Catalogue, UnknownInstrument, current, instrument
from app.instruments.fhir import Questionnaire
from app.instruments.questionnaire import Instrument, instrument_from
from app.instruments.scheme import AnyItem, AtLeast, Below, Composites, Exceeds, Sum, Symptoms, Triage

DATA = Path(catalogue.__file__).parent / "data"
LOINC = json.loads((Path(__file__).parent / "data/loinc.json").read_text(encoding="utf-8"))
CODES = [
    "audit", "audit-c", "bam-r", "barc-10", "c-ssrs-screener", "craving-nrs", "dast-10", "ders-16",
    "gad-2", "gad-7", "pacs", "pcl-5", "phq-2", "phq-9", "promis-global-10", "who-5",
]  # fmt: skip
WITH_WORDING = {"phq-9", "phq-2", "gad-7", "gad-2", "pcl-5", "craving-nrs"}

each_instrument = pytest.mark.parametrize("known", current(), ids=lambda known: known.code)


def in_version(version: str) -> Instrument:
    base = instrument("phq-2")
    questionnaire = base.questionnaire.model_copy(update={"version": version})
    return instrument_from(questionnaire, base.model_copy(update={"version": version}))


def referred_items(known: Instrument) -> set[str]:
    """Every linkId that the scoring of an instrument names."""
    named = {critical.item for critical in known.critical} | set(known.scoring.items) | set(known.aliases)
    match known.scoring:
        case Sum():
            named |= {item for items in known.scoring.subscales.values() for item in items}
        case Triage():
            named |= {item for level in known.scoring.levels for item in level.any_of}
        case Composites():
            pass
    if not isinstance(known.scoring, Triage):
        named |= {item for recode in known.scoring.recode for item in recode.items}
    for flag in known.flags:
        match flag:
            case AnyItem():
                named |= set(flag.items)
            case Exceeds():
                named |= {flag.limit, *flag.items}
            case Symptoms():
                named |= {item for group in flag.groups for item in group.items} | set(flag.from_value_of)
            case AtLeast() | Below():
                pass
    return named


def test_the_catalogue_holds_the_instruments_of_the_programme() -> None:
    assert [known.code for known in current()] == CODES


def test_without_a_version_the_newest_is_meant_and_ten_is_newer_than_nine() -> None:
    several = Catalogue(in_version(version) for version in ("1.9.0", "1.10.0", "1.2.0"))

    assert several.instrument("phq-2").version == "1.10.0"
    assert several.instrument("phq-2", "1.2.0").version == "1.2.0"
    assert [known.version for known in several.current()] == ["1.10.0"]


@pytest.mark.parametrize(("code", "version"), [("phq-8", None), ("phq-9", "9.9.9"), ("", None)])
def test_an_unknown_instrument_or_version_is_refused(code: str, version: str | None) -> None:
    with pytest.raises(UnknownInstrument):
        instrument(code, version)


def test_two_halves_of_different_versions_are_refused() -> None:
    with pytest.raises(ValueError, match="different versions"):
        instrument_from(
            instrument("phq-2").questionnaire.model_copy(update={"version": "2.0.0"}), instrument("phq-2")
        )


@each_instrument
def test_what_is_served_is_the_file(known: Instrument) -> None:
    file = DATA / known.code / f"{known.version}.json"
    assert known.fhir == json.loads(file.read_text(encoding="utf-8"))
    assert Questionnaire.model_validate(known.fhir) == known.questionnaire


def test_every_file_of_the_folder_belongs_to_an_instrument() -> None:
    expected = {DATA / k.code / f"{k.version}{end}" for k in current() for end in (".json", ".scoring.json")}
    assert {path for path in DATA.rglob("*") if path.is_file()} == expected


@each_instrument
def test_link_ids_are_unique(known: Instrument) -> None:
    link_ids = [item.link_id for item in known.questionnaire.every_item()]
    assert len(link_ids) == len(set(link_ids))


@each_instrument
def test_the_scoring_names_only_questions_that_exist(known: Instrument) -> None:
    assert referred_items(known) <= set(known.by_link_id)


@each_instrument
def test_options_have_values_and_whole_numbers_have_bounds(known: Instrument) -> None:
    for item in known.items:
        values = [option.value for option in item.options]
        if item.kind == "integer":
            assert item.minimum < item.maximum
        else:
            assert values == sorted(set(values)), f"{item.link_id}: options in the order of their values"
            assert len(values) > 1


@each_instrument
def test_the_bands_cover_the_range_of_the_total_without_gap_or_overlap(known: Instrument) -> None:
    if not isinstance(known.scoring, Sum) or not known.bands:
        return
    assert (known.bands[0].low, known.bands[-1].high) == (known.scoring.minimum, known.scoring.maximum)
    for band, following in zip(known.bands, known.bands[1:], strict=False):
        assert following.low == band.high + 1


def test_every_raw_promis_score_has_a_t_score_and_they_rise_together() -> None:
    scoring = instrument("promis-global-10").scoring
    assert isinstance(scoring, Composites)
    assert set(scoring.tables) == {"gph_t", "gmh_t"}
    for table in scoring.tables.values():
        low, high = scoring.ranges[table.of]
        assert list(table.values) == list(range(low, high + 1))
        assert list(table.values.values()) == sorted(set(table.values.values()))


@each_instrument
def test_loinc_codes_are_the_confirmed_ones_and_no_others(known: Instrument) -> None:
    confirmed = LOINC[known.code]
    panel = [coding.code for coding in known.questionnaire.code if coding.system == "http://loinc.org"]

    assert panel == ([confirmed["panel"]] if confirmed["panel"] else [])
    assert known.loinc == confirmed["results"] | ({"panel": confirmed["panel"]} if confirmed["panel"] else {})
    assert {item.link_id: item.loinc for item in known.items if item.loinc} == confirmed["items"]


@each_instrument
def test_where_loinc_has_no_confirmed_code_a_local_one_stands(known: Instrument) -> None:
    for item in known.questionnaire.every_item():
        if item.type != "display":
            assert item.code, item.link_id
            assert {coding.system for coding in item.code} <= {"http://loinc.org", "urn:handrail:item"}


@each_instrument
def test_no_wording_ships_beyond_what_its_licence_allows(known: Instrument) -> None:
    texts = [item.text for item in known.questionnaire.every_item() if item.text]
    displays = {text for item in known.items for option in item.options for text in option.texts.values()}
    if known.code in WITH_WORDING:
        assert known.licence.tier == 1
        assert all(item.text for item in known.items)
    else:
        assert texts == []
        assert displays <= {"Yes", "No"}, "generic words, not an instrument's"


@each_instrument
def test_wording_ships_in_english_only(known: Instrument) -> None:
    assert {language for item in known.items for language in item.texts} <= {"en"}


@each_instrument
def test_the_copyright_notice_is_kept(known: Instrument) -> None:
    notice = known.questionnaire.copyright
    assert ("LOINC® is a registered United States trademark" in notice) == (
        "http://loinc.org" in str(known.fhir["item"])
    )
    if known.code.startswith(("phq", "gad")):
        assert "Pfizer" in notice
        assert "No permission required to reproduce, translate, display or distribute" in notice
    if known.licence.tier > 1:
        assert "Item wording is not included" in notice


def test_the_served_resource_is_a_copy() -> None:
    instrument("phq-9").fhir["title"] = "changed"
    assert CATALOGUE.instrument("phq-9").fhir["title"] == "Patient Health Questionnaire-9"
