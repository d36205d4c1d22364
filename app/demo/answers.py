"""Real answers to PHQ-9 and GAD-7, to be scored: `data/README.md` names their source and licence."""

import csv
from functools import cache
from importlib.resources import files
from typing import Final

PHQ9_ITEMS: Final = tuple(f"phq9-{item}" for item in range(1, 10))
GAD7_ITEMS: Final = tuple(f"gad7-{item}" for item in range(1, 8))


def phq9_rows() -> list[dict[str, int | None]]:
    """PHQ-9 answers 0 to 3 by item, `None` where refused or not known: 5,533 of NHANES, then 223 of UKM."""
    return _rows("nhanes_phq9.csv", PHQ9_ITEMS) + _rows("ukm_phq9_gad7.csv", PHQ9_ITEMS)


def gad7_rows() -> list[dict[str, int | None]]:
    """GAD-7 answers 0 to 3 by item: 223 of UKM, the people of the last 223 of `phq9_rows`, in their order."""
    return _rows("ukm_phq9_gad7.csv", GAD7_ITEMS)


@cache
def ukm_rows() -> tuple[dict[str, int], ...]:
    """Both questionnaires of the 223 people of UKM, each row one person, the lowest PHQ-9 total first.

    These alone stand for patients of the demonstration: their licence allows it, that of NHANES speaks of
    statistical reporting only.
    """
    phq9, gad7 = _rows("ukm_phq9_gad7.csv", PHQ9_ITEMS), gad7_rows()
    rows = [
        {item: answer for item, answer in (first | second).items() if answer is not None}
        for first, second in zip(phq9, gad7, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: sum(row[item] for item in PHQ9_ITEMS)))


def _rows(name: str, items: tuple[str, ...]) -> list[dict[str, int | None]]:
    with (files("app.demo") / "data" / name).open(encoding="utf-8") as table:
        return [
            {item: int(row[item]) if row[item] else None for item in items} for row in csv.DictReader(table)
        ]
