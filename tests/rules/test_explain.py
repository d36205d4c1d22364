"""A finding can be kept as JSON and found again from what was kept, also after the rule was changed."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from app.rules.conditions import AllOf, AnyOf, Change, Not, Silence, Threshold, Total
from app.rules.default_pack import DEFAULT_PACK
from app.rules.evaluate import Evidence, Finding, evaluate, explain, findings_from
from app.rules.history import History
from app.rules.reading import Source
from app.rules.rule import Rule
from tests.rules.making import NEW_YORK, NOW, history, leave, off, reading, rule, rule_set, series

STRONG = rule(
    Threshold(signal="craving", op=">=", value=8), sentence="Craving {value}, {threshold} is too much."
)


def the_finding(ruled: Rule, past: History) -> Finding:
    [finding] = evaluate(rule_set(ruled, version=4), past, NOW)
    return finding


def kept(evidence: Evidence) -> Evidence:
    return Evidence.from_json(json.loads(json.dumps(evidence.to_json())))


def test_the_same_after_json() -> None:
    past = history(series("craving", 3, 9.5), enrolled_days_ago=20.3, zone=NEW_YORK, week_starts_on=6)
    evidence = replace(the_finding(STRONG, past).evidence, reported_for=NOW.date())
    assert kept(evidence) == evidence
    assert kept(evidence).to_json() == evidence.to_json()


def test_a_code_is_still_a_code_after_json() -> None:
    [finding] = evaluate(rule_set(), history([reading("cssrs.risk", "high")]), NOW)
    assert kept(finding.evidence).looked_at[0].value == "high"


def test_holds_again_on_its_evidence_alone() -> None:
    finding = the_finding(STRONG, history(series("craving", 1, 2, 9)))
    explanation = explain(STRONG, 4, kept(finding.evidence), sentence=finding.sentence)
    assert explanation.holds
    assert explanation.same_sentence
    assert explanation.version == 4
    assert explanation.comparison == "Craving was 9 on Nov 23, 2026; the rule asks for 8 or more."


def test_says_when_the_rule_of_another_version_would_not_hold() -> None:
    finding = the_finding(STRONG, history(series("craving", 9)))
    stricter = rule(Threshold(signal="craving", op=">=", value=10))
    explanation = explain(stricter, 5, finding.evidence, sentence=finding.sentence)
    assert (explanation.holds, explanation.same_sentence, explanation.sentence) == (False, False, "")


def test_says_when_the_sentence_would_be_another() -> None:
    finding = the_finding(STRONG, history(series("craving", 9)))
    reworded = STRONG.model_copy(update={"sentence": "Strong craving: {value}."})
    explanation = explain(reworded, 5, finding.evidence, sentence=finding.sentence)
    assert (explanation.holds, explanation.same_sentence) == (True, False)
    assert explanation.sentence == "Strong craving: 9."


def test_silence_is_found_again_from_nothing_but_the_start_of_the_stay() -> None:
    silent = rule(Silence(signal="check_in", days=3))
    finding = the_finding(silent, history(enrolled_days_ago=3))
    assert finding.evidence.looked_at == ()
    assert explain(silent, 1, kept(finding.evidence), sentence=finding.sentence).same_sentence


def test_what_was_scheduled_is_part_of_the_evidence() -> None:
    short = rule(Total(signal="session.minutes", op="<", value=540, window="program_week", project=True))
    to_come = [reading("session.minutes", 180, -days) for days in (1, 2, 9)]
    finding = the_finding(short, history(series("session.minutes", 100), scheduled=to_come))
    assert [r.value for r in finding.evidence.looked_at] == [100, 180, 180]
    explanation = explain(short, 1, kept(finding.evidence), sentence=finding.sentence)
    assert explanation.same_sentence
    assert "came to 460" in explanation.sentence


def test_a_plan_is_not_taken_for_lived_when_its_time_has_come() -> None:
    short = rule(Total(signal="session.minutes", op="<", value=540, window="program_week", project=True))
    to_come = [reading("session.minutes", 180, -days) for days in (1, 3)]
    finding = the_finding(short, history(series("session.minutes", 100), scheduled=to_come))
    two_days_later = explain(short, 1, finding.evidence, NOW + timedelta(days=2), sentence=finding.sentence)
    assert "came to 280" in two_days_later.sentence  # 100 lived, 180 of the third day still to come


def test_the_programs_week_is_part_of_the_evidence() -> None:
    week = rule(Total(signal="session.minutes", op=">=", value=300, window="program_week"))
    since_sunday = history(series("session.minutes", 200, 100), week_starts_on=6)
    finding = the_finding(week, since_sunday)
    assert explain(week, 1, kept(finding.evidence), sentence=finding.sentence).same_sentence


def test_the_remark_on_a_late_answer_is_said_again() -> None:
    source = Source("check_in", UUID(int=1))
    late = reading("craving", 9, 4, source=source)
    past = history([late, reading("craving", 1)])
    [finding] = findings_from(rule_set(STRONG), past, source, late.at, NOW)
    assert finding.sentence == "Craving 9, 8 is too much (reported for Nov 19, 2026)."
    assert explain(STRONG, 1, kept(finding.evidence), sentence=finding.sentence).same_sentence


def test_another_moment_can_be_asked_about() -> None:
    silent = rule(Silence(signal="check_in", days=3))
    finding = the_finding(silent, history([reading("check_in", 1, 3)]))
    before = explain(silent, 1, finding.evidence, NOW - timedelta(minutes=1), sentence=finding.sentence)
    assert not before.holds


def test_the_pauses_are_part_of_the_evidence() -> None:
    silent = rule(Silence(signal="check_in", days=3))
    pauses = [leave(15, 13), off(8, 6), off(5, 4), leave(5, 4.5), leave(1)]
    past = history([reading("check_in", 1, 7)], enrolled_days_ago=20, pauses=pauses)
    finding = the_finding(silent, past)
    # Of seven days one was off, another off and partly on leave as well, and the last was on leave.
    assert set(finding.evidence.pauses) == {*pauses[1:]}
    assert finding.sentence == (
        "No check-in for 3 days (days off and leave not counted) or longer, since Nov 16, 2026."
    )
    assert kept(finding.evidence) == finding.evidence
    assert explain(silent, 1, kept(finding.evidence), sentence=finding.sentence).same_sentence


def test_a_pause_is_in_the_evidence_though_it_only_kept_a_part_from_deciding() -> None:
    """Else the total of a person on leave would be known when it is looked at again, and said as well."""
    few = Total(signal="check_in", op="<", value=4, window="rolling", window_days=7)
    strong = Threshold(signal="craving", op=">=", value=8)
    past = history([reading("craving", 9)], enrolled_days_ago=20, pauses=[leave(5, 4)])
    for part in (few, Not(condition=Not(condition=few))):
        either = rule(AnyOf(conditions=(part, strong)))
        finding = the_finding(either, past)
        assert finding.sentence == "Craving was 9 on Nov 23, 2026; the rule asks for 8 or more."
        assert explain(either, 1, kept(finding.evidence), sentence=finding.sentence).same_sentence
        unpaused = replace(finding.evidence, pauses=())
        assert not explain(either, 1, unpaused, sentence=finding.sentence).same_sentence


def test_evidence_of_before_there_were_pauses_has_none() -> None:
    silent = rule(Silence(signal="check_in", days=3))
    finding = the_finding(silent, history(enrolled_days_ago=3))
    stored = finding.evidence.to_json()
    del stored["pauses"]
    assert Evidence.from_json(stored) == finding.evidence


def test_every_default_rule_is_found_again() -> None:
    readings = [
        *series("craving", 2, 2, 2, 9),
        *series("phq9.total", 9, 21),
        *series("gad7.total", 9, 21),
        *series("used", 1.0),
        *series("used.opioids", 0.0, 0.0, 0.0, 0.0, 1.0),
        *series("sleep_hours", 4, 4, 4),
        *series("session.missed", 1.0, 1.0, 1.0),
        *series("phq9.item9", 1),
        *series("goal.behind", 1.0),
        *series("follow_up.overdue", 1.0),
        *series("hours.shortfall", 0.5),
    ]
    missed = [reading("check_in", 1, 8), reading("phq9.total", 9, 11), reading("gad7.total", 9, 11)]
    findings = evaluate(DEFAULT_PACK, history(readings), NOW)
    findings += evaluate(DEFAULT_PACK, history(missed, enrolled_days_ago=20), NOW)
    switched_on = {ruled.code for ruled in DEFAULT_PACK.rules if ruled.enabled}
    assert {finding.rule.code for finding in findings if not finding.rule.floor} == switched_on
    for finding in findings:
        explanation = explain(finding.rule, 1, kept(finding.evidence), sentence=finding.sentence)
        assert explanation.same_sentence, finding.rule.code


def test_only_what_was_looked_at_is_kept() -> None:
    rise = Change(signal="phq9.total", against="baseline", direction="rise", by=5)
    both = rule(AllOf(conditions=(rise, Threshold(signal="mood", op="<", value=3))))
    past = history([*series("phq9.total", 5, 7, 8, 12), *series("mood", 9, 1), *series("craving", 9)])
    finding = the_finding(both, past)
    assert [(r.signal, r.value) for r in finding.evidence.looked_at] == [
        ("phq9.total", 5),
        ("phq9.total", 12),
        ("mood", 1),
    ]
