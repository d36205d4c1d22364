"""Scores that cannot be given in full, triage, critical items and flags."""

import pytest

from app.instruments.catalogue import instrument
from app.instruments.scoring import Reason, score


def filled(code: str, value: int | str) -> dict[str, object]:
    """The same answer to every scored item."""
    return dict.fromkeys(instrument(code).scoring.items, value)


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([1, 1, 1, 1, 1, 1, 1, 0, None], 8),  # 7 x 9 / 8 = 7.875
        ([1, 1, 1, 1, 0, 0, 0, 0, None], 5),  # 4 x 9 / 8 = 4.5, half up
        ([3, 3, 3, 3, 3, 3, 2, None, None], 26),  # 20 x 9 / 7 = 25.71
        ([0, 0, 0, 0, 0, 0, 0, None, None], 0),
        ([3, 3, 3, 3, 3, 3, None, None, None], None),
    ],
)
def test_phq_9_counts_the_mean_for_up_to_two_items(values: list[int | None], total: int | None) -> None:
    result = score(instrument("phq-9"), {f"phq9-{n}": value for n, value in enumerate(values, start=1)})
    assert result.total == total
    assert result.reason == (None if total is not None else Reason.UNANSWERED)


@pytest.mark.parametrize("missing", [{"phq9-9": None}, {}])
def test_phq_9_item_9_unanswered_is_unknown_and_not_0(missing: dict[str, None]) -> None:
    answers = {f"phq9-{n}": 0 for n in range(1, 9)} | missing
    result = score(instrument("phq-9"), answers)
    assert result.unanswered == ("phq9-9",)
    assert result.critical_items == ()
    assert result.flags["prorated"]


def test_phq_9_item_9_is_critical_even_when_no_total_can_be_given() -> None:
    result = score(instrument("phq-9"), {"phq9-9": "LA6569-3"})
    assert (result.total, result.severity, result.reason) == (None, None, Reason.UNANSWERED)
    assert result.critical_items == ("phq9-9",)


def test_the_difficulty_question_of_phq_9_is_not_scored() -> None:
    plain = score(instrument("phq-9"), filled("phq-9", 1))
    assert score(instrument("phq-9"), filled("phq-9", 1) | {"phq9-10": "LA6574-3"}) == plain
    assert plain.unanswered == ()


def test_gad_7_counts_the_mean_for_one_item_and_says_that_this_is_our_choice() -> None:
    one = score(instrument("gad-7"), {f"gad7-{n}": 2 for n in range(1, 7)})
    two = score(instrument("gad-7"), {f"gad7-{n}": 2 for n in range(1, 6)})
    assert (one.total, one.severity, one.unanswered) == (14, "moderate", ("gad7-7",))
    assert (two.total, two.reason) == (None, Reason.UNANSWERED)
    assert instrument("gad-7").scoring.missing.basis == "design"


@pytest.mark.parametrize(
    "code", ["phq-2", "gad-2", "audit-c", "dast-10", "pcl-5", "who-5", "barc-10", "ders-16", "pacs"]
)
def test_without_a_published_rule_every_item_is_required(code: str) -> None:
    answer = "no" if code == "dast-10" else 1
    answers = filled(code, answer)
    last = list(answers)[-1]
    result = score(instrument(code), answers | {last: None})
    assert (result.total, result.severity, result.reason) == (None, None, Reason.UNANSWERED)
    assert result.unanswered == (last,)
    assert score(instrument(code), answers).total is not None


def test_a_subscale_answered_whole_is_given_without_the_total() -> None:
    result = score(instrument("pcl-5"), {f"pcl5-{n}": 2 for n in range(1, 8)})
    assert result.total is None
    assert result.subscales == {"B": 10, "C": 4}


def test_audit_items_2_to_8_may_be_skipped_by_who_never_drinks() -> None:
    result = score(instrument("audit"), {"audit-1": 0, "audit-9": 2, "audit-10": 0})
    assert (result.total, result.severity, result.unanswered) == (2, "low-risk-zone-I", ())
    assert result.subscales == {"consumption_audit_c": 0, "dependence": 0, "harm": 2}
    assert "prorated" not in result.flags


def test_audit_items_2_to_8_may_not_be_skipped_by_who_drinks() -> None:
    result = score(instrument("audit"), {"audit-1": 1, "audit-9": 2, "audit-10": 0})
    assert (result.total, result.reason) == (None, Reason.UNANSWERED)
    assert result.unanswered == tuple(f"audit-{n}" for n in range(2, 9))


def test_audit_answers_that_the_form_would_have_skipped_count() -> None:
    answers = {"audit-1": 0, "audit-4": 3, "audit-9": 0, "audit-10": 0}
    assert score(instrument("audit"), answers).total == 3


@pytest.mark.parametrize(
    ("total", "severity", "women", "men"),
    [(2, "negative", False, False), (3, "positive-for-women", True, False), (4, "positive", True, True)],
)
def test_audit_c_says_where_its_cut_depends_on_sex(total: int, severity: str, women: bool, men: bool) -> None:
    result = score(instrument("audit-c"), {"audit-1": total, "audit-2": 0, "audit-3": 0})
    assert result.severity == severity
    assert (result.flags["positive_female_3"], result.flags["positive_male_4"]) == (women, men)


def test_dast_10_withdrawal_is_critical() -> None:
    assert score(instrument("dast-10"), {"dast10-9": "yes"}).critical_items == ("dast10-9",)
    assert score(instrument("dast-10"), {"dast10-9": "no"}).critical_items == ()


def test_who_5_is_four_times_the_sum() -> None:
    assert score(instrument("who-5"), filled("who-5", 5)).total == 100
    assert score(instrument("who-5"), filled("who-5", 1)).severity == "poor-wellbeing"


def test_promis_has_t_scores_for_each_complete_scale_and_no_total() -> None:
    result = score(
        instrument("promis-global-10"), {"global02": 3, "global04": 3, "global05": 3, "global10r": 3}
    )
    assert (result.total, result.reason) == (None, Reason.NO_TOTAL)
    assert result.subscales == {"gmh_raw": 12, "gmh_t": 43.5}
    assert result.unanswered == ("global03", "global06", "global07", "global08r")


@pytest.mark.parametrize(
    ("pain", "physical"), [(0, 17), (1, 16), (3, 16), (4, 15), (6, 15), (7, 14), (9, 14), (10, 13)]
)
def test_promis_recodes_pain(pain: int, physical: int) -> None:
    answers = {"global03": 4, "global06": 4, "global08r": 4, "global07": pain}
    assert score(instrument("promis-global-10"), answers).subscales["gph_raw"] == physical


def test_bam_r_criticals() -> None:
    assert score(instrument("bam-r"), {"bam-8": 3, "bam-9": 1}).critical_items == ("bam-8", "bam-9")
    assert score(instrument("bam-r"), {"bam-8": 2, "bam-9": 2}).critical_items == ()


def test_any_use_is_told_as_soon_as_it_is_known_and_denied_only_when_all_is_known() -> None:
    assert score(instrument("bam-r"), {"bam-6": 1}).flags["any_use"]
    assert "any_use" not in score(instrument("bam-r"), {"bam-4": 0, "bam-5": 0}).flags
    assert not score(instrument("bam-r"), {"bam-4": 0, "bam-5": 0, "bam-6": 0}).flags["any_use"]


def test_bam_r_tells_days_of_one_drug_beyond_the_days_of_any() -> None:
    assert score(instrument("bam-r"), {"bam-6": 2, "bam-7c": 3}).flags["drug_class_days_exceed_drug_days"]


def test_provisional_ptsd_is_told_when_the_open_items_cannot_change_it() -> None:
    symptoms = {"pcl5-1": 2, "pcl5-6": 2, "pcl5-8": 2, "pcl5-9": 2, "pcl5-15": 2, "pcl5-16": 2}
    assert score(instrument("pcl-5"), symptoms).flags["provisional_ptsd_dsm5"]
    assert not score(instrument("pcl-5"), {"pcl5-6": 1, "pcl5-7": 1}).flags["provisional_ptsd_dsm5"]
    assert "provisional_ptsd_dsm5" not in score(instrument("pcl-5"), {"pcl5-6": 1}).flags


@pytest.mark.parametrize(("item_9", "told"), [(0, False), (1, True)])
def test_the_depressive_syndrome_counts_item_9_from_1_and_the_others_from_2(item_9: int, told: bool) -> None:
    four_symptoms = {"phq9-1": 2, "phq9-2": 2, "phq9-3": 2, "phq9-4": 2, "phq9-5": 1}
    answers = filled("phq-9", 0) | four_symptoms | {"phq9-9": item_9}
    assert score(instrument("phq-9"), answers).flags["mds_algorithm"] is told


def risk(**answers: str | None) -> str | None:
    """The triage of answers given as q1="yes" … q6="yes" (lifetime), recent="yes" (three months)."""
    names = {"q6": "cssrs-6-lifetime", "recent": "cssrs-6-3months"}
    return score(
        instrument("c-ssrs-screener"),
        {names.get(key, f"cssrs-{key[1:]}"): value for key, value in answers.items()},
    ).severity


def test_c_ssrs_is_none_only_when_everything_asked_was_answered() -> None:
    assert risk(q1="no", q2="no", q6="no") == "none"
    assert risk() == "incomplete"


@pytest.mark.parametrize("left_out", ["q1", "q2", "q6"])
def test_c_ssrs_with_1_2_or_6_unanswered_is_incomplete_and_never_none(left_out: str) -> None:
    answers: dict[str, str | None] = {"q1": "no", "q2": "no", "q6": "no"}
    assert risk(**(answers | {left_out: None})) == "incomplete"


def test_c_ssrs_with_2_yes_needs_3_to_5() -> None:
    assert risk(q1="yes", q2="yes", q6="no") == "incomplete"
    assert risk(q1="yes", q2="yes", q3="no", q4="no", q5="no", q6="no") == "low"


@pytest.mark.parametrize(
    ("known", "level"), [("q4", "high"), ("q5", "high"), ("recent", "high"), ("q3", "moderate")]
)
def test_c_ssrs_high_and_moderate_stand_though_the_rest_is_unanswered(known: str, level: str) -> None:
    assert risk(**{known: "yes"}) == level


def test_c_ssrs_low_with_behaviour_unanswered_is_incomplete_which_is_more_urgent() -> None:
    assert risk(q1="yes", q2="no") == "incomplete"


def test_c_ssrs_yes_counts_where_the_form_would_have_skipped() -> None:
    assert risk(q1="no", q2="no", q5="yes", q6="no") == "high"
    assert risk(q1="no", q2="no", q6="no", recent="yes") == "high"


def test_c_ssrs_names_what_is_open_and_every_yes_is_critical() -> None:
    result = score(
        instrument("c-ssrs-screener"), {"cssrs-1": "yes", "cssrs-2": "no", "cssrs-6-lifetime": "yes"}
    )
    assert (result.total, result.reason) == (None, Reason.NO_TOTAL)
    assert result.unanswered == ("cssrs-6-3months",)
    assert result.critical_items == ("cssrs-1", "cssrs-6-lifetime")
