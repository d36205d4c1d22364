"""Whether a condition fits what a program's answers can be: signals that there are, values that they have."""

from collections.abc import Iterator
from typing import LiteralString, NamedTuple

from app.rules.conditions import Condition, Count, Leaf, Run, Threshold, parts
from app.rules.unfit import SENTENCES
from app.rules.vocabulary import KnownSignal, Vocabulary


class Misfit(NamedTuple):
    """Where in the rule, a stable code, and a sentence without anything of what was sent."""

    pointer: str
    code: str
    sentence: str


def misfits(condition: Condition, known: Vocabulary, pointer: str = "/condition") -> Iterator[Misfit]:
    """Everything in a condition that could never be found."""
    match condition.kind:
        case "all" | "any" | "not":
            place = "condition" if condition.kind == "not" else "conditions/{}"
            for index, part in enumerate(parts(condition)):
                yield from misfits(part, known, f"{pointer}/{place.format(index)}")
        case _:
            found = _misfit(condition, known.get(condition.signal))
            if found is not None:
                yield found._replace(pointer=f"{pointer}{found.pointer}")


def _misfit(leaf: Leaf, signal: KnownSignal | None) -> Misfit | None:
    if signal is None:
        return _said("/signal", "unknown_signal")
    match leaf.kind:
        case "silence":
            return None
        case "change" | "total" if signal.kind == "choice":
            return _said("/signal", "not_a_number")
        case "change":
            span = _maximum(signal) - _minimum(signal)
            return _of_range("/by", "never_true", signal) if leaf.by > span else None
        case "total":
            # A sum has no most, but for signals that are never negative it has a least.
            below = isinstance(leaf.value, float) and leaf.value < _minimum(signal) and _minimum(signal) >= 0
            return _of_range("/value", "sum_out_of_range", signal) if below else None
        case _:
            return _of_value(leaf, signal)


def _of_value(leaf: Threshold | Count | Run, signal: KnownSignal) -> Misfit | None:
    if signal.kind == "choice":
        codes = [choice.code for choice in signal.choices]
        return None if leaf.value in codes else _said("/value", "not_a_choice", choices=", ".join(codes))
    if isinstance(leaf.value, str):
        return _said("/value", "not_a_code")
    if not _minimum(signal) <= leaf.value <= _maximum(signal):
        return _of_range("/value", "out_of_range", signal)
    ends = {">": _maximum(signal), "<": _minimum(signal)}
    return _of_range("/value", "never_true", signal) if leaf.value == ends.get(leaf.op) else None


def _minimum(signal: KnownSignal) -> float:
    return float("-inf") if signal.minimum is None else signal.minimum


def _maximum(signal: KnownSignal) -> float:
    return float("inf") if signal.maximum is None else signal.maximum


def _of_range(pointer: str, code: LiteralString, signal: KnownSignal) -> Misfit:
    return _said(pointer, code, minimum=_minimum(signal), maximum=_maximum(signal))


def _said(pointer: str, code: LiteralString, **shown: object) -> Misfit:
    return Misfit(pointer, code, SENTENCES[code].format(**shown))
