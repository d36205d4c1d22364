"""What is found, from whom, and what happens when a rule is broken."""

from datetime import timedelta
from uuid import UUID

import pytest

from app.rules import judge as judging
from app.rules.conditions import AllOf, Count, Silence, Threshold
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import Finding, evaluate, findings_from
from app.rules.history import History
from app.rules.reading import Reading, Source
from app.rules.rule import Rule, Severity
from tests.rules.making import NEW_YORK, NOW, history, reading, rule, rule_set, series

STRONG = rule(Threshold(signal="craving", op=">=", value=8), "craving.high")
OFTEN = rule(Count(signal="craving", op=">=", value=7, at_least=2, window_days=3), "craving.often")
A, B = Source("check_in", UUID(int=900)), Source("check_in", UUID(int=901))


def codes(findings: list[Finding]) -> list[str]:
    return [finding.rule.code for finding in findings]


def test_a_finding_says_what_it_rests_on() -> None:
    low, high = series("craving", 3, 9)
    [finding] = evaluate(rule_set(STRONG, version=7), history([low, high], enrolled_days_ago=9), NOW)
    assert finding.rule is STRONG
    assert finding.version == 7
    assert finding.sentence == "Craving was 9 on Nov 23, 2026; the rule asks for 8 or more."
    assert finding.evidence.comparison == finding.sentence
    assert finding.evidence.looked_at == finding.evidence.decisive == (high,)
    assert finding.evidence.as_of == NOW
    assert finding.stems_from(high.source)
    assert not finding.stems_from(low.source)
    assert not finding.stems_from(high.source._replace(revision=1))


def test_what_is_not_yet_lived_is_not_looked_at() -> None:
    past = history([reading("craving", 3, 1), reading("craving", 9, -1)])
    assert evaluate(rule_set(STRONG), past, NOW) == []
    assert codes(evaluate(rule_set(STRONG), past, NOW + timedelta(days=1))) == ["craving.high"]


def broken(fails_on: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(condition: Threshold, past: History) -> judging.Outcome:
        if condition.signal == fails_on:
            raise ZeroDivisionError("craving 9 of ana")
        return genuine(condition, past)

    genuine = judging._threshold
    monkeypatch.setattr(judging, "_threshold", raising)


def test_a_rule_that_raises_is_reported_and_the_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    broken("craving", monkeypatch)
    readings = [*series("craving", 9, 9), reading("feels_safe", 0.0)]
    findings = evaluate(rule_set(STRONG, OFTEN), history(readings), NOW)
    assert codes(findings) == ["si.not_safe", "rule_error.craving.high", "craving.often"]
    error = findings[1]
    assert error.rule.severity is Severity.HIGH
    assert error.sentence == "The rule craving.high could not be evaluated; the other rules were."
    assert error.evidence.comparison == "ZeroDivisionError"
    assert "9" not in str(error.evidence.to_json()["looked_at"])


def test_a_broken_floor_rule_is_as_pressing_as_what_it_may_have_missed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken("feels_safe", monkeypatch)
    [error] = evaluate(rule_set(), history([reading("feels_safe", 0.0)]), NOW)
    assert (error.rule.code, error.rule.severity) == ("rule_error.si.not_safe", Severity.CRITICAL)


def test_every_broken_rule_is_reported_with_the_answer_that_met_it(monkeypatch: pytest.MonkeyPatch) -> None:
    broken("craving", monkeypatch)
    other = rule(Threshold(signal="craving", op="<", value=2), "craving.gone")
    answer = reading("craving", 9, source=A)
    findings = findings_from(rule_set(STRONG, other), history([answer]), A, answer.at, NOW)
    assert codes(findings) == ["rule_error.craving.high", "rule_error.craving.gone"]
    assert ["craving.high" in findings[0].sentence, "craving.gone" in findings[1].sentence] == [True, True]


def submit(*readings: Reading, source: Source = A, rules: tuple[Rule, ...] = (STRONG, OFTEN)) -> list[str]:
    """The sentences of what the answer `source` brings to light now."""
    at = max(r.at for r in readings if r.source == source)
    return [f.sentence for f in findings_from(rule_set(*rules), history(readings), source, at, NOW)]


def test_only_what_stems_from_the_answer_is_kept() -> None:
    earlier = reading("craving", 9, 1)
    assert submit(earlier, reading("mood", 3, source=A)) == []
    assert submit(earlier, reading("craving", 2, source=A)) == []


def test_an_answer_is_heard_by_a_rule_that_reads_another_signal_too() -> None:
    both = rule(AllOf(conditions=(STRONG.condition, Threshold(signal="phq9.total", op=">=", value=15))))
    assert len(submit(reading("phq9.total", 20, 3), reading("craving", 9, source=A), rules=(both,))) == 1


def test_one_finding_a_rule() -> None:
    assert submit(reading("craving", 8, 0.01, source=A)) == [
        "Craving was 8 on Nov 23, 2026; the rule asks for 8 or more."
    ]


def test_a_late_answer_counts_on_its_own_day() -> None:
    late, since = reading("craving", 9, 5, source=A), reading("craving", 1)
    assert submit(late, since) == [
        "Craving was 9 on Nov 18, 2026; the rule asks for 8 or more (reported for Nov 18, 2026)."
    ]


def test_a_late_answer_counts_today_as_well() -> None:
    late, today = reading("craving", 7, 1, source=A), reading("craving", 7)
    assert submit(late, today) == [
        "Craving was 7 or more on 2 of the last 3 days; the rule asks for 2 (reported for Nov 22, 2026)."
    ]


def test_a_late_cry_for_help_is_heard_though_all_was_well_since() -> None:
    late, since = reading("feels_safe", 0.0, 2, source=A), reading("feels_safe", 1.0)
    assert submit(late, since, rules=()) == [
        "Answered that they do not feel safe, on Nov 21, 2026 (reported for Nov 21, 2026)."
    ]


def test_an_answer_that_came_on_a_later_day_says_so() -> None:
    late = reading("crisis", 1.0, 21, source=A, received=NOW)
    assert submit(late, rules=()) == [
        "A crisis flag was raised on Nov 2, 2026 (reported for Nov 2, 2026, received on Nov 23, 2026)."
    ]


def test_of_two_answers_in_one_second_both_are_heard() -> None:
    unsafe, safe = reading("feels_safe", 0.0, source=A), reading("feels_safe", 1.0, source=B)
    for first, second in ((unsafe, safe), (safe, unsafe)):
        assert len(submit(first, second, source=A, rules=())) == 1
    assert submit(unsafe, safe, source=B, rules=()) == []


@pytest.mark.parametrize("days_ahead", [1 / 24, 1, 400])
def test_an_answer_with_a_clock_ahead_is_heard_at_once(days_ahead: float) -> None:
    ahead = reading("feels_safe", 0.0, -days_ahead, source=A)
    [sentence] = submit(ahead, reading("feels_safe", 1.0), rules=())
    assert "reported for" not in sentence


def test_each_revision_is_an_answer_of_its_own() -> None:
    first, revised = reading("craving", 9, source=A), reading("craving", 1, source=A._replace(revision=1))
    assert len(submit(first, revised, source=A, rules=(STRONG,))) == 1
    assert submit(first, revised, source=revised.source, rules=(STRONG,)) == []


def test_a_word_after_silence_brings_no_silence_to_light() -> None:
    silent = rule(Silence(signal="check_in", days=3), "checkin.missed")
    assert submit(reading("check_in", 1, 5, source=A), rules=(silent,)) == []


def test_a_rule_that_asks_only_for_what_is_lacking_is_left_to_the_sweep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def raising(*_: object) -> judging.Outcome:
        raise AssertionError

    monkeypatch.setattr(judging, "_silence", raising)
    assert submit(reading("check_in", 1, source=A), rules=(rule(Silence(signal="check_in", days=3)),)) == []


def test_today_is_the_persons_own_day() -> None:
    # 23:30 on Sunday in New York is Monday in UTC; known at midnight, it is for the day before.
    lived = NOW.replace(hour=4, minute=30)
    answer = Reading("craving", 9.0, lived, lived.astimezone(NEW_YORK).date(), lived, A)
    past = history([answer], zone=NEW_YORK)
    [same_day] = findings_from(rule_set(STRONG), past, A, lived, lived)
    [next_day] = findings_from(rule_set(STRONG), past, A, lived, lived + timedelta(minutes=30))
    assert "reported for" not in same_day.sentence
    assert next_day.sentence.endswith("(reported for Nov 22, 2026).")
    assert next_day.evidence.reported_for == answer.day


def test_the_default_pack_hears_a_whole_check_in() -> None:
    answers: dict[str, float] = {"craving": 9, "used": 1, "sleep_hours": 7, "feels_safe": 0}
    readings = [reading(signal, value, source=A) for signal, value in answers.items()]
    findings = findings_from(DEFAULT_PACK, history(readings), A, NOW, NOW)
    assert codes(findings) == ["si.not_safe", "craving.high", "use.reported"]
