"""The change between two totals."""

import pytest

from app.instruments.catalogue import current, instrument
from app.instruments.change import Change, change

PUBLISHED = {"phq-9": 6, "gad-7": 4, "pcl-5": 15}


@pytest.mark.parametrize(("code", "number"), PUBLISHED.items())
def test_reliable_from_the_published_number_on_in_both_directions(code: str, number: int) -> None:
    known = instrument(code)
    assert change(known, 20, None, 20 - number).reliable is True
    assert change(known, 20 - number, None, 20).reliable is True
    assert change(known, 20, None, 20 - number + 1).reliable is False


def test_no_number_no_verdict() -> None:
    without = {known.code for known in current() if known.code not in PUBLISHED}
    assert {code for code in without if change(instrument(code), 40, 10, 10).reliable is not None} == set()


def test_who_5_has_a_meaningful_difference_but_no_reliable_one() -> None:
    numbers = instrument("who-5").change
    assert numbers is not None
    assert (numbers.meaningful, numbers.reliable) == (10, None)


def test_the_baseline_decides_and_without_it_the_previous() -> None:
    phq = instrument("phq-9")
    assert change(phq, 14, 11, 16) == Change(3, -2, reliable=False)
    assert change(phq, 14, 8, 13) == Change(6, 1, reliable=False)
    assert change(phq, 14, 8, None) == Change(6, None, reliable=True)


def test_nothing_to_compare_with_is_unknown() -> None:
    phq = instrument("phq-9")
    assert change(phq, 14, None, None) == Change(None, None, reliable=None)
    assert change(phq, None, 8, 8) == Change(None, None, reliable=None)
