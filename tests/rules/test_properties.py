"""What is so for every condition over every history."""

import json
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.rules.conditions import AllOf, AnyOf, Change, Condition, Count, Not, Run, Threshold, Total
from app.rules.evaluate import Evidence, evaluate, explain, findings_from
from app.rules.floor import FLOOR, FLOOR_CODES, in_force
from app.rules.history import History
from app.rules.judge import judge
from app.rules.reading import Reading, Source
from app.rules.rule import RuleSet, Severity, is_rule_error
from tests.rules.arbitrary import (
    MOMENTS,
    NUMBERS,
    by_day,
    changes,
    conditions,
    counts,
    histories,
    leaves,
    readings,
    rolling_totals,
    runs,
    shifted,
    thresholds,
    unhurried,
)
from tests.rules.making import IN_UTC, NOW, reading, rule, rule_set

several = st.lists(conditions, min_size=1, max_size=3)


def ruled(*tests: Condition) -> RuleSet:
    return rule_set(*(rule(condition, f"test.r{index}") for index, condition in enumerate(tests)))


def truth(condition: Condition, past: History) -> bool | None:
    return judge(condition, past.until(NOW), NOW).truth


@unhurried
@given(several, readings(), st.randoms(use_true_random=False))
def test_the_order_in_which_readings_come_does_not_matter(
    tests: list[Condition], lived: list[Reading], random: Random
) -> None:
    mixed = random.sample(lived, len(lived))
    past, same = (History(some, enrolled_at=None, time_zone=IN_UTC) for some in (lived, mixed))
    assert evaluate(ruled(*tests), past, NOW) == evaluate(ruled(*tests), same, NOW)


def found_later(
    tests: list[Condition],
    lived: list[Reading],
    planned: list[Reading],
    enrolled_at: datetime | None,
    days: int,
) -> list[object]:
    """Which rules hold over which values, with everything moved by so many days."""
    by = timedelta(days=days)
    past = History(
        [shifted(r, days) for r in lived],
        enrolled_at=enrolled_at and enrolled_at + by,
        time_zone=IN_UTC,
        scheduled=[shifted(r, days) for r in planned],
    )
    return [
        (f.rule.code, [r[:2] for r in f.evidence.looked_at], [r[:2] for r in f.evidence.decisive])
        for f in evaluate(ruled(*tests), past, NOW + by)
    ]


@unhurried
@given(several, readings(), readings(NUMBERS), st.none() | MOMENTS, st.integers(-60, 60))
def test_whole_weeks_later_the_same_is_found(
    tests: list[Condition],
    lived: list[Reading],
    planned: list[Reading],
    enrolled_at: datetime | None,
    weeks: int,
) -> None:
    moved = found_later(tests, lived, planned, enrolled_at, 7 * weeks)
    assert moved == found_later(tests, lived, planned, enrolled_at, 0)


@unhurried
@given(by_day, readings(), st.none() | MOMENTS, st.integers(-60, 60))
def test_whole_days_later_the_same_is_found_by_what_knows_no_week(
    test: Condition, lived: list[Reading], enrolled_at: datetime | None, days: int
) -> None:
    moved = found_later([test], lived, [], enrolled_at, days)
    assert moved == found_later([test], lived, [], enrolled_at, 0)


@unhurried
@given(thresholds | runs | counts | rolling_totals, histories(NUMBERS), NUMBERS, NUMBERS)
def test_what_passes_a_higher_bar_passes_a_lower(
    test: Threshold | Run | Count | Total, past: History, one: float, other: float
) -> None:
    low, high = (
        test.model_copy(update={"op": ">=", "value": value}) for value in (min(one, other), max(one, other))
    )
    assert truth(high, past) is not True or truth(low, past) is True


@unhurried
@given(changes, histories(NUMBERS), st.integers(1, 10), st.integers(1, 10))
def test_what_changed_by_more_changed_by_less(test: Change, past: History, one: int, other: int) -> None:
    small, large = (test.model_copy(update={"by": by}) for by in (min(one, other), max(one, other)))
    assert truth(large, past) is not True or truth(small, past) is True


@unhurried
@given(several, histories())
def test_not_turns_true_and_false_around_and_leaves_unknown(tests: list[Condition], past: History) -> None:
    some = tuple(tests)
    opposites = tuple(Not.model_construct(condition=test) for test in some)
    assert truth(opposites[0], past) is {True: False, False: True, None: None}[truth(some[0], past)]
    none_hold = truth(Not.model_construct(condition=AnyOf.model_construct(conditions=some)), past)
    assert none_hold is truth(AllOf.model_construct(conditions=opposites), past)


@unhurried
@given(leaves)
def test_nothing_read_is_unknown_to_every_condition(test: Condition) -> None:
    assert truth(test, History([], enrolled_at=None, time_zone=IN_UTC)) is None


@unhurried
@given(several, histories())
def test_every_finding_is_found_again_from_its_stored_evidence(tests: list[Condition], past: History) -> None:
    for finding in evaluate(ruled(*tests), past, NOW):
        stored = Evidence.from_json(json.loads(json.dumps(finding.evidence.to_json())))
        assert stored == finding.evidence
        assert set(stored.decisive) <= set(stored.looked_at)
        explanation = explain(finding.rule, finding.version, stored, sentence=finding.sentence)
        assert explanation.same_sentence
        assert explanation.comparison == stored.comparison


@unhurried
@given(several, histories(st.floats() | st.text(max_size=5)))
def test_evaluate_is_total(tests: list[Condition], past: History) -> None:
    findings = evaluate(ruled(*tests), past, NOW)
    assert all(finding.sentence and not is_rule_error(finding.rule.code) for finding in findings)


def answers(past: History) -> list[Reading]:
    return [*past.of("craving"), *past.of("mood")]


@unhurried
@given(several, histories())
def test_an_answer_brings_to_light_what_it_decides_now_and_nothing_that_it_does_not(
    tests: list[Condition], past: History
) -> None:
    today = evaluate(ruled(*tests), past, NOW)
    for answer in answers(past):
        found = findings_from(ruled(*tests), past, answer.source, answer.at, NOW)
        codes = [finding.rule.code for finding in found]
        assert len(set(codes)) == len(codes)
        assert all(finding.stems_from(answer.source) for finding in found)
        assert {f.rule.code for f in today if f.stems_from(answer.source)} <= set(codes)
        for finding in found:
            assert explain(finding.rule, 1, finding.evidence, sentence=finding.sentence).same_sentence


FLOORED = st.sampled_from(
    [("feels_safe", 0.0), ("crisis", 1.0), ("phq9.item9", 2.0), ("cssrs.risk", "high"), ("cssrs.risk", "low")]
)


@unhurried
@given(FLOORED, st.integers(-20, 20), readings(), st.lists(st.integers(-20, 20), max_size=5))
def test_no_cry_for_help_is_lost_whenever_it_was_lived_and_whatever_was_answered_since(
    cry: tuple[str, float | str], quarters_ago: int, lived: list[Reading], reassuring: list[int]
) -> None:
    signal, value = cry
    calm = {"cssrs.risk": "none", "feels_safe": 1.0}.get(signal, 0.0)
    source = Source("check_in", UUID(int=500))
    answer = reading(signal, value, quarters_ago / 4, source=source)
    others = [
        reading(signal, calm, quarters / 4, source=Source("check_in", UUID(int=id_)))
        for id_, quarters in enumerate(reassuring, 498)
        if id_ != 500
    ]
    past = History([*lived, *others, answer], enrolled_at=None, time_zone=IN_UTC)
    [finding] = findings_from(rule_set(), past, source, answer.at, NOW)
    assert finding.rule in FLOOR


@unhurried
@given(several, st.lists(st.sampled_from(sorted(FLOOR_CODES)), unique=True), st.booleans(), histories())
def test_no_rule_set_changes_what_the_floor_finds(
    tests: list[Condition], codes: list[str], enabled: bool, past: History
) -> None:
    tampered = [
        rule(test, code, severity=Severity.ROUTINE, enabled=enabled)
        for code, test in zip(codes, tests, strict=False)
    ]
    urgent = [reading("phq9.item9", 1), reading("feels_safe", 0.0)]
    whole = History([*answers(past), *urgent], enrolled_at=past.enrolled_at, time_zone=past.time_zone)
    assert in_force(rule_set(*tampered)) == FLOOR
    assert evaluate(rule_set(*tampered), whole, NOW) == evaluate(rule_set(), whole, NOW)
    assert len(evaluate(rule_set(), whole, NOW)) == len(urgent)


@unhurried
@given(readings(), st.integers(0, 27))
def test_item_9_unanswered_finds_nothing(lived: list[Reading], total: int) -> None:
    past = History([*lived, reading("phq9.total", total)], enrolled_at=None, time_zone=IN_UTC)
    assert evaluate(rule_set(), past, NOW) == []
