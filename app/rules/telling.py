"""Rules and what became of them in plain words, for whoever answers for them."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from app.rules import wording
from app.rules.conditions import AllOf, AnyOf, Change, Condition, Count, Leaf, Threshold, parts
from app.rules.judge import Outcome
from app.rules.rule import Rule

_NOTHING_FOUND = Outcome(None, measured=0.0)
_AGAINST = {
    "baseline": "the first",
    "previous": "the one before",
    "best_of_last": "the best of the last {n}",
    "median": "the median of the {window_days} days before",
}
_REWORDED = {
    "sentence": "The sentence for the care team was reworded.",
    "next_step": "The next step was reworded.",
    "evidence": "What the rule rests on was changed.",
}


def told(condition: Condition) -> str:
    """What a condition asks for: "craving 8 or more, or craving 7 or more on 2 of the last 3 days"."""
    match condition.kind:
        case "all" | "any":
            between = ", and " if condition.kind == "all" else ", or "
            return between.join(map(_as_part, condition.conditions))
        case "not":
            return f"not ({told(condition.condition)})"
        case "silence":
            return f"no {wording.name_of(condition.signal)} for {_asked(condition)}"
        case _:
            return f"{wording.name_of(condition.signal)} {_asked(condition)}"


def reworded(before: Rule, after: Rule) -> str:
    """What became of a rule, in one or more sentences; empty when nothing did."""
    return " ".join(_sentences(before, after))


def _as_part(condition: Condition) -> str:
    return f"({told(condition)})" if len(parts(condition)) > 1 else told(condition)


def _asked(leaf: Leaf) -> str:
    match leaf.kind:
        case "change":
            way = "up" if leaf.direction == "rise" else "down"
            against = _AGAINST[leaf.against].format(n=leaf.n, window_days=leaf.window_days)
            return f"{way} by {_fact('{threshold}', leaf)} or more from {against}"
        case "count":
            return _fact(_how_often(leaf), leaf)
        case "run":
            return _fact("{asked} {n} times in a row", leaf)
        case "total":
            projected = ", with what is scheduled," if leaf.project else ""
            return _fact(f"in {{window}}{projected} {{asked}}", leaf)
        case "threshold" | "silence":
            return _fact("{asked}", leaf)


def _how_often(count: Count) -> str:
    if count.per == "reading":
        return f"{{asked}} in at least {wording.readings_of(count.signal, count.at_least)} of {{window}}"
    return "{asked} {window}" if count.window_days == 1 else "{asked} on at least {at_least} of {window}"


def _fact(sentence: str, leaf: Leaf) -> str:
    """Filled as an alert's sentence would be, with what the condition says of itself."""
    if isinstance(leaf, Change):
        return sentence.format(threshold=f"{leaf.by:.6g}")
    return wording.fill(sentence, leaf, _NOTHING_FOUND)


def _sentences(before: Rule, after: Rule) -> Iterator[str]:
    if before.enabled != after.enabled:
        yield "Switched on." if after.enabled else "Switched off."
    if before.severity != after.severity:
        yield f"Severity: from {before.severity} to {after.severity}."
    if before.answer_within_minutes != after.answer_within_minutes:
        yield f"To be answered: from {_within(before)} to {_within(after)}."
    for told_of in _of_condition(before.condition, after.condition):
        yield f"{told_of[:1].upper()}{told_of[1:]}."
    if before.title != after.title:
        yield f"Title: from “{before.title}” to “{after.title}”."
    yield from (said for name, said in _REWORDED.items() if getattr(before, name) != getattr(after, name))


def _within(rule: Rule) -> str:
    minutes = rule.answer_within_minutes
    return "as its severity says" if minutes is None else f"within {minutes} minutes"


def _of_condition(before: Condition, after: Condition) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, AllOf | AnyOf) and before.kind == after.kind:
        yield from _of_parts(before.conditions, parts(after))
    elif before.kind == "not" and after.kind == "not":
        yield from (f"not: {said}" for said in _of_condition(before.condition, after.condition))
    else:
        yield _from_to(before, after)


def _of_parts(before: Sequence[Condition], after: Sequence[Condition]) -> Iterator[str]:
    """Parts are paired where they are equal, and between those in their order."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for _, i, j, k, m in (each for each in matcher.get_opcodes() if each[0] != "equal"):
        paired = min(j - i, m - k)
        for old, new in zip(before[i : i + paired], after[k : k + paired], strict=True):
            yield from _of_condition(old, new)
        yield from (f"no longer: {told(old)}" for old in before[i + paired : j])
        yield from (f"new: {told(new)}" for new in after[k + paired : m])


def _from_to(before: Condition, after: Condition) -> str:
    if isinstance(before, AllOf | AnyOf) or isinstance(after, AllOf | AnyOf):
        return f"from “{told(before)}” to “{told(after)}”"
    if before.kind == "not" or after.kind == "not" or before.signal != after.signal:
        return f"from “{told(before)}” to “{told(after)}”"
    name = wording.name_of(after.signal)
    if isinstance(before, Threshold) and isinstance(after, Threshold) and before.op == after.op:
        return f"{name}: from {_fact('{threshold}', before)} to {_fact('{threshold}', after)}"
    return f"{name}: from {_asked(before)} to {_asked(after)}"
