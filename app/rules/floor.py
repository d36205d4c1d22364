"""The safety floor: the rules that are code.

No configuration switches one off, changes its severity or its condition. Somebody answers
within the hour, or within a day when the C-SSRS risk is low.

An unanswered PHQ-9 item 9 yields no reading and so finds nothing: unknown is not 0, and not 1 either.
"""

from app.rules.conditions import Threshold, signals_of
from app.rules.rule import Grade, Rule, RuleEvidence, RuleSet, Severity

_COLUMBIA = RuleEvidence(
    grade=Grade.PUBLISHED,
    citation="Columbia-Suicide Severity Rating Scale screener, triage for clinical settings",
)


def _cssrs(risk: str, severity: Severity, sentence: str, next_step: str, evidence: RuleEvidence) -> Rule:
    return Rule(
        code=f"si.cssrs_{risk}",
        title=f"C-SSRS screener: {risk}" + (" risk" if risk != "incomplete" else ""),
        severity=severity,
        floor=True,
        condition=Threshold(signal="cssrs.risk", op="==", value=risk),
        sentence=sentence,
        evidence=evidence,
        next_step=next_step,
    )


FLOOR: tuple[Rule, ...] = (
    Rule(
        code="si.crisis_flag",
        title="Crisis flag",
        severity=Severity.CRITICAL,
        floor=True,
        condition=Threshold(signal="crisis", op=">=", value=1),
        sentence="A crisis flag was raised on {day}.",
        evidence=RuleEvidence(grade=Grade.COMMON_PRACTICE, citation="A call for help is answered at once"),
        next_step="Call the person now; 988 and 911 are already on their screen.",
    ),
    Rule(
        code="si.not_safe",
        title="Does not feel safe",
        severity=Severity.CRITICAL,
        floor=True,
        condition=Threshold(signal="feels_safe", op="<", value=1),
        sentence="Answered that they do not feel safe, on {day}.",
        evidence=RuleEvidence(grade=Grade.COMMON_PRACTICE, citation="A call for help is answered at once"),
        next_step="Call the person now and go through the safety plan together.",
    ),
    _cssrs(
        "high",
        Severity.CRITICAL,
        "The C-SSRS screener of {day} shows high risk.",
        "Clinician now; if on site, do not leave the person alone; emergency evaluation.",
        _COLUMBIA,
    ),
    Rule(
        code="si.phq9_item9",
        title="Thoughts of being better off dead or of self-harm",
        severity=Severity.URGENT,
        answer_within_minutes=60,
        floor=True,
        condition=Threshold(signal="phq9.item9", op=">=", value=1),
        sentence="PHQ-9 item 9, on thoughts of death or self-harm, was answered {value} of 3 on {day}.",
        evidence=RuleEvidence(
            grade=Grade.PUBLISHED,
            citation="Simon 2013: suicide attempt within a year 0.4% at 0, 4% at 3; Rossom 2017: 5 to 8 "
            "times the attempts within 30 days at 3. The hour is common practice",
        ),
        next_step="Speak with the person today and complete the C-SSRS screener.",
    ),
    _cssrs(
        "moderate",
        Severity.URGENT,
        "The C-SSRS screener of {day} shows moderate risk.",
        "Clinician the same day; write or renew the safety plan.",
        _COLUMBIA,
    ),
    _cssrs(
        "incomplete",
        Severity.URGENT,
        "The C-SSRS screener of {day} was begun and not finished, so the risk is not known.",
        "Contact the person and finish the screener together.",
        RuleEvidence(grade=Grade.DESIGN, citation="An unfinished screener is never read as no risk"),
    ),
    _cssrs(
        "low",
        Severity.HIGH,
        "The C-SSRS screener of {day} shows low risk.",
        "Clinician at the next contact, within a day; offer a safety plan.",
        _COLUMBIA,
    ),
)

FLOOR_SIGNALS = frozenset().union(*(signals_of(rule.condition) for rule in FLOOR))
FLOOR_CODES = frozenset(rule.code for rule in FLOOR)


def in_force(rule_set: RuleSet) -> tuple[Rule, ...]:
    """The rules to evaluate: the floor as it stands here, then what the rule set has switched on."""
    return FLOOR + tuple(rule for rule in rule_set.rules if rule.enabled and rule.code not in FLOOR_CODES)
