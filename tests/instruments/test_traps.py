"""Mistakes that public code makes with these instruments."""

import json

import pytest

from app.instruments.catalogue import current, instrument
from app.instruments.scheme import Composites, Sum
from app.instruments.scoring import score

EVERYTHING = json.dumps([known.fhir for known in current()])


def test_the_totals_of_audit_and_audit_c_are_not_swapped() -> None:
    assert instrument("audit").loinc["total"] == "75624-7"
    assert instrument("audit-c").loinc["total"] == "75626-2"


@pytest.mark.parametrize("code", ["76504-0", "68517-2"])
def test_no_code_of_another_instrument_stands_for_audit_c(code: str) -> None:
    assert code not in EVERYTHING
    assert code not in str([known.loinc for known in current()])


def test_the_panel_of_pcl_c_does_not_stand_for_pcl_5() -> None:
    assert "70221-7" not in EVERYTHING


def test_extremely_difficult_is_above_very_difficult_although_its_code_is_below() -> None:
    words = {
        word: option.value
        for option in instrument("phq-9").by_link_id["phq9-10"].options
        for word in option.words
    }
    assert words == {"LA6572-7": 0, "LA6573-5": 1, "LA6575-0": 2, "LA6574-3": 3}
    assert instrument("phq-9").by_link_id["phq9-10"].options[3].texts["en"] == "Extremely difficult"


@pytest.mark.parametrize("code", ["gad-7", "gad-2"])
def test_gad_item_2_has_an_answer_of_its_own_at_value_2(code: str) -> None:
    items = [item.link_id for item in instrument(code).items]
    either = [
        score(instrument(code), dict.fromkeys(items, 1) | {"gad7-2": a}) for a in ("LA18938-3", "LA6570-1", 2)
    ]
    assert either[0] == either[1] == either[2]
    assert either[0].total == len(items) + 1


def test_zero_on_gad_7_is_not_at_all() -> None:
    for item in instrument("gad-7").items:
        assert (item.options[0].value, item.options[0].texts["en"]) == (0, "Not at all")
    assert "Not at all sure" not in EVERYTHING


def test_bam_protective_items_are_not_reversed_and_there_is_no_total() -> None:
    items = ("bam-9", "bam-10", "bam-12", "bam-13", "bam-14", "bam-16")
    least = score(instrument("bam-r"), dict.fromkeys(items, 0) | {"bam-14": "no"})
    most = score(instrument("bam-r"), dict.fromkeys(items, 30) | {"bam-9": 4, "bam-12": 4, "bam-14": "yes"})
    assert (least.subscales["protective"], most.subscales["protective"]) == (0, 180)
    assert (most.total, most.reason) == (None, "no_total")


@pytest.mark.parametrize(
    ("answers", "columbia"),
    [
        ({"cssrs-1": "yes", "cssrs-2": "yes", "cssrs-3": "no", "cssrs-4": "yes", "cssrs-5": "no"}, "high"),
        ({"cssrs-1": "no", "cssrs-2": "no", "cssrs-6-lifetime": "yes", "cssrs-6-3months": "no"}, "moderate"),
    ],
)
def test_c_ssrs_follows_columbia_where_another_mapper_disagrees(
    answers: dict[str, str], columbia: str
) -> None:
    assert score(instrument("c-ssrs-screener"), {"cssrs-6-lifetime": "no"} | answers).severity == columbia


def test_no_answer_code_ships_for_the_risk_level_because_its_meaning_is_disputed() -> None:
    assert "LA9194-7" not in EVERYTHING


@pytest.mark.parametrize("yes", ["yes", "LA33-6"])
def test_a_plan_with_intent_is_never_no_risk_in_whatever_form_it_is_answered(yes: str) -> None:
    answers = {
        "cssrs-1": "no",
        "cssrs-2": yes,
        "cssrs-3": "no",
        "cssrs-4": "no",
        "cssrs-5": yes,
        "cssrs-6-lifetime": "no",
    }
    assert score(instrument("c-ssrs-screener"), answers).severity == "high"


def test_no_code_is_claimed_for_a_section_of_the_safety_plan() -> None:
    assert not any(f"7{number}-1" in EVERYTHING for number in range(6689, 6695))


def test_ders_16_has_no_wording_and_no_reversed_item() -> None:
    ders = instrument("ders-16")
    assert isinstance(ders.scoring, Sum)
    assert ders.scoring.recode == ()
    assert all(item.texts == {} and not any(option.texts for option in item.options) for item in ders.items)


def test_only_the_reversals_that_were_published_exist() -> None:
    recoded = {
        item
        for known in current()
        if isinstance(known.scoring, Sum | Composites)
        for recode in known.scoring.recode
        for item in recode.items
        if recode.to[min(recode.to)] > recode.to[max(recode.to)]
    }
    assert recoded == {"dast10-3", "global07"}
