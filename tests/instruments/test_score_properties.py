"""Properties that hold for any answers to any instrument."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.instruments.answers import UnacceptableAnswers, check, normal
from app.instruments.catalogue import current
from app.instruments.questionnaire import Instrument, Item
from app.instruments.scheme import Sum
from app.instruments.scoring import score

INSTRUMENTS = st.sampled_from(current())
SUMS = st.sampled_from([known for known in current() if isinstance(known.scoring, Sum)])
LINK_IDS = st.sampled_from([item.link_id for known in current() for item in known.items]) | st.text(
    max_size=20
)
ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.integers(0, 4) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["yes", "no", "LA6570-1", "LA18938-3"]) | st.lists(st.integers(), max_size=2)
)  # fmt: skip


def accepted(item: Item) -> list[int | str]:
    if item.kind == "integer":
        return list(range(item.minimum, item.maximum + 1))
    return list(item.accepted)


def answered(known: Instrument, *, fully: bool = False) -> st.SearchStrategy[dict[str, object]]:
    """Acceptable answers; unless fully, some items are None and some are absent."""
    each = {item.link_id: st.sampled_from(accepted(item)) for item in known.items}
    if fully:
        return st.fixed_dictionaries(each)
    return st.fixed_dictionaries({}, optional={key: st.none() | values for key, values in each.items()})


def ascending(item: Item) -> list[int | str]:
    """One accepted answer for each value, from the lowest value up."""
    if item.kind == "integer":
        return accepted(item)
    return [option.value if item.kind == "choice" else option.words[-1] for option in item.options]


@given(INSTRUMENTS, st.dictionaries(LINK_IDS, ANYTHING, max_size=6))
def test_check_accepts_exactly_what_score_does_not_refuse(
    known: Instrument, answers: dict[str, object]
) -> None:
    try:
        score(known, answers)
        refused = False
    except UnacceptableAnswers:
        refused = True
    assert refused == bool(check(known, answers))


@given(st.data(), INSTRUMENTS)
def test_acceptable_answers_are_scored_however_few(data: st.DataObject, known: Instrument) -> None:
    answers = data.draw(answered(known))
    result = score(known, answers)
    assert check(known, answers) == []
    assert (result.total is None) == (result.reason is not None)
    if isinstance(known.scoring, Sum) and result.total is not None:
        assert known.scoring.minimum <= result.total <= known.scoring.maximum
        assert (result.severity is not None) == bool(known.bands)


@given(st.data(), INSTRUMENTS)
def test_none_and_absent_are_the_same(data: st.DataObject, known: Instrument) -> None:
    answers = data.draw(answered(known))
    assert score(known, answers) == score(
        known, {key: value for key, value in answers.items() if value is not None}
    )


@given(st.data(), INSTRUMENTS)
def test_normal_answers_score_the_same_and_are_their_own_normal_form(
    data: st.DataObject, known: Instrument
) -> None:
    answers = data.draw(answered(known))
    once = normal(known, answers)
    assert score(known, once) == score(known, answers)
    assert normal(known, once) == once


@given(st.data(), SUMS)
def test_raising_an_item_that_is_not_reversed_never_lowers_the_total(
    data: st.DataObject, known: Instrument
) -> None:
    assert isinstance(known.scoring, Sum)
    answers = data.draw(answered(known, fully=True))
    reversed_items = {item for recode in known.scoring.recode for item in recode.items}
    raised = data.draw(st.sampled_from([item for item in known.scoring.items if item not in reversed_items]))
    totals = [total_with(known, answers, {raised: value}) for value in ascending(known.by_link_id[raised])]
    assert all(low < high for low, high in pairwise(totals))


@given(st.data(), SUMS)
def test_raising_a_reversed_item_lowers_the_total(data: st.DataObject, known: Instrument) -> None:
    assert isinstance(known.scoring, Sum)
    answers = data.draw(answered(known, fully=True))
    for item in (item for recode in known.scoring.recode for item in recode.items):
        totals = [total_with(known, answers, {item: value}) for value in ascending(known.by_link_id[item])]
        assert all(low > high for low, high in pairwise(totals))


def total_with(known: Instrument, answers: Mapping[str, object], change: Mapping[str, object]) -> float:
    total = score(known, {**answers, **change}).total
    assert total is not None
    return total


@given(st.data(), INSTRUMENTS)
def test_an_unanswered_item_is_named_and_not_counted_as_0(data: st.DataObject, known: Instrument) -> None:
    answers = data.draw(answered(known, fully=True))
    left_out = data.draw(st.sampled_from(known.scoring.items))
    result = score(known, {**answers, left_out: None})

    asked = known.by_link_id[left_out].asked
    if asked is None:
        assert left_out in result.unanswered
    assert left_out not in result.critical_items
    if isinstance(known.scoring, Sum) and left_out in result.unanswered:
        may = known.scoring.missing.prorate_up_to > 0
        assert result.total == (mean_of_the_others(known, known.scoring, answers, left_out) if may else None)


def mean_of_the_others(known: Instrument, scoring: Sum, answers: Mapping[str, object], left_out: str) -> int:
    """The whole number nearest to the mean of the others times all, the upper one of two; by trying all."""
    values = normal(known, {**answers, left_out: None})
    others = [int(values[item]) for item in scoring.items if item != left_out]
    exact = Fraction(sum(others) * len(scoring.items), len(others))
    return min(range(scoring.maximum + 1), key=lambda whole: (abs(whole - exact), -whole))


@given(st.data(), INSTRUMENTS)
def test_the_order_of_the_answers_does_not_matter(data: st.DataObject, known: Instrument) -> None:
    answers = data.draw(answered(known))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))
    assert score(known, shuffled) == score(known, answers)


@given(st.data())
def test_c_ssrs_one_more_yes_never_lowers_the_risk(data: st.DataObject) -> None:
    order = ["none", "low", "incomplete", "moderate", "high"]
    known = next(each for each in current() if each.code == "c-ssrs-screener")
    answers = data.draw(answered(known))
    item = data.draw(st.sampled_from([each.link_id for each in known.items]))
    before, after = score(known, answers).severity, score(known, {**answers, item: "yes"}).severity
    assert before is not None
    assert after is not None
    if answers.get(item) not in ("yes", "LA33-6"):
        assert order.index(after) >= order.index(before) or (before, after) == ("incomplete", "low")
    assert after != "none"
