"""Writes the answers that ship with the demo from the published data sets; run by hand, not by the tests.

    python -m tests.data.prepare_demo_answers --nhanes phq9_items.csv --ukm Psychological_aspects.csv

NHANES: a table with one column per item, `phq9-1` to `phq9-9`; codes 7 (refused) and 9 (do not know) and
empty cells become empty. UKM: columns D1 to D9 (PHQ-9) and A1 to A7 (GAD-7). Everything else is left behind:
person numbers, body mass index, PSS-10, totals (whoever needs a total counts it).
"""

import argparse
import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

PHQ9 = [f"phq9-{item}" for item in range(1, 10)]
GAD7 = [f"gad7-{item}" for item in range(1, 8)]
OF_NHANES = {item: item for item in PHQ9}
OF_UKM = dict(zip(PHQ9, (f"D{n}" for n in range(1, 10)), strict=True)) | dict(
    zip(GAD7, (f"A{n}" for n in range(1, 8)), strict=True)
)
ANSWERS = {"0", "1", "2", "3"}
UNKNOWN = {"", "7", "9"}
TARGET = Path(__file__).parents[2] / "app" / "demo" / "data"


def prepare(source: Path, target: Path, columns: Mapping[str, str]) -> int:
    """Writes `columns` (ours: theirs) of `source` to `target`, counts rows; ValueError on a stray code."""
    with (
        source.open(encoding="utf-8-sig", newline="") as read,
        target.open("w", encoding="utf-8", newline="") as write,
    ):
        writer = csv.writer(write, lineterminator="\n")
        writer.writerow(columns)
        rows = list(_answers(csv.DictReader(read), columns))
        writer.writerows(rows)
    return len(rows)


def _answers(reader: Iterator[dict[str, str]], columns: Mapping[str, str]) -> Iterator[list[str]]:
    for row in reader:
        yield [_answer(row[theirs].strip()) for theirs in columns.values()]


def _answer(cell: str) -> str:
    if cell in UNKNOWN:
        return ""
    if cell not in ANSWERS:
        raise ValueError("an answer is 0 to 3, 7 (refused), 9 (do not know) or empty")
    return cell


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nhanes", type=Path, required=True)
    parser.add_argument("--ukm", type=Path, required=True)
    parser.add_argument("--into", type=Path, default=TARGET)
    asked = parser.parse_args()
    prepare(asked.nhanes, asked.into / "nhanes_phq9.csv", OF_NHANES)
    prepare(asked.ukm, asked.into / "ukm_phq9_gad7.csv", OF_UKM)


if __name__ == "__main__":
    main()
