"""What an answer must have led to, where it is not certain what was known, or which rules were in force."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.rules.certainty import holds_anywhere, rests_on_stay
from app.rules.conditions import (
    AllOf,
    AnyOf,
    Change,
    Condition,
    Count,
    Not,
    Run,
    Silence,
    Threshold,
    Total,
)
from app.rules.evaluate import findings_from
from app.rules.reading import Reading, Source
from app.rules.replay_case import Answer
from app.watching.hindsight import owed, versions_in_force
from tests.rules.making import NOW, history, reading, rule, rule_set

HIGH = Threshold(signal="craving", op=">=", value=8)
TWICE = Run(signal="craving", op=">=", value=8, n=2)
ONE, TWO, THREE = (Source("check_in", UUID(int=number)) for number in (1, 2, 3))
SECOND = timedelta(seconds=1)


def answer(source: Source, value: float, received_at: datetime = NOW, at: datetime | None = None) -> Answer:
    lived = at or received_at
    read = Reading("craving", value, lived, lived.date(), received_at, source)
    return Answer(source, lived, received_at, (read,))


def codes(one: Answer, *others: Answer, by: Condition = TWICE) -> list[str]:
    answers = sorted([one, *others], key=lambda each: each.received_at)
    return [each.rule.code for each in owed(one, answers, [rule_set(rule(by, "own"))], history)]


def test_what_came_before_is_known() -> None:
    assert codes(answer(ONE, 9), answer(TWO, 9, NOW - timedelta(hours=1))) == ["own"]


def test_what_came_later_is_not_known_however_early_it_was_lived() -> None:
    late = answer(TWO, 9, NOW + timedelta(hours=1), at=NOW - timedelta(hours=1))
    assert codes(answer(ONE, 9), late) == []


@pytest.mark.parametrize("apart", [-5 * SECOND, -SECOND, SECOND, 5 * SECOND])
def test_of_two_at_once_nobody_knows_which_was_first(apart: timedelta) -> None:
    other = answer(TWO, 9, NOW + apart, at=NOW - timedelta(hours=1))
    assert codes(answer(ONE, 9), other) == [], "it may have come alone"
    assert codes(answer(ONE, 9), other, by=HIGH) == ["own"], "it needs no other"


def test_six_seconds_are_certain() -> None:
    assert codes(answer(ONE, 9), answer(TWO, 9, NOW - 6 * SECOND)) == ["own"]


def test_of_one_batch_the_order_is_known() -> None:
    earlier = answer(TWO, 9, NOW, at=NOW - timedelta(hours=1))
    one_set, one = [rule_set(rule(TWICE, "own"))], answer(ONE, 9)
    assert owed(one, [earlier, one], one_set, history)
    assert not owed(earlier, [earlier, one], one_set, history)


def test_of_one_batch_and_one_moment_it_is_not() -> None:
    """A phone whose clock is years off: everything counts as lived when it came."""
    one_set, one, other = [rule_set(rule(TWICE, "own"))], answer(ONE, 9), answer(TWO, 9)
    assert not owed(other, [one, other], one_set, history)


def test_of_two_revisions_the_order_is_known() -> None:
    first = answer(ONE, 9)
    second = answer(ONE._replace(revision=1), 2, NOW + SECOND, at=NOW)
    assert codes(first, second, by=HIGH) == ["own"]


def test_only_what_either_version_finds_is_owed() -> None:
    one = answer(ONE, 9)
    low, high = (rule_set(rule(Threshold(signal="craving", op=">=", value=v), "own")) for v in (8, 10))
    assert owed(one, [one], [low], history)
    assert not owed(one, [one], [low, high], history)


def test_a_rule_that_fails_is_not_the_answers() -> None:
    broken = rule(HIGH, "own").model_copy(update={"condition": {"kind": "of_tomorrow"}})
    one = answer(ONE, 9)
    assert not owed(one, [one], [rule_set().model_copy(update={"rules": (broken,)})], history)


def test_the_first_check_in_ever_is_not_asked_for() -> None:
    """A live answer finds only a part of that series loaded; of assessments, all."""
    before = answer(TWO, 2, NOW - timedelta(hours=1))
    rise = Change(signal="craving", against="baseline", direction="rise", by=3)
    assert codes(answer(ONE, 9), before, by=rise) == []
    rise = Change(signal="craving", against="previous", direction="rise", by=3)
    assert codes(answer(ONE, 9), before, by=rise) == ["own"]


def of_a_session(number: int, value: float, received_at: datetime = NOW, hours_ago: float = 1) -> Answer:
    source, lived = Source("attendance", UUID(int=number), 1), NOW - timedelta(hours=hours_ago)
    read = Reading("session.missed", value, lived, lived.date(), received_at, source)
    return Answer(source, lived, received_at, (read,))


def test_of_two_sessions_entered_at_once_nobody_knows_which_was_first() -> None:
    twice = Run(signal="session.missed", op=">=", value=1, n=2)
    one, other = of_a_session(1, 1), of_a_session(2, 1, hours_ago=5)
    assert owed(one, [other, one], [rule_set(rule(twice, "own"))], history) == []
    assert codes(one, of_a_session(2, 1, NOW - 6 * SECOND, hours_ago=5), by=twice) == ["own"]


def test_neither_the_first_session_ever_nor_what_was_planned_is_asked_for() -> None:
    before = of_a_session(2, 0, NOW - timedelta(hours=5), hours_ago=6)
    rise = Change(signal="session.missed", against="baseline", direction="rise", by=1)
    assert codes(of_a_session(1, 1), before, by=rise) == []
    assert codes(of_a_session(1, 1), before, by=rise.model_copy(update={"against": "previous"})) == ["own"]
    total = Total(signal="session.missed", op=">=", value=1, window="program_week")
    assert codes(of_a_session(1, 1), before, by=total) == ["own"]
    assert codes(of_a_session(1, 1), before, by=total.model_copy(update={"project": True})) == []


PUBLISHED = [(NOW, 1), (NOW + timedelta(hours=1), 2), (NOW + timedelta(hours=2), 3)]


@pytest.mark.parametrize(
    ("after", "versions"),
    [
        (timedelta(days=-3), [1]),
        (timedelta(minutes=1), [1]),
        (timedelta(hours=1) - 11 * SECOND, [1]),
        (timedelta(hours=1) - 9 * SECOND, [1, 2]),
        (timedelta(hours=1) + 9 * SECOND, [1, 2]),
        (timedelta(hours=1) + 10 * SECOND, [2]),
        (timedelta(hours=5), [3]),
    ],
)
def test_which_versions_may_have_been_in_force(after: timedelta, versions: list[int]) -> None:
    assert versions_in_force(PUBLISHED, NOW + after) == versions


COUNTS = Count(signal="craving", op=">=", value=7, at_least=1, window_days=3)
SILENT = Silence(signal="session.attended", hours=1)


@pytest.mark.parametrize(
    ("condition", "certain"),
    [
        (HIGH, True),
        (Run(signal="craving", op=">=", value=8, n=1), True),
        (COUNTS, False),
        (AnyOf(conditions=(COUNTS, HIGH)), True),
        (AnyOf(conditions=(COUNTS, Threshold(signal="craving", op=">=", value=10))), False),
        (AllOf(conditions=(COUNTS, HIGH)), False),
        (AllOf(conditions=(HIGH, AnyOf(conditions=(COUNTS, HIGH)))), True),
        (AllOf(conditions=(HIGH, Not(condition=Threshold(signal="craving", op="<", value=3)))), True),
        (AllOf(conditions=(HIGH, Not(condition=Not(condition=COUNTS)))), False),
        (AllOf(conditions=(HIGH, SILENT)), False),
        (AnyOf(conditions=(HIGH, SILENT)), True),
    ],
)  # fmt: skip
def test_what_holds_whatever_the_zone_and_the_stay(condition: Condition, certain: bool) -> None:
    one = reading("craving", 9)
    known = history([one], enrolled_days_ago=5)
    (finding,) = findings_from(rule_set(rule(condition)), known, one.source, NOW, NOW)
    assert holds_anywhere(finding) is certain
    assert rests_on_stay(finding.rule) is ("silence" in str(condition))
