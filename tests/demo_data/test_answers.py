"""The real rows are all there, and nothing about the people but their answers."""

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import pytest

from app.demo.answers import GAD7_ITEMS, PHQ9_ITEMS, gad7_rows, phq9_rows
from tests.data.prepare_demo_answers import OF_NHANES, OF_UKM, prepare

NHANES, UKM = 5_533, 223
# People of NHANES by the number of items that they left unanswered: nine means the whole page.
UNANSWERED = {0: 5_068, 1: 15, 2: 3, 3: 1, 4: 1, 8: 5, 9: 440}


def complete(rows: Sequence[dict[str, int | None]]) -> list[list[int]]:
    return [answers for row in rows if len(answers := [a for a in row.values() if a is not None]) == len(row)]


def test_every_row_is_there() -> None:
    assert len(phq9_rows()) == NHANES + UKM
    assert len(gad7_rows()) == UKM


def test_a_row_has_the_items_and_the_answers_of_the_instrument() -> None:
    for rows, items in ((phq9_rows(), PHQ9_ITEMS), (gad7_rows(), GAD7_ITEMS)):
        assert {tuple(row) for row in rows} == {items}
        assert {answer for row in rows for answer in row.values()} <= {0, 1, 2, 3, None}


def test_nhanes_agrees_with_its_published_counts() -> None:
    nhanes = phq9_rows()[:NHANES]
    assert len(complete(nhanes)) == 5_068
    assert sum((row["phq9-9"] or 0) >= 1 for row in nhanes) == 192
    unanswered = Counter(sum(answer is None for answer in row.values()) for row in nhanes)
    assert unanswered == UNANSWERED


def test_ukm_agrees_with_its_published_counts() -> None:
    ukm = complete(phq9_rows()[NHANES:])
    assert len(ukm) == len(complete(gad7_rows())) == UKM
    assert round(sum(map(sum, ukm)) / UKM, 1) == 8.8
    assert sum(answers[8] >= 1 for answers in ukm) == 65


def test_both_questionnaires_of_ukm_stand_in_the_same_order() -> None:
    first, second = zip(phq9_rows()[NHANES:], gad7_rows(), strict=True), [(2, 0), (6, 3)]
    totals = [(sum(filter(None, phq9.values())), sum(filter(None, gad7.values()))) for phq9, gad7 in first]
    assert totals[:2] == second
    assert totals[-2:] == [(6, 7), (8, 6)]


def test_nothing_but_answers_is_kept() -> None:
    data = files("app.demo") / "data"
    for name, items in (("nhanes_phq9.csv", PHQ9_ITEMS), ("ukm_phq9_gad7.csv", PHQ9_ITEMS + GAD7_ITEMS)):
        assert tuple((data / name).read_text().splitlines()[0].split(",")) == items
    assert "Permission is hereby granted" in (data / "LICENSE.ukm_phq9_gad7").read_text()
    assert "statistical reporting" in (data / "NOTICE.nhanes_phq9").read_text()


def test_preparing_drops_the_person_and_empties_refusals(tmp_path: Path) -> None:
    source, target = tmp_path / "published.csv", tmp_path / "ours.csv"
    items = ",".join(PHQ9_ITEMS)
    source.write_text(f"\ufeffseqn,{items},computed_total\n93705,0,1,2,3,7,9,,0,1,6\n", encoding="utf-8")
    assert prepare(source, target, OF_NHANES) == 1
    assert target.read_text() == f"{items}\n0,1,2,3,,,,0,1\n"


def test_preparing_renames_the_students_columns(tmp_path: Path) -> None:
    source, target = tmp_path / "published.csv", tmp_path / "ours.csv"
    theirs = [f"D{n}" for n in range(1, 10)] + [f"A{n}" for n in range(1, 8)] + ["S1", "BMI"]
    source.write_text(",".join(theirs) + "\n" + ",".join("0123012301230123") + ",4,19.15708812\n\n")
    prepare(source, target, OF_UKM)
    assert (
        target.read_text() == ",".join(PHQ9_ITEMS + GAD7_ITEMS) + "\n" + ",".join("0123012301230123") + "\n"
    )


def test_preparing_stops_at_a_code_that_is_no_answer(tmp_path: Path) -> None:
    source = tmp_path / "published.csv"
    source.write_text(f"{','.join(PHQ9_ITEMS)}\n0,0,0,0,0,0,0,0,4\n")
    with pytest.raises(ValueError, match="an answer is 0 to 3"):
        prepare(source, tmp_path / "ours.csv", OF_NHANES)
