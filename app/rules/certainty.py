"""What is certain of a finding when it is not known which zone the person lived in, or since when they stay.

Days are counted by the zone, silence by the stay; the latest reading is the latest everywhere.
"""

from app.rules.conditions import AllOf, AnyOf, Condition, Leaf, Not, leaves
from app.rules.evaluate import Finding
from app.rules.judge import judge
from app.rules.rule import Rule


def rests_on_stay(rule: Rule) -> bool:
    """Whether the stay's start and its pauses may have a part in a rule."""
    return any(leaf.kind in ("silence", "total") for leaf in leaves(rule.condition))


def holds_anywhere(finding: Finding) -> bool:
    """Whether a finding would be one in any zone and any stay: nothing that counts days was needed for it."""
    certain = _without_days(finding.rule.condition)
    if certain is None:
        return False
    as_of = finding.evidence.as_of
    return judge(certain, finding.evidence.history().until(as_of), as_of).truth is True


def _without_days(condition: Condition) -> Condition | None:
    """The part of a condition that counts no days: when it holds, the whole does. None when there is none."""
    match condition.kind:
        case "any":
            parts = tuple(part for each in condition.conditions if (part := _without_days(each)))
            return AnyOf(conditions=parts) if parts else None
        case "all":
            whole = tuple(part for each in condition.conditions if (part := _without_days(each)))
            return AllOf(conditions=whole) if len(whole) == len(condition.conditions) else None
        case "not":
            counts = any(map(_counts_days, leaves(condition)))
            return None if counts else Not(condition=condition.condition)
        case _:
            return None if _counts_days(condition) else condition


def _counts_days(leaf: Leaf) -> bool:
    return leaf.kind in ("silence", "total", "count") or (leaf.kind == "change" and leaf.against == "median")
