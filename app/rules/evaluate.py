"""Which rules hold for a patient, and why. Live, sweep, backtest and explanation all ask here."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.rules import wording
from app.rules.conditions import signals_of, tells_of_absence
from app.rules.evidence import Evidence
from app.rules.floor import FLOOR_CODES, in_force
from app.rules.history import History
from app.rules.judge import judge
from app.rules.reading import Source
from app.rules.rule import RULE_ERROR, Rule, RuleSet, Severity, is_rule_error

__all__ = ["Evidence", "Explanation", "Finding", "evaluate", "explain", "findings_from", "findings_of"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of a version of a rule set that holds, in one sentence, with its evidence."""

    rule: Rule
    version: int
    sentence: str
    evidence: Evidence

    def stems_from(self, source: Source) -> bool:
        """Whether that answer is part of what decided it."""
        return any(reading.source == source for reading in self.evidence.decisive)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding, looked at again: does it hold on its evidence, and is it still said in the same sentence?"""

    holds: bool
    sentence: str
    same_sentence: bool
    version: int
    comparison: str


def evaluate(rule_set: RuleSet, history: History, now: datetime) -> list[Finding]:
    """Every rule that holds at `now`, the safety floor's first. Readings lived after `now` are not looked at.

    A rule that raises is a finding itself, coded `rule_error.<rule>`; the others are not disturbed by it.
    """
    return findings_of(in_force(rule_set), rule_set.version, history.until(now), now)


def findings_from(
    rule_set: RuleSet, history: History, source: Source, at: datetime, now: datetime
) -> list[Finding]:
    """What one answer, lived at `at` and known at `now`, brings to light: one finding a rule.

    It is evaluated as of now and as of its own time, so that a late answer counts on its day as well as
    today, and one with a clock ahead counts at once. Both need the history before `at` too. Rules that read
    none of the answer's signals, or ask only for what is lacking, cannot stem from it and are left alone.
    """
    signals = history.signals_from(source)
    rules = [rule for rule in in_force(rule_set) if _may_stem(rule, signals)]
    found = findings_of(rules, rule_set.version, history.until(now), now)
    is_today = at <= now and history.local_day(at) == history.local_day(now)
    if not (is_today and history.ends_with(source, at)):  # else both are the same
        found += findings_of(rules, rule_set.version, history.until(at, ending_with=source), at)
    first: dict[str, Finding] = {}
    for finding in found:
        if is_rule_error(finding.rule.code) or finding.stems_from(source):
            first.setdefault(finding.rule.code, finding)
    return [_dated(finding, source, now) for finding in first.values()]


def explain(
    rule: Rule, version: int, evidence: Evidence, as_of: datetime | None = None, *, sentence: str
) -> Explanation:
    """Decides again from stored evidence whether `rule`, as it was in `version`, holds, and compares
    `sentence`.

    `as_of` is the evidence's own moment unless another is asked about.
    """
    now = as_of or evidence.as_of
    finding = _find(rule, version, evidence.history().until(now), now)
    if finding is None or finding.rule.code != rule.code:
        return Explanation(False, "", False, version, "")
    again = _remarked(finding.sentence, evidence)
    return Explanation(True, again, again == sentence, version, finding.evidence.comparison)


def findings_of(rules: Iterable[Rule], version: int, seen: History, now: datetime) -> list[Finding]:
    """Which of these rules hold at `now`, over a history that ends there."""
    findings = (_find(rule, version, seen, now) for rule in rules)
    return [finding for finding in findings if finding is not None]


def _may_stem(rule: Rule, signals: Collection[str]) -> bool:
    """Whether an answer that has these signals can be part of what decides the rule."""
    try:
        condition = rule.condition
        return not (tells_of_absence(condition) or signals_of(condition).isdisjoint(signals))
    except Exception:  # noqa: BLE001 - a rule too broken to say what it reads is evaluated, and so reported
        return True


def _find(rule: Rule, version: int, history: History, now: datetime) -> Finding | None:
    try:
        outcome = judge(rule.condition, history, now)
        if not outcome.truth:
            return None
        evidence = Evidence(
            looked_at=tuple(outcome.looked_at),
            decisive=tuple(outcome.decisive),
            comparison=wording.comparison(rule.condition, outcome),
            as_of=now.astimezone(UTC),
            time_zone=history.time_zone,
            enrolled_at=history.enrolled_at,
            week_starts_on=history.week_starts_on,
            pauses=tuple(outcome.pauses),
        )
        return Finding(rule, version, wording.fill(rule.sentence, rule.condition, outcome), evidence)
    except Exception as error:  # noqa: BLE001 - whatever one rule does, the others are heard, and it is reported
        return _rule_error(rule, version, history, now, type(error).__name__)


def _rule_error(rule: Rule, version: int, history: History, now: datetime, error: str) -> Finding:
    """For the clinical lead. Names the rule and the kind of error, never a value.

    A broken floor rule is as pressing as what it may have missed.
    """
    sentence = f"The rule {rule.code} could not be evaluated; the other rules were."
    failed = rule.model_copy(
        update={
            "code": f"{RULE_ERROR}.{rule.code}"[:64],
            "title": f"Rule {rule.code} could not be evaluated",
            "severity": rule.severity if rule.code in FLOOR_CODES else Severity.HIGH,
            "answer_within_minutes": None,
            "floor": False,
            "sentence": sentence,
            "next_step": "Look at the rule with the engineer; look at the patient's answers yourself.",
        }
    )
    evidence = Evidence(
        (), (), error, now.astimezone(UTC), history.time_zone, history.enrolled_at, history.week_starts_on
    )
    return Finding(failed, version, sentence, evidence)


def _dated(finding: Finding, source: Source, now: datetime) -> Finding:
    """Says for which day a late answer was given, and when it came."""
    day = max((r.day for r in finding.evidence.decisive if r.source == source), default=None)
    if day is None or day >= now.astimezone(finding.evidence.time_zone).date():
        return finding
    evidence = replace(finding.evidence, reported_for=day)
    return replace(finding, sentence=_remarked(finding.sentence, evidence), evidence=evidence)


def _remarked(sentence: str, evidence: Evidence) -> str:
    if evidence.reported_for is None:
        return sentence
    came_on = evidence.received_on
    received = f", received on {wording.on(came_on)}" if came_on and came_on > evidence.reported_for else ""
    return f"{sentence.removesuffix('.')} (reported for {wording.on(evidence.reported_for)}{received})."
